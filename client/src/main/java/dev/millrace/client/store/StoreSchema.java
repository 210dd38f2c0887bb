package dev.millrace.client.store;

import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonReader;
import dev.millrace.protocol.SqlIdentifier;
import dev.millrace.protocol.WriteChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes the tables of a store, and brings those of an older application to the entities of this
 * one: columns that it has come to know are taken out of {@code _rest}, those it has forgotten go
 * there, others change their form. Overlay and write buffer are never dropped: what the user wrote
 * is kept as it will be sent, and its stored form is made of that anew.
 */
final class StoreSchema {

  private static final int VERSION = 2;

  private static final String[] TABLES = {
    """
    create table stream (
      entity text not null, slot text not null, handle text, "offset" text not null,
      lsn integer not null, snapshot text, primary key (entity, slot)) without rowid\
    """,
    """
    create table seen_txid (
      entity text not null, slot text not null, txid integer not null,
      primary key (entity, slot, txid)) without rowid\
    """,
    """
    create table overlay (
      seq integer primary key autoincrement, id text not null unique, entity text not null,
      key text not null, op text not null, columns text not null, payload text not null,
      txid integer, lsn integer, tx text)\
    """,
    "create index overlay_row on overlay (entity, key, seq)",
    "create index overlay_sent on overlay (entity, lsn) where lsn is not null",
    """
    create table write_buffer (
      seq integer primary key, id text not null unique, entity text not null, key text not null,
      op text not null, "table" text not null, base text, tx text, created_at integer not null,
      bytes integer not null, status text not null, attempts integer not null default 0,
      code text, error text, failed_at integer)\
    """,
    "create index write_buffer_row on write_buffer (entity, key, seq)",
    "create index write_buffer_status on write_buffer (status, seq)",
    "create index write_buffer_tx on write_buffer (tx) where tx is not null",
    """
    create table conflict (
      id integer primary key autoincrement, change_id text not null, entity text not null,
      key text not null, "column" text not null, base text, yours text not null,
      theirs text not null, kept text not null, noticed_at integer not null)\
    """
  };

  private StoreSchema() {}

  static void bringTo(Tx tx, Collection<EntitySql> entities) {
    tx.run("create table if not exists meta (name text primary key, value text) without rowid");
    int found = Integer.parseInt(Meta.get(tx, "version").orElse("0"));
    if (found > VERSION) {
      throw new SyncClientException(
          ErrorCode.STORE_TOO_NEW,
          "the store was written by a newer version (format %d, this knows %d)"
              .formatted(found, VERSION));
    }
    if (found == 0) {
      for (String table : TABLES) {
        tx.run(table);
      }
    } else if (found == 1) {
      tx.run("alter table overlay add column tx text");
    }
    if (found < VERSION) {
      Meta.put(tx, "version", Integer.toString(VERSION));
    }
    entities.forEach(entity -> bringTo(tx, entity));
  }

  private static void bringTo(Tx tx, EntitySql sql) {
    String name = "entity:" + sql.entity().name();
    String wanted = describe(sql.entity());
    Optional<String> found = Meta.get(tx, name);
    boolean hasOther = DeviceColumns.bringTo(tx, sql.entity());
    if (found.isEmpty()) {
      tx.run(sql.create(sql.table(Slot.SYNCED), ""));
      createIndexes(tx, sql, sql.table(Slot.SYNCED));
      tx.run(sql.createLocal());
      createIndexes(tx, sql, sql.local());
      tx.run(sql.createView());
      restoreOverlay(tx, sql, Set.of());
      Meta.put(tx, name, wanted);
    } else if (!found.get().equals(wanted)) {
      rebuild(tx, sql, found.get());
      Meta.put(tx, name, wanted);
    } else {
      if (hasOther) {
        tx.run("drop view " + sql.view());
        tx.run(sql.createView());
      }
      Overlay.refoldForgotten(tx, sql);
    }
  }

  static void createIndexes(Tx tx, EntitySql sql, String table) {
    for (int i = 0; i < sql.entity().indexes().size(); i++) {
      tx.run(sql.createIndex(table, i, Meta.next(tx)));
    }
  }

  /** Columns with types, key and indexes, by which a store knows what it was made for. */
  private static String describe(Entity entity) {
    List<Json> columns = new ArrayList<>();
    for (Entity.Column column : entity.columns()) {
      columns.add(
          new Json.Array(
              List.of(new Json.Text(column.name()), new Json.Text(name(column.type())))));
    }
    Map<String, Json> all = new LinkedHashMap<>();
    all.put("table", new Json.Text(entity.table()));
    all.put("where", entity.where().<Json>map(Json.Text::new).orElse(Json.NULL));
    all.put("columns", new Json.Array(columns));
    all.put("key", texts(entity.key()));
    // By what they compare, so that one that compares otherwise now is made anew.
    all.put(
        "indexes",
        new Json.Array(
            entity.indexes().stream()
                .<Json>map(index -> texts(index.stream().map(name -> key(entity, name)).toList()))
                .toList()));
    return new Json.Members(all).toString();
  }

  private static String key(Entity entity, String column) {
    return entity.column(column).orElseThrow().type().comparable(column);
  }

  /** The server's table of an entity that the store was once made for. */
  static Optional<String> table(Tx tx, String entity) {
    return Meta.get(tx, "entity:" + entity)
        .flatMap(text -> members(text).member("table"))
        .map(StoreSchema::plain);
  }

  private static Json texts(List<String> texts) {
    return new Json.Array(texts.stream().<Json>map(Json.Text::new).toList());
  }

