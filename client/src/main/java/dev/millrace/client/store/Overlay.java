package dev.millrace.client.store;

import dev.millrace.protocol.Json;
import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.SqlIdentifier;
import dev.millrace.protocol.WriteChange;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The user's changes that the stream has not yet shown, in the order they were made. What the
 * merged view shows of their rows is folded anew in each transaction that changes one or the other.
 */
public final class Overlay {

  private Overlay() {}

  /**
   * Adds a change on top of what is there.
   *
   * @param group names the changes that are applied with it or not at all
   */
  public static long add(
      Tx tx, Store store, String id, LocalChange change, Optional<String> group) {
    EntitySql sql = store.sql(change.entity());
    tx.run(
        """
        insert into overlay (id, entity, key, op, columns, payload, tx) values (?, ?, ?, ?, ?, ?, ?)\
        """,
        id,
        change.entity().name(),
        change.key().text(),
        change.op().text(),
        change.columns().toString(),
        change.payload().toString(),
        group.orElse(null));
    long seq = tx.number("select last_insert_rowid()");
    refold(tx, sql, change.key());
    return seq;
  }

  /**
   * Adds a change that the entities of now cannot read: it is not shown before they can, and sent
   * as it was written.
   */
  public static Pending addUnread(Tx tx, Pending change) {
    tx.run(
        """
        insert into overlay (id, entity, key, op, columns, payload, tx)
        values (?1, ?2, ?3, ?4, ?5, ?5, ?6)\
        """,
        change.id(),
        change.entity(),
        change.key(),
        change.op().text(),
        change.payload().toString(),
        change.group().orElse(null));
    return change.at(tx.number("select last_insert_rowid()"));
  }

  /** The server's table of an entity that the store has known, if not that of now. */
  public static Optional<String> table(Tx tx, String entity) {
    return StoreSchema.table(tx, entity);
  }

  /**
   * What the merged view shows in the columns that a change sets, as a write carries it; empty if
   * there is no such row.
   */
  public static Optional<Json.Members> seen(Tx tx, Store store, LocalChange change) {
    EntitySql sql = store.sql(change.entity());
    List<Entity.Column> columns =
        change.entity().columns().stream()
            .filter(column -> change.columns().byName().containsKey(column.name()))
            .filter(column -> !change.entity().key().contains(column.name()))
            .toList();
    String selected =
        columns.isEmpty()
            ? "1"
            : columns.stream()
                .map(column -> SqlIdentifier.quote(column.name()))
                .collect(Collectors.joining(", "));
    return tx.first(
        sql.select(sql.view(), selected),
        row -> {
          Map<String, Json> seen = new LinkedHashMap<>();
          for (int i = 0; i < columns.size(); i++) {
            seen.put(columns.get(i).name(), columns.get(i).type().write(row.value(i)));
          }
          return new Json.Members(seen);
        },
        change.key().array());
  }

  /** Takes a change away that was given up. */
  public static void remove(Tx tx, Store store, String id) {
    Optional<Place> place = place(tx, id);
    tx.run("delete from overlay where id = ?", id);
    place.ifPresent(found ->
        store
            .entity(found.entity())
            .ifPresent(entity -> refold(tx, store.sql(entity), found.key())));
  }

  private record Place(String entity, RowKey key) {}

  private static Optional<Place> place(Tx tx, String id) {
    return tx.first(
        "select entity, key from overlay where id = ?",
        row -> new Place("" + row.text(0), RowKey.read("" + row.text(1))),
        id);
  }

  /** Takes a change away that the stream shows, and out of what is shown what it replaced. */
  private static void confirm(Tx tx, Store store, String id) {
    place(tx, id)
        .flatMap(found -> store.entity(found.entity()))
        .ifPresent(entity -> replaceRejected(tx, entity, id));
    remove(tx, store, id);
  }

