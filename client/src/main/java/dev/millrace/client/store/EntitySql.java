package dev.millrace.client.store;

import dev.millrace.protocol.SqlIdentifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The statements of one entity, each made once.
 *
 * <p>Its tables: {@code works__synced}, the copy of what the server sent; {@code works__next}, a
 * copy in the making that takes its place when it is whole; {@code works__local}, for each row with
 * pending changes what the merged view shows of it; and the view {@code works}, which is synced
 * rows without local ones and the local ones. Columns that the application does not know lie in
 * {@code _rest}, by their texts.
 */
final class EntitySql {

  static final String REST = "_rest";

  private final Entity entity;
  private final String columns;
  private final String keyMatch;
  private final String synced;
  private final String next;
  private final String local;
  private final String putLocal;
  private final String selectSynced;
  private final Map<String, String> puts = new ConcurrentHashMap<>();
  private final Map<String, String> deletes = new ConcurrentHashMap<>();
  private final Map<String, String> updates = new ConcurrentHashMap<>();

  EntitySql(Entity entity) {
    this.entity = entity;
    this.columns =
        entity.columns().stream()
            .map(column -> SqlIdentifier.quote(column.name()))
            .collect(Collectors.joining(", "));
    this.keyMatch = match(1);
    this.synced = SqlIdentifier.quote(entity.name() + "__synced");
    this.next = SqlIdentifier.quote(entity.name() + "__next");
    this.local = SqlIdentifier.quote(entity.name() + "__local");
    this.selectSynced = select(synced, columns + ", " + REST);
    this.putLocal =
        "insert or replace into %s (%s, %s, _deleted) values (%s?, ?)"
            .formatted(local, columns, REST, "?, ".repeat(entity.columns().size()));
  }

  Entity entity() {
    return entity;
  }

  /** The key's columns, each equal to the parameter from {@code first} on. */
  private String match(int first) {
    List<String> parts = new ArrayList<>();
    for (String column : entity.key()) {
      parts.add(SqlIdentifier.quote(column) + " = ?" + (first + parts.size()));
    }
    return String.join(" and ", parts);
  }

  String table(Slot slot) {
    return switch (slot) {
      case SYNCED -> synced;
      case NEXT -> next;
    };
  }

  String local() {
    return local;
  }

  String view() {
    return SqlIdentifier.quote(entity.name());
  }

  String create(String table, String further) {
    String key = entity.key().stream().map(SqlIdentifier::quote).collect(Collectors.joining(", "));
    return "create table %s (%s, %s%s, primary key (%s))"
        .formatted(table, columns, REST, further, key);
  }

  String createLocal() {
    return create(local(), ", _deleted");
  }

  /** The entity's index {@code number} on a table; index names are those of a whole file. */
  String createIndex(String table, int number, long unique) {
    String indexed =
        entity.indexes().get(number).stream()
            .map(name -> entity.column(name).orElseThrow())
            .map(column -> column.type().comparable(SqlIdentifier.quote(column.name())))
            .collect(Collectors.joining(", "));
    String name = SqlIdentifier.quote(entity.name() + "__index_" + unique);
    return "create index %s on %s (%s)".formatted(name, table, indexed);
  }

  String createView() {
    String join =
        entity.key().stream()
            .map(SqlIdentifier::quote)
            .map(column -> "l." + column + " = s." + column)
            .collect(Collectors.joining(" and "));
    String selected =
        entity.selected().stream()
            .map(column -> SqlIdentifier.quote(column.name()))
            .collect(Collectors.joining(", "));
    return """
    create view %1$s as
    select %2$s from %3$s s%6$s where not exists (select 1 from %4$s l where %5$s)
    union all
    select %2$s from %4$s%6$s where _deleted = 0\
    """
        .formatted(view(), selected, table(Slot.SYNCED), local(), join, DeviceColumns.join(entity));
  }

  /** Parameters: the columns, the rest. */
  String put(String table) {
    return puts.computeIfAbsent(
        table,
        into ->
            "insert or replace into %s (%s, %s) values (%s?)"
                .formatted(into, columns, REST, "?, ".repeat(entity.columns().size())));
  }

  /** The synced row: its columns, then the rest. Parameters: the key. */
  String selectSynced() {
    return selectSynced;
  }

  /** Parameters: the columns, the rest, whether the row is deleted. */
  String putLocal() {
    return putLocal;
  }

  /** Parameters: the columns set, the key. */
  String update(Slot slot, List<String> set) {
    return updates.computeIfAbsent(
        slot + String.join(",", set),
        unused -> {
          List<String> parts = new ArrayList<>();
          for (String column : set) {
            parts.add(SqlIdentifier.quote(column) + " = ?" + (parts.size() + 1));
          }
          return "update %s set %s where %s"
              .formatted(table(slot), String.join(", ", parts), match(set.size() + 1));
        });
  }

  /** Parameters: the key. */
  String delete(String table) {
    return deletes.computeIfAbsent(
        table, from -> "delete from %s where %s".formatted(from, keyMatch));
  }

  /** Parameters: the key. */
  String select(String table, String selected) {
    return "select %s from %s where %s".formatted(selected, table, keyMatch);
  }
}
