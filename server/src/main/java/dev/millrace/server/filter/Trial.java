package dev.millrace.server.filter;

import dev.millrace.protocol.SqlIdentifier;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Table;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Conditions tried on a temporary table that has the columns they name, so that Postgres reads and
 * prints them where nothing but an expression over these columns can stand. On one connection, in a
 * transaction that is to be rolled back.
 *
 * <p>A stored generated column takes only what Postgres calls immutable; a check constraint takes
 * everything else too.
 */
final class Trial {

  /** What the temporary table is called; nothing in a condition may be. */
  static final String TABLE = "millrace_row";

  private static final String SETTINGS =
      """
      set local statement_timeout = '5s';
      set local client_min_messages = 'error'
      """;

  private static final String COLUMN_TYPES =
      """
      select format_type(u.type::oid, u.modifier),
             case when a.attcollation <> t.typcollation
                    then quote_ident(n.nspname) || '.' || quote_ident(c.collname) end
        from unnest(?::bigint[], ?::int[], ?::int[]) with ordinality
               as u (type, modifier, number, place)
        join pg_type t on t.oid = u.type::oid
        left join pg_attribute a on a.attrelid = ?::bigint::oid and a.attnum = u.number
        left join pg_collation c on c.oid = a.attcollation
        left join pg_namespace n on n.oid = c.collnamespace
       order by u.place
      """;

  /** Names outside {@code pg_catalog} are printed with their schema. */
  private static final String PRINT_ALL_SCHEMAS = "set local search_path = pg_catalog";

  private static final String GENERATED =
      """
      select pg_get_expr(adbin, adrelid) from pg_catalog.pg_attrdef
       where adrelid = 'pg_temp.%s'::regclass order by adnum
      """
          .formatted(TABLE);

  private final Connection connection;
  private final String columns;

  private Trial(Connection connection, String columns) {
    this.connection = connection;
    this.columns = columns;
  }

  /** Makes ready for conditions on {@code columns} of {@code table}. */
  static Trial begin(Connection connection, Table table, List<Column> columns) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(SETTINGS);
    }
    return new Trial(connection, definitions(connection, table, columns));
  }

  private static String definitions(Connection connection, Table table, List<Column> columns)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(COLUMN_TYPES)) {
      query.setString(1, array(columns, column -> Integer.toUnsignedLong(column.typeOid())));
      query.setString(2, array(columns, column -> column.modifier()));
      query.setString(3, array(columns, column -> column.number()));
      query.setLong(4, Integer.toUnsignedLong(table.oid()));
      StringBuilder definitions = new StringBuilder();
      try (ResultSet types = query.executeQuery()) {
        for (Column column : columns) {
          types.next();
          String collation = types.getString(2);
          definitions.append(SqlIdentifier.quote(column.name())).append(' ');
          definitions.append(types.getString(1));
          definitions.append(collation == null ? "" : " collate " + collation).append(",\n");
        }
      }
      return definitions.toString();
    }
  }

  private static String array(List<Column> columns, ToLongFunction<Column> value) {
    return columns.stream()
        .map(column -> Long.toString(value.applyAsLong(column)))
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** What stands before the condition in {@link #generated}'s statement. */
  String before() {
    return "create temporary table %s (\n%smillrace_1 boolean generated always as (\n"
        .formatted(TABLE, columns);
  }

  String generated(String condition) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(before() + condition + "\n) stored)");
      statement.execute(PRINT_ALL_SCHEMAS);
    }
    List<String> printed = print(GENERATED);
    if (printed.size() != 1) {
      throw new IllegalStateException("one condition became " + printed);
    }
    return printed.getFirst();
  }

  private List<String> print(String sql) throws SQLException {
    List<String> printed = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        printed.add(onOneLine(rows.getString(1)));
      }
    }
    return printed;
  }

  /** Without the line breaks and indents that Postgres puts into {@code CASE}. */
  static String onOneLine(String printed) {
    StringBuilder line = new StringBuilder(printed.length());
    char quote = 0;
    for (int i = 0; i < printed.length(); i++) {
      char c = printed.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '\n') {
        while (i + 1 < printed.length() && printed.charAt(i + 1) == ' ') {
          i++;
        }
        if (line.isEmpty() || " (".indexOf(line.charAt(line.length() - 1)) >= 0) {
          continue;
        }
        c = ' ';
      }
      line.append(c);
    }
    return line.toString();
  }
}