  /**
   * Changes of the row that were made before, and rejected, show no more what an accepted one
   * replaced: nothing at all after an insert or a delete, not its columns after an update. What
   * they send if somebody retries them stays.
   */
  private static void replaceRejected(Tx tx, Entity entity, String id) {
    record Rejected(long seq, Json.Members columns, boolean isByUpdate, Set<String> replaced) {}
    List<Rejected> all =
        tx.query(
            """
            select o.seq, o.columns, n.op, n.columns from overlay n
              join overlay o on o.entity = n.entity and o.key = n.key and o.seq < n.seq
              join write_buffer b on b.seq = o.seq and b.status = 'error'
            where n.id = ?\
            """,
            List.of(id),
            row ->
                new Rejected(
                    row.number(0),
                    StoreSchema.members("" + row.text(1)),
                    op("" + row.text(2)) == WriteChange.Op.UPDATE,
                    StoreSchema.members("" + row.text(3)).byName().keySet()));
    for (Rejected one : all) {
      Map<String, Json> left = new LinkedHashMap<>();
      if (one.isByUpdate()) {
        one.columns()
            .byName()
            .forEach((name, value) -> {
              if (entity.key().contains(name) || !one.replaced().contains(name)) {
                left.put(name, value);
              }
            });
      }
      tx.run(
          "update overlay set columns = ? where seq = ?",
          new Json.Members(left).toString(),
          one.seq());
    }
  }

  /** Shows all of a change again, whatever has replaced it: somebody wants it once more. */
  public static void restore(Tx tx, Store store, String id) {
    record Change(Entity entity, WriteChange.Op op, Json.Members payload) {}
    tx.first(
            "select entity, op, payload from overlay where id = ?",
            row ->
                store
                    .entity("" + row.text(0))
                    .map(entity ->
                        new Change(
                            entity, op("" + row.text(1)), StoreSchema.members("" + row.text(2)))),
            id)
        .flatMap(change -> change)
        .filter(change -> change.payload().byName().keySet().containsAll(change.entity().key()))
        .ifPresent(change ->
            replace(
                tx, store, id, LocalChange.stored(change.entity(), change.op(), change.payload())));
  }

  /** Replaces what a change says; its row stays the same. */
  public static void replace(Tx tx, Store store, String id, LocalChange change) {
    tx.run(
        "update overlay set columns = ?, payload = ? where id = ?",
        change.columns().toString(),
        change.payload().toString(),
        id);
    refold(tx, store.sql(change.entity()), change.key());
  }

  static void refold(Tx tx, EntitySql sql, RowKey key) {
    Fold.refresh(tx, sql, key);
    tx.touch(sql.entity().name());
  }

  static void refoldAll(Tx tx, EntitySql sql) {
    tx.run("delete from " + sql.local());
    for (String key : keys(tx, sql.entity())) {
      refold(tx, sql, RowKey.read(key));
    }
  }

  /**
   * Folds rows whose changes have gone while the application did not have the entity: nobody has
   * folded them then.
   */
  static void refoldForgotten(Tx tx, EntitySql sql) {
    Set<String> keys = keys(tx, sql.entity());
    String columns =
        sql.entity().key().stream().map(SqlIdentifier::quote).collect(Collectors.joining(", "));
    tx
        .query(
            "select %s from %s".formatted(columns, sql.local()),
            List.of(),
            row -> {
              @Nullable Object[] key = new Object[sql.entity().key().size()];
              for (int i = 0; i < key.length; i++) {
                key[i] = row.value(i);
              }
              return RowKey.of(key);
            })
        .stream()
        .filter(key -> !keys.contains(key.text()))
        .forEach(key -> refold(tx, sql, key));
  }

  /** Keys of the rows with pending changes. */
  static Set<String> keys(Tx tx, Entity entity) {
    return Set.copyOf(
        tx.query(
            "select distinct key from overlay where entity = ?",
            List.of(entity.name()),
            row -> String.valueOf(row.text(0))));
  }

