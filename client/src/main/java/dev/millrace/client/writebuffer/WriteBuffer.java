package dev.millrace.client.writebuffer;

import dev.millrace.client.sqlite.SqliteRow;
import dev.millrace.client.store.Durability;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.LocalChange;
import dev.millrace.client.store.Overlay;
import dev.millrace.client.store.Store;
import dev.millrace.client.store.Tx;
import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteError;
import dev.millrace.protocol.WriteResult;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The queue of the user's changes on their way to Postgres: persistent, in the store's file, each
 * change in one transaction with its place in the overlay. A change is {@code pending}, then {@code
 * syncing}, and gone when it is applied; or an {@code error}, which is a dead letter.
 *
 * <p>May be used from any thread; one {@link Uploader} empties it.
 */
public final class WriteBuffer {

  private static final JsonLimits LIMITS = new JsonLimits(400, Integer.MAX_VALUE);
  private static final Set<String> WANTS_NEW_ID = Set.of("too_old", "clock_ahead");
  private static final Set<String> NEEDS_EARLIER = Set.of("foreign_key_violation", "row_not_found");

  private final Store store;
  private final InstantSource clock;
  private final Supplier<String> ids;
  private final Map<String, WeakReference<WriteHandle>> handles = new HashMap<>();
  private volatile Runnable onEnqueue = () -> {};

  /**
   * Over a store.
   *
   * @param ids gives UUIDs, a new one each time
   */
  public WriteBuffer(Store store, InstantSource clock, Supplier<String> ids) {
    this.store = store;
    this.clock = clock;
    this.ids = ids;
  }

  /** Calls {@code listener} after each transaction that has put something into the queue. */
  public void onEnqueue(Runnable listener) {
    onEnqueue = listener;
  }

  /**
   * Adds a change: on the disk, shown and queued when this returns.
   *
   * @param tx changes with the same one are applied together or not at all
   * @param isSent whether it is to be sent; a guest's is not
   */
  public WriteHandle enqueue(Tx in, LocalChange change, Optional<String> tx, boolean isSent) {
    String id = ids.get();
    Optional<Json.Members> base =
        change.op() == WriteChange.Op.UPDATE ? Overlay.seen(in, store, change) : Optional.empty();
    long seq = Overlay.add(in, store, id, change, tx);
    if (isSent) {
      insert(in, seq, id, change, base, tx);
      in.afterCommit(onEnqueue);
    }
    WriteHandle handle = new WriteHandle(id);
    keep(handle); // Before the sender can have anything to tell of it.
    return handle;
  }

  /** Follows what is never sent: it stays local. */
  public WriteHandle unsent() {
    return new WriteHandle(ids.get());
  }

  private void insert(
      Tx in,
      long seq,
      String id,
      LocalChange change,
      Optional<Json.Members> base,
      Optional<String> tx) {
    Overlay.Pending pending =
        new Overlay.Pending(
            seq,
            id,
            change.entity().name(),
            change.key().text(),
            change.op(),
            change.payload(),
            tx);
    insert(in, pending, change.entity().table(), base);
  }

  private void insert(Tx in, Overlay.Pending change, String table, Optional<Json.Members> base) {
    String text = base.map(Json.Members::toString).orElse("");
    int bytes = (text + change.payload()).getBytes(StandardCharsets.UTF_8).length;
    in.run(
        """
        insert into write_buffer
          (seq, id, entity, key, op, "table", base, tx, created_at, bytes, status)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')\
        """,
        change.seq(),
        change.id(),
        change.entity(),
        change.key(),
        change.op().text(),
        table,
        base.map(Json.Members::toString).orElse(null),
        change.group().orElse(null),
        clock.instant().toEpochMilli(),
        (long) bytes);
  }

  /** Puts what was written as a guest on top of what the user has, and queues it. */
  public void adopt(Tx in, String id, LocalChange change, Optional<String> tx) {
    long seq = Overlay.add(in, store, id, change, tx);
    insert(in, seq, id, change, Optional.empty(), tx);
    in.afterCommit(onEnqueue);
  }

  /**
   * The same for one that the entities of now cannot read.
   *
   * @param table the server's, to which it belongs
   */
  public void adoptUnread(Tx in, Overlay.Pending change, String table) {
    insert(in, Overlay.addUnread(in, change), table, Optional.empty());
    in.afterCommit(onEnqueue);
  }