  static String name(ColumnType type) {
    return switch (type) {
      case ColumnType.Scalar scalar -> scalar.name();
      case ColumnType.ArrayOf(ColumnType.Scalar element) -> element.name() + "[]";
    };
  }

  static ColumnType type(String name) {
    return name.endsWith("[]")
        ? new ColumnType.ArrayOf(
            ColumnType.Scalar.valueOf(name.substring(0, name.length() - "[]".length())))
        : ColumnType.Scalar.valueOf(name);
  }

  private static void rebuild(Tx tx, EntitySql sql, String was) {
    Map<String, Json> before = members(was).byName();
    Map<String, ColumnType> types = new LinkedHashMap<>();
    if (before.get("columns") instanceof Json.Array(List<Json> columns)) {
      for (Json column : columns) {
        if (column instanceof Json.Array(List<Json> pair)) {
          types.put(plain(pair.get(0)), type(plain(pair.get(1))));
        }
      }
    }
    tx.run("drop view " + sql.view());
    tx.run("drop table " + sql.local());
    Map<String, Json> now = members(describe(sql.entity())).byName();
    boolean isSameShape =
        Objects.equals(now.get("table"), before.get("table"))
            && Objects.equals(now.get("where"), before.get("where"));
    tx.run("drop table if exists " + sql.table(Slot.NEXT));
    StreamTable.forget(tx, sql.entity().name(), Slot.NEXT);
    convert(tx, sql, types);
    if (!isSameShape) {
      // Shown until the other shape is whole.
      SyncedTable.beginNext(tx, sql);
    }
    tx.run(sql.createLocal());
    createIndexes(tx, sql, sql.local());
    restoreOverlay(tx, sql, types.keySet());
    tx.run(sql.createView());
    tx.touch(sql.entity().name());
  }

  /** Makes the synced table anew of its rows. */
  private static void convert(Tx tx, EntitySql sql, Map<String, ColumnType> types) {
    String table = sql.table(Slot.SYNCED);
    String old = SqlIdentifier.quote(sql.entity().name() + "__old");
    tx.run("alter table %s rename to %s".formatted(table, old));
    tx.run(sql.create(table, ""));
    String selected =
        types.keySet().stream().map(SqlIdentifier::quote).collect(Collectors.joining(", "));
    RowTexts texts = new RowTexts(sql.entity());
    record Converted(long rowid, List<@Nullable Object> values) {}
    long done = 0;
    while (true) {
      // In pieces, so that a large table is not in memory whole.
      List<Converted> rows =
          tx.query(
              "select %s, %s, rowid from %s where rowid > ?1 order by rowid limit 1000"
                  .formatted(selected, EntitySql.REST, old),
              List.of(done),
              row -> {
                Map<String, @Nullable String> all = new LinkedHashMap<>();
                texts.addRest(row.text(types.size()), all);
                Map<String, @Nullable Object> same = new LinkedHashMap<>();
                int place = 0;
                for (Map.Entry<String, ColumnType> column : types.entrySet()) {
                  @Nullable Object stored = row.value(place++);
                  if (texts.isOf(column.getKey(), column.getValue())) {
                    same.put(column.getKey(), stored);
                  } else {
                    all.put(column.getKey(), column.getValue().text(stored));
                  }
                }
                return new Converted(
                    row.number(types.size() + 1), Arrays.asList(texts.stored(all, same)));
              });
      if (rows.isEmpty()) {
        break;
      }
      for (Converted row : rows) {
        done = row.rowid();
        tx.run(sql.put(table), row.values().toArray());
      }
    }
    tx.run("drop table " + old);
    createIndexes(tx, sql, table);
  }

  /** What the user wrote, in the form of the columns as they are now. */
  private static void restoreOverlay(Tx tx, EntitySql sql, Set<String> known) {
    Entity entity = sql.entity();
    record Change(long seq, Json.Members payload, Set<String> shown) {}
    List<Change> changes =
        tx.query(
            "select seq, payload, columns from overlay where entity = ? order by seq",
            List.of(entity.name()),
            row ->
                new Change(
                    row.number(0),
                    members(String.valueOf(row.text(1))),
                    members(String.valueOf(row.text(2))).byName().keySet()));
    for (Change change : changes) {
      if (!change.payload().byName().keySet().containsAll(entity.key())) {
        continue; // The key has more columns now; it is sent, and shown, as it was written.
      }
      LocalChange local = LocalChange.stored(entity, WriteChange.Op.UPDATE, change.payload());
      Map<String, Json> columns = new LinkedHashMap<>(local.columns().byName());
      // What others have replaced stays so.
      columns.keySet().removeIf(name -> known.contains(name) && !change.shown().contains(name));
      boolean isReplaced = change.shown().isEmpty();
      tx.run(
          "update overlay set key = ?, columns = ? where seq = ?",
          local.key().text(),
          new Json.Members(isReplaced ? Map.of() : columns).toString(),
          change.seq());
      tx.run("update write_buffer set key = ? where seq = ?", local.key().text(), change.seq());
    }
    Overlay.refoldAll(tx, sql);
  }

  static Json.Members members(String text) {
    try {
      if (JsonReader.read(text, ColumnType.LIMITS) instanceof Json.Members members) {
        return members;
      }
    } catch (InvalidJson e) {
      throw new IllegalStateException("the store holds what it never wrote: " + text, e);
    }
    throw new IllegalStateException("the store holds what it never wrote: " + text);
  }

  private static String plain(Json text) {
    return text instanceof Json.Text(String value) ? value : text.toString();
  }
}
