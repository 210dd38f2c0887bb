package dev.millrace.client.store;

import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.SeenTransactions;
import dev.millrace.protocol.ShapeMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The copy of one shape: takes what the server sends, with the place in the stream and the handle
 * in the same transaction.
 *
 * <p>The snapshot of a first sync is taken in slices, so that the user's own writes need not wait
 * for all of it: taking its rows twice does no harm. Changes of the log are taken whole. After a
 * must-refetch a second copy is made beside the one that is shown ({@link Slot#NEXT}), and takes
 * its place in the transaction that makes it at least as new as what was shown.
 */
public final class SyncedTable {

  private static final int SLICE = 2_000;

  private final Store store;
  private final Entity entity;
  private final EntitySql sql;
  private final RowTexts texts;

  public SyncedTable(Store store, Entity entity) {
    this.store = store;
    this.entity = entity;
    this.sql = store.sql(entity);
    this.texts = new RowTexts(entity);
  }

  /** Gives messages one by one, and null after the last. */
  @FunctionalInterface
  public interface Messages {
    @Nullable ShapeMessage next() throws InvalidJson;
  }

  /**
   * Where an answer leads.
   *
   * @param isLive whether it was waited for, so that no cache can have made it old
   */
  public record Answer(String handle, Optional<Offset> offset, boolean isLive) {}

  /** What became of an answer. */
  public sealed interface Taken {

    /** It is stored. */
    record Stored(StreamPosition position, boolean isUpToDate, int changes) implements Taken {}

    /** It does not fit what is there; nothing of it is stored that counts. */
    record Refused(String reason) implements Taken {}
  }

  /** Where the copy stands that is being read: the next one, if there is one. */
  public StreamPosition position() {
    return store.read(tx ->
        StreamTable.find(tx, entity.name(), Slot.NEXT)
            .orElseGet(() -> StreamTable.shown(tx, entity.name())));
  }

  /** Where the copy stands that is shown. */
  public StreamPosition shown() {
    return store.read(tx -> shown(tx, entity));
  }

  /** Where the copy of an entity stands that a transaction sees. */
  public static StreamPosition shown(Tx tx, Entity entity) {
    return StreamTable.shown(tx, entity.name());
  }

  /** How many of the user's changes the server has applied and this has not shown. */
  public long awaited() {
    return store.read(tx -> Overlay.awaited(tx, entity));
  }

  /** Begins a copy from nothing; the one that is shown stays. */
  public StreamPosition beginNext() {
    return store.write(Durability.NORMAL, tx -> beginNext(tx, sql));
  }

  static StreamPosition beginNext(Tx tx, EntitySql sql) {
    String name = sql.entity().name();
    StreamPosition begin = StreamPosition.begin(Slot.NEXT);
    tx.run("drop table if exists " + sql.table(Slot.NEXT));
    StreamTable.forget(tx, name, Slot.NEXT);
    tx.run(sql.create(sql.table(Slot.NEXT), ""));
    StoreSchema.createIndexes(tx, sql, sql.table(Slot.NEXT));
    StreamTable.save(tx, name, begin);
    return begin;
  }

  /**
   * Takes an answer to a request that was made at {@code from}.
   *
   * @throws InvalidJson if it is none; what was taken of it before does no harm
   */
  public Taken take(StreamPosition from, Answer answer, Messages messages) throws InvalidJson {
    Slices slices = new Slices(from, answer, messages);
    while (true) {
      // What the reader throws has to leave the transaction, which then is undone.
      Optional<Taken> taken;
      try {
        taken = store.write(Durability.NORMAL, slices::take);
      } catch (Cut cut) {
        throw cut.reason;
      } catch (Misfit misfit) {
        return new Taken.Refused(misfit.reason);
      }
      if (taken.isPresent()) {
        return taken.get();
      }
    }
  }

  /** Carries what was wrong with an answer out of the transaction. */
  private static final class Cut extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient InvalidJson reason;

    Cut(InvalidJson reason) {
      super(reason.getMessage(), reason, false, false);
      this.reason = reason;
    }
  }

  /** A message that cannot be applied to what is there. */
  private static final class Misfit extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String reason;

    Misfit(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }
  }

  private final class Slices {

    private StreamPosition from;
    private boolean isBegun;
    private final Answer answer;
    private final Messages messages;
    private final Set<Long> shownTxids = new HashSet<>();
    private Optional<SeenTransactions> snapshot;
    private Offset last;
    private Optional<Lsn> upToDate = Optional.empty();
    private boolean isInLog;
    private int changes;

    Slices(StreamPosition from, Answer answer, Messages messages) {
      this.from = from;
      this.answer = answer;
      this.messages = messages;
      this.snapshot = from.snapshot();
      this.last = from.offset();
      this.isInLog = from.offset().equals(Offset.SNAPSHOT_END) || from.offset().tx() > 0;
    }

    /** Empty if there is more to come. */
    Optional<Taken> take(Tx tx) {
      if (!isBegun) {
        clear(tx);
      }
      boolean isShown = from.slot() == Slot.SYNCED;
      Set<String> pending = isShown ? Overlay.keys(tx, entity) : Set.of();
      Set<RowKey> touched = new HashSet<>();
      int before = changes;
      boolean hasMore = takeRows(tx, pending, touched);
      if (isShown && changes > before) {
        tx.touch(entity.name());
      }
      touched.forEach(key -> Overlay.refold(tx, sql, key));
      // Only now: the transaction may be undone, and tried again.
      isBegun = true;
      if (hasMore) {
        return Optional.empty();
      }
      return Optional.of(finish(tx));
    }

    /**
     * What was taken of an answer that broke off may be of another shape. What is shown of it stays
     * until there is all of this one.
     */
    private void clear(Tx tx) {
      if (!from.offset().equals(Offset.BEFORE_ALL)) {
        return;
      }
      String table = sql.table(from.slot());
      if (tx.number("select 1 from %s limit 1".formatted(table)) == 0) {
        return;
      }
      if (from.slot() == Slot.SYNCED) {
        from = beginNext(tx, sql);
      } else {
        tx.run("delete from " + table);
      }
    }

    private boolean takeRows(Tx tx, Set<String> pending, Set<RowKey> touched) {
      for (int taken = 0; isInLog || taken < SLICE; taken++) {
        ShapeMessage message = next();
        switch (message) {
          case null -> {
            return false;
          }
          case ShapeMessage.RowChange change -> {
            apply(tx, change);
            if (!pending.isEmpty()) {
              RowKey key = texts.key(change.value());
              if (pending.contains(key.text())) {
                touched.add(key);
              }
            }
          }
          case ShapeMessage.SnapshotEnd(SeenTransactions seen) -> snapshot = Optional.of(seen);
          case ShapeMessage.UpToDate(Lsn lsn) -> upToDate = Optional.of(lsn);
          case ShapeMessage.MustRefetch anew -> throw new Misfit("asks to begin anew");
          case ShapeMessage.UnknownControl unknown -> {
            // A newer server says more than we know.
          }
        }
      }
      return true;
    }

    private @Nullable ShapeMessage next() {
      try {
        return messages.next();
      } catch (InvalidJson e) {
        throw new Cut(e);
      }
    }

    private void apply(Tx tx, ShapeMessage.RowChange change) {
      if (change.place().isPresent()) {
        ShapeMessage.LogPlace place = change.place().get();
        isInLog = true;
        if (!place.offset().isAfter(last)) {
          return; // Sent again.
        }
        last = place.offset();
        if (place.isLast()) {
          shownTxids.addAll(place.txids());
        }
      }
      changes++;
      switch (change.op()) {
        case INSERT -> tx.run(sql.put(sql.table(from.slot())), texts.stored(change.value()));
        case UPDATE -> update(tx, change.value());
        case DELETE ->
            tx.run(sql.delete(sql.table(from.slot())), texts.key(change.value()).array());
      }
    }

    private void update(Tx tx, Map<String, @Nullable String> value) {
      List<String> set = new ArrayList<>();
      List<@Nullable Object> values = new ArrayList<>();
      Map<String, @Nullable String> rest = new LinkedHashMap<>();
      value.forEach((name, text) -> {
        if (!texts.isKnown(name)) {
          rest.put(name, text);
        } else if (!entity.key().contains(name)) {
          set.add(name);
          values.add(entity.column(name).orElseThrow().type().storeText(text));
        }
      });
      RowKey key = texts.key(value);
      if (!rest.isEmpty()) {
        set.add(EntitySql.REST);
        values.add(merged(tx, key, rest));
      }
      if (set.isEmpty()) {
        return;
      }
      values.addAll(key.values());
      if (tx.run(sql.update(from.slot(), set), values.toArray()) == 0) {
        throw new Misfit("changes a row that is not there");
      }
    }

    private @Nullable Object merged(Tx tx, RowKey key, Map<String, @Nullable String> changed) {
      Map<String, @Nullable String> rest = new LinkedHashMap<>();
      tx.first(
              sql.select(sql.table(from.slot()), EntitySql.REST),
              row -> String.valueOf(row.text(0)),
              key.array())
          .filter(text -> !text.equals("null"))
          .ifPresent(text -> texts.addRest(text, rest));
      rest.putAll(changed);
      @Nullable Object[] stored = texts.stored(rest);
      return stored[stored.length - 1];
    }

    private Taken finish(Tx tx) {
      StreamPosition shown = StreamTable.shown(tx, entity.name());
      StreamPosition to =
          new StreamPosition(
              from.slot(),
              Optional.of(answer.handle()),
              answer.offset().orElse(last).max(from.offset()),
              upToDate.map(lsn -> lsn.max(from.lsn())).orElse(from.lsn()),
              snapshot);
      boolean isInFlight = Overlay.isInFlight(tx, entity);
      if (isInFlight || (to.slot() == Slot.NEXT && Overlay.isWaiting(tx, entity))) {
        StreamTable.showed(tx, entity.name(), to.slot(), shownTxids);
      }
      if (to.slot() == Slot.NEXT) {
        // A cache may have answered with less than was shown already; what was waited for is new.
        boolean isWhole =
            upToDate.isPresent()
                && (answer.isLive()
                    || (!shown.lsn().isAfter(upToDate.get())
                        && shown.offset().tx() <= upToDate.get().value()));
        if (!isWhole) {
          StreamTable.save(tx, entity.name(), to);
          return new Taken.Stored(to, upToDate.isPresent(), changes);
        }
        to = show(tx, to);
      }
      StreamTable.save(tx, entity.name(), to);
      if (!shownTxids.isEmpty() || upToDate.isPresent() || snapshot.isPresent()) {
        Overlay.arrive(tx, store, entity, to, shownTxids);
      }
      if (upToDate.isPresent() && !isInFlight && !Overlay.isWaiting(tx, entity)) {
        // What is sent from now on is known by its place in the log. A snapshot must not be asked
        // for ever: 32 bits name another transaction some day.
        to = new StreamPosition(to.slot(), to.handle(), to.offset(), to.lsn(), Optional.empty());
        StreamTable.save(tx, entity.name(), to);
      }
      if (!isInFlight) {
        tx.run("delete from seen_txid where entity = ? and slot = 'SYNCED'", entity.name());
      }
      return new Taken.Stored(to, upToDate.isPresent(), changes);
    }

    /** The next copy takes the place of the one that is shown. */
    private StreamPosition show(Tx tx, StreamPosition next) {
      String name = entity.name();
      tx.run("drop view " + sql.view());
      tx.run("drop table " + sql.table(Slot.SYNCED));
      tx.run("alter table %s rename to %s".formatted(sql.table(Slot.NEXT), sql.table(Slot.SYNCED)));
      tx.run(sql.createView());
      tx.run("delete from seen_txid where entity = ? and slot = 'SYNCED'", name);
      tx.run("update seen_txid set slot = 'SYNCED' where entity = ?", name);
      shownTxids.addAll(
          tx.query(
              "select txid from seen_txid where entity = ?", List.of(name), row -> row.number(0)));
      tx.run("delete from stream where entity = ? and slot = 'NEXT'", name);
      Overlay.refoldAll(tx, sql);
      tx.touch(name);
      return new StreamPosition(
          Slot.SYNCED, next.handle(), next.offset(), next.lsn(), next.snapshot());
    }
  }
}