  /** How many changes wait for the server, dead letters not counted. */
  public long size() {
    return store.read(tx -> tx.number("select count(*) from write_buffer where status <> 'error'"));
  }

  public WriteBufferStats stats() {
    return store.read(tx -> {
      Map<String, Long> counts = new HashMap<>();
      tx.query(
              "select status, count(*) from write_buffer group by status",
              List.of(),
              row -> Map.entry("" + row.text(0), row.number(1)))
          .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
      Optional<Instant> oldest =
          tx.first(
              "select created_at from write_buffer where status <> 'error' order by seq limit 1",
              row -> Instant.ofEpochMilli(row.number(0)));
      return new WriteBufferStats(
          counts.getOrDefault("pending", 0L),
          counts.getOrDefault("syncing", 0L),
          counts.getOrDefault("error", 0L),
          oldest);
    });
  }

  /** The changes that are next, in their order, as they would be sent. */
  public List<WriteChange> peek(int most) {
    return store.read(tx ->
        tx.query(
            SELECT_CHANGES + " where b.status <> 'error' order by b.seq limit ?",
            List.of((long) most),
            WriteBuffer::change));
  }

  private static final String SELECT_CHANGES =
      """
      select b.id, b."table", b.op, o.payload, b.created_at, b.base, b.tx, b.attempts
      from write_buffer b join overlay o on o.seq = b.seq\
      """;

  private static WriteChange change(SqliteRow row) {
    return new WriteChange(
        "" + row.text(0),
        "" + row.text(1),
        Overlay.op("" + row.text(2)),
        members("" + row.text(3)),
        OptionalLong.of(row.number(4)),
        Optional.ofNullable(row.text(5)).map(WriteBuffer::members),
        Optional.ofNullable(row.text(6)),
        "pending",
        (int) row.number(7));
  }

  private static Json.Members members(String text) {
    if (json(text) instanceof Json.Members members) {
      return members;
    }
    throw new IllegalStateException("the store holds what it never wrote: " + text);
  }

  static Json json(String text) {
    try {
      return JsonReader.read(text, LIMITS);
    } catch (InvalidJson e) {
      throw new IllegalStateException("the store holds what it never wrote: " + text, e);
    }
  }

  /**
   * Takes the next batch: marks its changes as syncing and notes the attempt, on the disk, before
   * anything is sent. What was syncing before is pending again: there is one sender. Left out are
   * changes that wait until later, whatever follows them on the same row or belongs together with
   * them, and changes of a row whose insert was rejected.
   *
   * @param waiting ids of changes that are not to be sent now
   */
  List<WriteChange> take(BatchLimits limits, Set<String> waiting) {
    if (size() == 0) {
      return List.of();
    }
    return store.write(
        Durability.FULL,
        tx -> {
          tx.run("update write_buffer set status = 'pending' where status = 'syncing'");
          String places =
              NextBatch.choose(tx, limits, waiting).stream()
                  .map(String::valueOf)
                  .collect(Collectors.joining(",", "[", "]"));
          List<WriteChange> batch =
              tx.query(
                  SELECT_CHANGES
                      + " where b.seq in (select value from json_each(?)) order by b.seq",
                  List.of(places),
                  WriteBuffer::change);
          tx.run(
              """
              update write_buffer set status = 'syncing', attempts = attempts + 1
              where seq in (select value from json_each(?))\
              """,
              places);
          tx.afterCommit(() -> batch.forEach(change -> tell(change.id(), new WriteState.Sent())));
          return batch;
        });
  }

  /** What became of a batch. */
  record Settled(Set<String> entities, Set<String> toRetry, int applied, int rejected) {}

