package dev.millrace.client.store;

import dev.millrace.protocol.Json;
import dev.millrace.protocol.SqlIdentifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The columns of an entity that never leave the device: in a table of their own, {@code
 * works__device}, by the row's key, so that nothing the server sends touches them. A row's values
 * stay when it goes, since it may come back: what was deleted offline may be rejected.
 */
public final class DeviceColumns {

  private DeviceColumns() {}

  static String table(Entity entity) {
    return SqlIdentifier.quote(entity.name() + "__device");
  }

  /** What to put after a table of rows, so that these columns stand beside it. */
  public static String join(Entity entity) {
    return entity.local().isEmpty()
        ? ""
        : " left join %s using (%s)".formatted(table(entity), quoted(entity.key()));
  }

  private static String quoted(List<String> names) {
    return names.stream().map(SqlIdentifier::quote).collect(Collectors.joining(", "));
  }

  /**
   * Brings the table to the entity's columns; those that it has no more stay, unseen.
   *
   * @return whether the entity's columns are others than they were
   */
  static boolean bringTo(Tx tx, Entity entity) {
    String name = "device:" + entity.name();
    Optional<Json.Members> found = Meta.get(tx, name).map(StoreSchema::members);
    Json key = new Json.Array(entity.key().stream().<Json>map(Json.Text::new).toList());
    if (entity.local().isEmpty() && found.isEmpty()) {
      return false;
    }
    Map<String, Json> types = new LinkedHashMap<>();
    if (found.isPresent() && found.get().member("key").filter(key::equals).isPresent()) {
      if (found.get().member("types").orElse(Json.NULL) instanceof Json.Members before) {
        types.putAll(before.byName());
      }
    } else {
      begin(tx, entity);
    }
    Map<String, Json> now = new LinkedHashMap<>(types);
    for (Entity.Column column : entity.local()) {
      Json type = new Json.Text(StoreSchema.name(column.type()));
      Json before = now.put(column.name(), type);
      if (before == null) {
        tx.run(
            "alter table %s add column %s"
                .formatted(table(entity), SqlIdentifier.quote(column.name())));
      } else if (before instanceof Json.Text(String was) && !before.equals(type)) {
        convert(tx, entity, column, StoreSchema.type(was));
      }
    }
    Json seen = new Json.Array(entity.local().stream().<Json>map(Entity.Column::named).toList());
    Json.Members wanted =
        new Json.Members(Map.of("key", key, "types", new Json.Members(now), "seen", seen));
    boolean isOther = found.flatMap(all -> all.member("seen")).filter(seen::equals).isEmpty();
    Meta.put(tx, name, wanted.toString());
    return isOther;
  }

  /** A table for another key is another one; what was kept by the old key is put aside. */
  private static void begin(Tx tx, Entity entity) {
    String name = entity.name() + "__device";
    boolean isThere =
        tx.number("select count(*) from sqlite_schema where type = 'table' and name = ?", name) > 0;
    if (isThere) {
      String aside = SqlIdentifier.quote(name + "_" + Meta.next(tx));
      tx.run("alter table %s rename to %s".formatted(table(entity), aside));
    }
    tx.run(
        "create table %1$s (%2$s, primary key (%2$s))"
            .formatted(table(entity), quoted(entity.key())));
  }

  private static void convert(Tx tx, Entity entity, Entity.Column column, ColumnType was) {
    record Value(long row, @Nullable Object stored) {}
    String quoted = SqlIdentifier.quote(column.name());
    List<Value> values =
        tx.query(
            "select rowid, %s from %s".formatted(quoted, table(entity)),
            List.of(),
            row -> new Value(row.number(0), row.value(1)));
    for (Value value : values) {
      tx.run(
          "update %s set %s = ?1 where rowid = ?2".formatted(table(entity), quoted),
          column.type().storeText(was.text(value.stored())),
          value.row());
    }
  }

  /** Takes those columns out of {@code values}. */
  public static Map<String, @Nullable Object> take(
      Entity entity, Map<String, @Nullable Object> values) {
    Map<String, @Nullable Object> taken = new LinkedHashMap<>();
    for (Entity.Column column : entity.local()) {
      if (values.containsKey(column.name())) {
        taken.put(column.name(), column.type().store(values.remove(column.name())));
      }
    }
    return taken;
  }

  /** Keeps values of a row, as they are stored. */
  public static void put(
      Tx tx, Entity entity, RowKey key, Map<String, ? extends @Nullable Object> stored) {
    if (stored.isEmpty()) {
      return;
    }
    List<String> names = new ArrayList<>(entity.key());
    names.addAll(stored.keySet());
    List<@Nullable Object> values = new ArrayList<>(key.values());
    values.addAll(stored.values());
    String set =
        stored.keySet().stream()
            .map(SqlIdentifier::quote)
            .map(column -> column + " = excluded." + column)
            .collect(Collectors.joining(", "));
    tx.run(
        "insert into %s (%s) values (%s) on conflict (%s) do update set %s"
            .formatted(
                table(entity),
                quoted(names),
                String.join(", ", java.util.Collections.nCopies(values.size(), "?")),
                quoted(entity.key()),
                set),
        values.toArray());
    tx.touch(entity.name());
  }

  /** A row's values, as they are stored. */
  private record Kept(RowKey key, Map<String, @Nullable Object> values) {}

  private static List<Kept> kept(Store store, Entity entity) {
    if (entity.local().isEmpty()) {
      return List.of();
    }
    List<String> names = new ArrayList<>(entity.key());
    entity.local().forEach(column -> names.add(column.name()));
    int keys = entity.key().size();
    return store.read(tx ->
        tx.query(
            "select %s from %s".formatted(quoted(names), table(entity)),
            List.of(),
            row -> {
              List<@Nullable Object> key = new ArrayList<>();
              Map<String, @Nullable Object> values = new LinkedHashMap<>();
              for (int i = 0; i < names.size(); i++) {
                if (i < keys) {
                  key.add(row.value(i));
                } else {
                  values.put(names.get(i), row.value(i));
                }
              }
              return new Kept(RowKey.of(key.toArray()), values);
            }));
  }

  /** Takes over what another store has, such as a guest's. */
  public static void copy(Store from, Tx to, Entity entity) {
    kept(from, entity).forEach(row -> put(to, entity, row.key(), row.values()));
  }

  /** All values, each row with its key, as a write would carry them. */
  public static List<Json.Members> export(Store store, Entity entity) {
    List<Json.Members> rows = new ArrayList<>();
    for (Kept row : kept(store, entity)) {
      Map<String, Json> members = new LinkedHashMap<>();
      for (int i = 0; i < entity.key().size(); i++) {
        String name = entity.key().get(i);
        ColumnType type = entity.column(name).orElseThrow().type();
        members.put(name, type.write(row.key().values().get(i)));
      }
      for (Entity.Column column : entity.local()) {
        members.put(column.name(), column.type().write(row.values().get(column.name())));
      }
      rows.add(new Json.Members(members));
    }
    return rows;
  }
}
