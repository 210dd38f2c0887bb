package dev.millrace.server.filter;

import dev.millrace.protocol.SqlIdentifier;
import dev.millrace.server.postgres.Column;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Has Postgres evaluate conditions on rows of which we have the texts. Immutable; any thread.
 *
 * @param oid the table
 * @param columns those that the conditions may name
 * @param conditions in canonical form; a row has to meet all
 */
public record DelegatedQuery(int oid, List<Column.Identity> columns, List<String> conditions) {

  /** No column of anybody has this name. */
  private static final String PLACE = "millrace place";

  private static final String TYPES =
      """
      select format_type(a.atttypid, a.atttypmod),
             case when a.attcollation <> 0 then c.oid::regcollation::text end
        from unnest(?::int[]) with ordinality as u (number, place)
        join pg_catalog.pg_attribute a on a.attrelid = ?::bigint::oid and a.attnum = u.number
        left join pg_catalog.pg_collation c on c.oid = a.attcollation
       order by u.place
      """;

  public DelegatedQuery {
    columns = List.copyOf(columns);
    conditions = List.copyOf(conditions);
  }

  /**
   * Which of the rows meet the conditions, in their order.
   *
   * @param connection in a transaction of its own
   * @param rows for each the texts of the columns
   * @throws SQLException if a condition cannot be evaluated on one of them, among others
   */
  public boolean[] evaluate(Connection connection, List<List<@Nullable String>> rows)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql(types(connection)))) {
      Object[] places = IntStream.range(0, rows.size()).boxed().toArray();
      query.setArray(1, connection.createArrayOf("int4", places));
      for (int i = 0; i < columns.size(); i++) {
        int column = i;
        Object[] texts = rows.stream().map(row -> row.get(column)).toArray();
        query.setArray(i + 2, connection.createArrayOf("text", texts));
      }
      boolean[] met = new boolean[rows.size()];
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          met[row.getInt(1)] = row.getBoolean(2);
        }
      }
      return met;
    }
  }

  private String sql(List<String> types) {
    List<String> typed = new ArrayList<>(List.of("u.place as \"" + PLACE + "\""));
    List<String> arrays = new ArrayList<>(List.of("?"));
    List<String> names = new ArrayList<>(List.of("place"));
    for (int i = 0; i < columns.size(); i++) {
      String name = "v" + i;
      String column = SqlIdentifier.quote(columns.get(i).name());
      typed.add("u.%s::%s as %s".formatted(name, types.get(i), column));
      arrays.add("?");
      names.add(name);
    }
    return """
    select "%s", (%s) from (
      select %s from unnest(%s) as u (%s)
    ) as millrace_row
    """
        .formatted(
            PLACE,
            conditions.stream()
                .map(DelegatedQuery::withoutPlaces)
                .collect(Collectors.joining(") and (")),
            String.join(", ", typed),
            String.join(", ", arrays),
            String.join(", ", names));
  }

  /** The driver takes a question mark for the place of a value, and two for an operator's. */
  private static String withoutPlaces(String condition) {
    StringBuilder sql = new StringBuilder();
    int written = 0;
    try {
      for (SqlToken token : SqlScanner.scan(condition)) {
        if (token.kind() == SqlToken.Kind.SYMBOL && token.text().contains("?")) {
          sql.append(condition, written, token.start()).append(token.text().replace("?", "??"));
          written = token.end();
        }
      }
    } catch (InvalidExpression e) {
      throw new IllegalArgumentException(condition + " is no expression: " + e.reason(), e);
    }
    return sql.append(condition, written, condition.length()).toString();
  }

  /** Each column's type with its collation, as a cast has it. */
  private List<String> types(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set local search_path = pg_catalog");
    }
    List<String> types = new ArrayList<>();
    Array numbers =
        connection.createArrayOf(
            "int4", columns.stream().map(Column.Identity::number).toArray(Integer[]::new));
    try (PreparedStatement query = connection.prepareStatement(TYPES)) {
      query.setArray(1, numbers);
      query.setLong(2, Integer.toUnsignedLong(oid));
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          String collation = row.getString(2);
          types.add(row.getString(1) + (collation == null ? "" : " collate " + collation));
        }
      }
    }
    try (Statement statement = connection.createStatement()) {
      // Functions of users' own are written for it.
      statement.execute("set local search_path to default");
    }
    if (types.size() != columns.size()) {
      throw new SQLException("the table was altered", "42703");
    }
    return types;
  }
}