  /** Takes the server's answer to changes that were sent, also to some of them only. */
  Settled settle(List<WriteChange> sent, List<WriteResult> results) {
    Set<String> ours = new HashSet<>();
    sent.forEach(change -> ours.add(change.id()));
    return store.write(
        Durability.FULL,
        tx -> {
          Set<String> entities = new HashSet<>();
          Set<String> toRetry = retried(tx, ours, results);
          Set<String> rejectedInserts = new HashSet<>();
          Set<String> early = early(tx, ours, results);
          int applied = 0;
          int rejected = 0;
          for (WriteResult result : results) {
            if (!ours.contains(result.id())) {
              continue;
            }
            switch (result.status()) {
              case APPLIED, DUPLICATE, MERGED -> {
                applied++;
                markApplied(tx, result).ifPresent(entities::add);
              }
              case REJECTED -> {
                if (early.contains(result.id())) {
                  toRetry.add(result.id());
                  tx.run("update write_buffer set status = 'pending' where id = ?", result.id());
                } else if (isHeldBack(tx, result, rejectedInserts)) {
                  tx.run("update write_buffer set status = 'pending' where id = ?", result.id());
                } else {
                  rejected++;
                  noteConflicts(tx, result);
                  markFailed(tx, result.id(), result.error().orElseThrow(), rejectedInserts);
                }
              }
              case RETRY -> {
                // Pending again already.
              }
            }
          }
          return new Settled(entities, toRetry, applied, rejected);
        });
  }

  /** Makes what is to be tried again pending, first of all: others may have needed it. */
  private static Set<String> retried(Tx tx, Set<String> ours, List<WriteResult> results) {
    Set<String> retried = new HashSet<>();
    for (WriteResult result : results) {
      if (result.status() == WriteResult.Status.RETRY && ours.contains(result.id())) {
        retried.add(result.id());
        tx.run("update write_buffer set status = 'pending' where id = ?", result.id());
      }
    }
    return retried;
  }

  /**
   * Rejected changes that have perhaps come before what they need: an earlier one is to be tried
   * again. With them goes what belongs together with them.
   */
  private static Set<String> early(Tx tx, Set<String> ours, List<WriteResult> results) {
    Set<String> early = new HashSet<>();
    Set<String> groups = new HashSet<>();
    for (WriteResult result : results) {
      boolean isEarly =
          ours.contains(result.id())
              && result.status() == WriteResult.Status.REJECTED
              && result.error().filter(error -> NEEDS_EARLIER.contains(error.code())).isPresent()
              && isEarlierWaiting(tx, result.id());
      if (isEarly) {
        early.add(result.id());
        group(tx, result.id()).ifPresent(groups::add);
      }
    }
    for (WriteResult result : results) {
      boolean failedWithThem =
          ours.contains(result.id())
              && result.error().filter(error -> error.code().equals("tx_failed")).isPresent()
              && group(tx, result.id()).filter(groups::contains).isPresent();
      if (failedWithThem) {
        early.add(result.id());
      }
    }
    return early;
  }

  private static Optional<String> group(Tx tx, String id) {
    return tx.first(
            "select tx from write_buffer where id = ?", row -> Optional.ofNullable(row.text(0)), id)
        .flatMap(group -> group);
  }

  /** Whether an earlier change was sent and waits; what waits for a dead letter does not count. */
  private static boolean isEarlierWaiting(Tx tx, String id) {
    return tx.number(
            """
            select 1 from write_buffer w
            where w.status = 'pending' and w.attempts > 0
              and w.seq < (select seq from write_buffer where id = ?)
              and not exists (
                select 1 from write_buffer dead
                where dead.entity = w.entity and dead.key = w.key and dead.op = 'insert'
                  and dead.status = 'error')
            limit 1\
            """,
            id)
        == 1;
  }

  /** Changes of a row that is not there because its insert was just rejected: they wait for it. */
  private static boolean isHeldBack(Tx tx, WriteResult result, Set<String> rejectedInserts) {
    return !rejectedInserts.isEmpty()
        && result.error().filter(error -> error.code().equals("row_not_found")).isPresent()
        && row(tx, result.id()).filter(rejectedInserts::contains).isPresent();
  }

  private static Optional<String> row(Tx tx, String id) {
    return tx.first(
        "select entity || key from write_buffer where id = ?", row -> "" + row.text(0), id);
  }

