package dev.millrace.client.query;

import dev.millrace.client.sqlite.SqliteRow;
import dev.millrace.client.store.DeviceColumns;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Row;
import dev.millrace.client.store.Tx;
import dev.millrace.protocol.SqlIdentifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A question about the rows of one entity, merged. Rows that are equal in what they are ordered by
 * come in the order of their keys, so that the same rows come the same way each time. Immutable.
 *
 * @param limit the most rows; negative for all
 * @param offset how many are left out before
 */
public record Query(
    Entity entity, Optional<Condition> where, List<Order> orders, int limit, int offset)
    implements Question {

  public Query {
    orders = List.copyOf(orders);
    if (offset < 0) {
      throw new IllegalArgumentException("an offset below 0: " + offset);
    }
  }

  /** All rows. */
  public static Query of(Entity entity) {
    return new Query(entity, Optional.empty(), List.of(), -1, 0);
  }

  /** Those that meet this condition too. */
  public Query where(Condition condition) {
    Condition both = where.map(first -> first.and(condition)).orElse(condition);
    return new Query(entity, Optional.of(both), orders, limit, offset);
  }

  /** Sorted by this, after what it is sorted by already. */
  public Query orderBy(Order order) {
    List<Order> all = new ArrayList<>(orders);
    all.add(order);
    return new Query(entity, where, all, limit, offset);
  }

  public Query limit(int rows) {
    return new Query(entity, where, orders, rows, offset);
  }

  public Query offset(int rows) {
    return new Query(entity, where, orders, limit, rows);
  }

  @Override
  public List<@Nullable Object> key(Row row) {
    List<@Nullable Object> key = new ArrayList<>();
    entity.key().forEach(column -> key.add(row.get(column)));
    return key;
  }

  @Override
  public Set<String> entities(Tx tx) {
    return Set.of(entity.name());
  }

  @Override
  public List<Row> run(Tx tx) {
    List<@Nullable Object> values = new ArrayList<>();
    String sql = sql(values);
    return tx.query(sql, values, this::row);
  }

  private Row row(SqliteRow stored) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    int place = 0;
    for (Entity.Column column : entity.selected()) {
      values.put(column.name(), column.type().load(stored.value(place++)));
    }
    return new Row(values);
  }

  /** How many rows there are. */
  public long count(Tx tx) {
    List<@Nullable Object> values = new ArrayList<>();
    String sql = new Query(entity, where, List.of(), limit, offset).sql(values);
    return tx.query("select count(*) from (" + sql + ")", values, row -> row.number(0)).get(0);
  }

  /**
   * Synced rows without pending changes, and those with; each side by its indexes, then merged in
   * order.
   */
  String sql(List<@Nullable Object> values) {
    String condition = where.map(part -> part.sql(values)).orElse("true");
    String name = entity.name();
    String local = SqlIdentifier.quote(name + "__local");
    String synced = SqlIdentifier.quote(name + "__synced");
    String device = DeviceColumns.join(entity);
    String join =
        entity.key().stream()
            .map(SqlIdentifier::quote)
            .map(column -> "l." + column + " = s." + column)
            .collect(Collectors.joining(" and "));
    StringBuilder sql = new StringBuilder();
    sql.append("select ").append(selected()).append(" from ").append(synced);
    sql.append(" s").append(device).append(" where ").append(condition);
    sql.append(" and not exists (select 1 from ").append(local);
    sql.append(" l where ").append(join).append(") union all select ").append(selected());
    sql.append(" from ").append(local).append(device);
    sql.append(" where _deleted = 0 and ").append(condition);
    sql.append(" order by ").append(order());
    if (limit >= 0 || offset > 0) {
      sql.append(" limit ").append(limit).append(" offset ").append(offset);
    }
    return sql.toString();
  }

  /** All columns, then what is compared otherwise than it is stored. */
  private String selected() {
    StringBuilder selected = new StringBuilder();
    for (Entity.Column column : entity.selected()) {
      selected
          .append(selected.length() == 0 ? "" : ", ")
          .append(SqlIdentifier.quote(column.name()));
    }
    for (Order order : orders) {
      String plain = SqlIdentifier.quote(order.column());
      String comparable = order.type().comparable(plain);
      if (!comparable.equals(plain)) {
        selected.append(", ").append(comparable).append(" as ").append(alias(order));
      }
    }
    return selected.toString();
  }

  private static String alias(Order order) {
    return SqlIdentifier.quote("_by_" + order.column());
  }

  private String order() {
    StringBuilder text = new StringBuilder();
    for (Order order : orders) {
      String plain = SqlIdentifier.quote(order.column());
      boolean isPlain = order.type().comparable(plain).equals(plain);
      text.append(isPlain ? plain : alias(order));
      text.append(order.isAscending() ? ", " : " desc, ");
    }
    text.append(entity.key().stream().map(SqlIdentifier::quote).collect(Collectors.joining(", ")));
    return text.toString();
  }
}