  /**
   * The server has applied a change. It goes from the overlay as soon as the stream shows it, which
   * may have happened already.
   */
  public static void acknowledge(
      Tx tx, Store store, String id, Optional<Long> txid, Optional<Lsn> lsn) {
    Optional<String> entity =
        tx.first("select entity from overlay where id = ?", row -> "" + row.text(0), id);
    if (entity.isEmpty()) {
      return;
    }
    tx.run(
        "update overlay set txid = ?, lsn = ? where id = ?",
        txid.orElse(null),
        lsn.orElse(Lsn.ZERO).value(),
        id);
    StreamPosition shown = StreamTable.shown(tx, entity.get());
    boolean hasArrived =
        store.entity(entity.get()).isEmpty() // No stream will ever show it.
            || lsn.filter(end -> !end.isAfter(shown.lsn())).isPresent()
            || txid.filter(sent -> isShown(tx, entity.get(), shown, sent)).isPresent();
    if (hasArrived) {
      confirm(tx, store, id);
    }
  }

  private static boolean isShown(Tx tx, String entity, StreamPosition shown, long txid) {
    return StreamTable.hasShown(tx, entity, txid)
        || shown.snapshot().filter(snapshot -> snapshot.sees(txid)).isPresent();
  }

  /**
   * Takes away what the copy that is shown has come to show.
   *
   * @param txids of transactions that it showed whole, since the last call
   */
  static void arrive(Tx tx, Store store, Entity entity, StreamPosition shown, Set<Long> txids) {
    record Sent(String id, @Nullable Object txid, long lsn) {}
    List<Sent> waiting =
        tx.query(
            "select id, txid, lsn from overlay where entity = ? and lsn is not null",
            List.of(entity.name()),
            row -> new Sent("" + row.text(0), row.value(1), row.number(2)));
    for (Sent sent : waiting) {
      boolean hasArrived =
          (sent.lsn() != 0 && !new Lsn(sent.lsn()).isAfter(shown.lsn()))
              || (sent.txid() instanceof Long txid
                  && (txids.contains(txid)
                      || shown.snapshot().filter(seen -> seen.sees(txid)).isPresent()));
      if (hasArrived) {
        confirm(tx, store, sent.id());
      }
    }
  }

  /** Whether the server was perhaps given a change of this entity, and has not answered. */
  static boolean isInFlight(Tx tx, Entity entity) {
    return tx.number(
            """
            select 1 from write_buffer
            where status in ('syncing', 'pending') and attempts > 0 and entity = ? limit 1\
            """,
            entity.name())
        == 1;
  }

  static boolean isWaiting(Tx tx, Entity entity) {
    return tx.number(
            "select 1 from overlay where entity = ? and lsn is not null limit 1", entity.name())
        == 1;
  }

  /** How many changes of an entity the server has applied and the stream has not shown. */
  public static long awaited(Tx tx, Entity entity) {
    return tx.number(
        "select count(*) from overlay where entity = ? and lsn is not null", entity.name());
  }

  /** A change as it stands in the overlay, for whoever looks at the store. */
  public record Pending(
      long seq,
      String id,
      String entity,
      String key,
      WriteChange.Op op,
      Json.Members payload,
      Optional<String> group) {

    public Pending with(Json.Members other) {
      return new Pending(seq, id, entity, key, op, other, group);
    }

    Pending at(long place) {
      return new Pending(place, id, entity, key, op, payload, group);
    }
  }

  /** All changes in their order. */
  public static List<Pending> list(Tx tx) {
    return tx.query(
        "select id, entity, key, op, payload, tx, seq from overlay order by seq",
        Arrays.asList(),
        row ->
            new Pending(
                row.number(6),
                "" + row.text(0),
                "" + row.text(1),
                "" + row.text(2),
                op("" + row.text(3)),
                StoreSchema.members("" + row.text(4)),
                Optional.ofNullable(row.text(5))));
  }

  /** Reads {@link WriteChange.Op#text}. */
  public static WriteChange.Op op(String text) {
    for (WriteChange.Op op : WriteChange.Op.values()) {
      if (op.text().equals(text)) {
        return op;
      }
    }
    throw new IllegalArgumentException("no operation: " + text);
  }
}