  /** It is in Postgres: it leaves the queue, and the overlay as soon as the stream shows it. */
  private Optional<String> markApplied(Tx tx, WriteResult result) {
    Optional<String> entity =
        tx.first(
            "select entity from write_buffer where id = ?", row -> "" + row.text(0), result.id());
    if (entity.isEmpty()) {
      return Optional.empty();
    }
    noteConflicts(tx, result);
    tx.run("delete from write_buffer where id = ?", result.id());
    Optional<Long> txid = result.txid().map(Long::valueOf);
    Overlay.acknowledge(tx, store, result.id(), txid, result.lsn());
    tx.afterCommit(() -> tell(result.id(), new WriteState.Confirmed(txid)));
    return entity;
  }

  private void noteConflicts(Tx tx, WriteResult result) {
    record Place(String entity, String key) {}
    tx.first(
            "select entity, key from write_buffer where id = ?",
            row -> new Place("" + row.text(0), "" + row.text(1)),
            result.id())
        .ifPresent(place -> {
          for (Conflict conflict : result.conflicts()) {
            Conflicts.add(tx, result.id(), place.entity(), place.key(), conflict, clock.instant());
          }
        });
  }

  private void markFailed(Tx tx, String id, WriteError error, Set<String> rejectedInserts) {
    tx.run(
        """
        update write_buffer set status = 'error', code = ?, error = ?, failed_at = ? where id = ?\
        """,
        error.code(),
        error.message(),
        clock.instant().toEpochMilli(),
        id);
    tx.first(
            "select entity || key from write_buffer where id = ? and op = 'insert'",
            row -> "" + row.text(0),
            id)
        .ifPresent(rejectedInserts::add);
    tx.afterCommit(() -> tell(id, new WriteState.Rejected(error.code(), error.message())));
  }

  /** Makes changes dead letters that no server would take as they are. */
  void markFailed(List<WriteChange> changes, WriteError error) {
    store.write(
        Durability.FULL,
        tx -> {
          changes.forEach(change -> markFailed(tx, change.id(), error, new HashSet<>()));
          return true;
        });
  }

  /** What was rejected, the oldest first. */
  public List<DeadLetter> deadLetters() {
    return store.read(tx ->
        tx.query(
            """
            select b.id, b.entity, b.op, o.payload, b.tx, b.code, b.error, b.failed_at
            from write_buffer b join overlay o on o.seq = b.seq
            where b.status = 'error' order by b.seq\
            """,
            List.of(),
            row ->
                new DeadLetter(
                    "" + row.text(0),
                    "" + row.text(1),
                    Overlay.op("" + row.text(2)),
                    members("" + row.text(3)),
                    Optional.ofNullable(row.text(4)),
                    "" + row.text(5),
                    "" + row.text(6),
                    Instant.ofEpochMilli(row.number(7)))));
  }

  /**
   * Sends a dead letter again, as it is, and what belongs together with it.
   *
   * @return whether there was such a dead letter
   */
  public boolean retry(String id) {
    return store.write(
        Durability.FULL,
        tx -> {
          List<String> group = deadGroup(tx, id);
          group.forEach(member -> retry(tx, member));
          tx.afterCommit(onEnqueue);
          return !group.isEmpty();
        });
  }

  private void retry(Tx tx, String id) {
    String code =
        tx.first("select code from write_buffer where id = ?", row -> "" + row.text(0), id)
            .orElse("");
    // Refused for its time: the server has it not, and will not have it under that time.
    String next = WANTS_NEW_ID.contains(code) ? renew(tx, id) : id;
    tx.run(
        "update write_buffer set status = 'pending', code = null, error = null where id = ?", next);
    Overlay.restore(tx, store, next);
    tx.afterCommit(() -> tell(next, new WriteState.Local()));
  }

  /** The same change under another id and time: for the server another change. */
  private String renew(Tx tx, String id) {
    String fresh = ids.get();
    tx.run("update overlay set id = ? where id = ?", fresh, id);
    tx.run(
        "update write_buffer set id = ?, created_at = ?, attempts = 0 where id = ?",
        fresh,
        clock.instant().toEpochMilli(),
        id);
    return fresh;
  }

  private static List<String> deadGroup(Tx tx, String id) {
    return tx.query(
        """
        select id from write_buffer
        where status = 'error'
          and (id = ?1 or tx = (select tx from write_buffer where id = ?1 and status = 'error'))
        order by seq\
        """,
        List.of(id),
        row -> "" + row.text(0));
  }

