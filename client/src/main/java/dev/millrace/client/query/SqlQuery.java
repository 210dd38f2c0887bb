package dev.millrace.client.query;

import dev.millrace.client.sqlite.SqliteRow;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Row;
import dev.millrace.client.store.Tx;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A question in plain SQL, for joins and sums: over a view for each entity, called as the entity
 * is. Immutable.
 *
 * <p>Which entities it depends on is found from how SQLite would run it, unless it is said.
 *
 * @param values of its parameters, as stored: {@code Long}, {@code Double}, {@code String} or null
 * @param columns of its rows, in the order the statement has them
 * @param keyColumns those that tell a row from the others; all of them where there are none
 * @param from names of the entities it depends on; found where there are none
 */
public record SqlQuery(
    String sql,
    List<@Nullable Object> values,
    List<Entity.Column> columns,
    List<String> keyColumns,
    Set<String> from)
    implements Question {

  /** A statement that selects, with the values of its parameters. */
  public static SqlQuery of(String sql, @Nullable Object... values) {
    return new SqlQuery(sql, Arrays.asList(values.clone()), List.of(), List.of(), Set.of());
  }

  /** The next column of its rows is called so, and is of that type. */
  public SqlQuery column(String name, ColumnType type) {
    List<Entity.Column> all = new ArrayList<>(columns);
    all.add(new Entity.Column(name, type));
    return new SqlQuery(sql, values, List.copyOf(all), keyColumns, from);
  }

  /** Rows with the same values in these columns are the same row, changed or not. */
  public SqlQuery key(String... names) {
    return new SqlQuery(sql, values, columns, List.of(names), from);
  }

  /** It depends on these and no others. */
  public SqlQuery dependsOn(Entity... entities) {
    Set<String> names = new LinkedHashSet<>();
    Stream.of(entities).map(Entity::name).forEach(names::add);
    return new SqlQuery(sql, values, columns, keyColumns, Set.copyOf(names));
  }

  @Override
  public List<Row> run(Tx tx) {
    return tx.query(sql, values, this::row);
  }

  private Row row(SqliteRow stored) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    int place = 0;
    for (Entity.Column column : columns) {
      row.put(column.name(), column.type().load(stored.value(place++)));
    }
    return new Row(row);
  }

  @Override
  public List<@Nullable Object> key(Row row) {
    List<@Nullable Object> key = new ArrayList<>();
    if (keyColumns.isEmpty()) {
      columns.forEach(column -> key.add(row.get(column.name())));
    } else {
      keyColumns.forEach(column -> key.add(row.get(column)));
    }
    return key;
  }

  /** SQLite's program opens each table, or an index of it, by its root page. */
  @Override
  public Set<String> entities(Tx tx) {
    if (!from.isEmpty()) {
      return from;
    }
    Set<Long> pages = new LinkedHashSet<>();
    tx.query(
        "explain " + sql,
        values,
        step -> "OpenRead".equals(step.text(1)) && pages.add(step.number(3)));
    Set<String> names = new LinkedHashSet<>();
    tx.query(
        "select rootpage, tbl_name from sqlite_schema",
        List.of(),
        found -> {
          String table = String.valueOf(found.text(1));
          int suffix = table.indexOf("__");
          return suffix > 0
              && pages.contains(found.number(0))
              && names.add(table.substring(0, suffix));
        });
    return names;
  }
}