  /**
   * Changes what a dead letter says and sends it again, under another id: what was said before may
   * still be on its way.
   *
   * @param values as for the change itself, key included; the key stays as it was
   * @return the id it has now; empty if there was no such dead letter
   * @throws IllegalArgumentException if the values do not fit the entity or are of another row
   */
  public Optional<String> edit(String id, Map<String, ? extends @Nullable Object> values) {
    return store.write(
        Durability.FULL,
        tx -> {
          record Dead(String entity, String key, String op) {}
          Optional<Dead> dead =
              tx.first(
                  "select entity, key, op from write_buffer where id = ? and status = 'error'",
                  row -> new Dead("" + row.text(0), "" + row.text(1), "" + row.text(2)),
                  id);
          Optional<Entity> entity = dead.flatMap(found -> store.entity(found.entity()));
          if (dead.isEmpty() || entity.isEmpty()) {
            return Optional.empty();
          }
          LocalChange change = LocalChange.of(entity.get(), Overlay.op(dead.get().op()), values);
          if (!change.key().text().equals(dead.get().key())) {
            throw new IllegalArgumentException("these are values of another row");
          }
          Overlay.replace(tx, store, id, change);
          List<String> group = new ArrayList<>(deadGroup(tx, id));
          String fresh = renew(tx, id);
          group.set(group.indexOf(id), fresh);
          group.forEach(member -> retry(tx, member));
          tx.afterCommit(onEnqueue);
          return Optional.of(fresh);
        });
  }

  /**
   * Gives a dead letter up: its change, what belongs together with it, and for an insert what was
   * done to the row since, with what belongs together with that, go from the merged view too.
   *
   * @return what was given up, for whoever wants to keep it elsewhere
   */
  public List<WriteChange> discard(String id) {
    return store.write(
        Durability.FULL,
        tx -> {
          Set<String> doomed = doomed(tx, id);
          List<WriteChange> gone =
              tx.query(
                  SELECT_CHANGES + " where b.id in (select value from json_each(?)) order by b.seq",
                  List.of(texts(doomed).toString()),
                  WriteBuffer::change);
          for (String member : doomed) {
            tx.run("delete from write_buffer where id = ?", member);
            Overlay.remove(tx, store, member);
            tx.afterCommit(() -> tell(member, new WriteState.Discarded()));
          }
          return gone;
        });
  }

  private static Json texts(Collection<String> texts) {
    return new Json.Array(texts.stream().<Json>map(Json.Text::new).toList());
  }

  /** What goes with a dead letter that is given up, and with what goes with it. */
  private static Set<String> doomed(Tx tx, String id) {
    Set<String> doomed = new LinkedHashSet<>(deadGroup(tx, id));
    Deque<String> next = new ArrayDeque<>(doomed);
    while (!next.isEmpty()) {
      List<String> more =
          tx.query(
              """
              select f.id from write_buffer b join write_buffer f on f.tx = b.tx
                where b.id = ?1 and f.status <> 'syncing'
              union
              select f.id from write_buffer b
                join write_buffer f on f.entity = b.entity and f.key = b.key and f.seq > b.seq
                where b.id = ?1 and b.op = 'insert' and f.status <> 'syncing'\
              """,
              List.of(next.remove()),
              row -> "" + row.text(0));
      more.stream().filter(doomed::add).forEach(next::add);
    }
    return doomed;
  }

  /** Values that met others, the oldest first. */
  public List<EditConflict> conflicts() {
    return store.read(tx -> Conflicts.list(tx, store));
  }

  /** Forgets a conflict; whoever wants the other value writes it first, as any change. */
  public void settleConflict(long id) {
    store.write(Durability.FULL, tx -> tx.run("delete from conflict where id = ?", id));
  }

  private void keep(WriteHandle handle) {
    synchronized (handles) {
      if (handles.size() > 10_000) {
        handles.values().removeIf(reference -> reference.get() == null);
      }
      handles.put(handle.id(), new WeakReference<>(handle));
    }
  }

  private void tell(String id, WriteState state) {
    @Nullable WriteHandle handle;
    synchronized (handles) {
      WeakReference<WriteHandle> reference = handles.get(id);
      handle = reference == null ? null : reference.get();
      if (handle == null) {
        handles.remove(id);
      }
    }
    if (handle != null) {
      handle.become(state);
    }
  }
}
