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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

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

  /** A condition that is not boolean, or the type of something in it. */
  static final String WRONG_TYPE = "42804";

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
  private static final String PRINT_SCHEMAS = "set local search_path = pg_catalog";

  /** Where a condition can stand in the definition of a table. */
  private enum Place {
    /** Takes only what Postgres calls immutable. */
    GENERATED_COLUMN(
        "%s boolean generated always as (\n",
        "\n) stored",
        "select left(pg_get_expr(adbin, adrelid), %d), adbin::text from pg_attrdef"
            + " where adrelid = 'pg_temp.%s'::regclass order by adnum"),
    /** Takes everything that needs no other row. */
    CHECK_CONSTRAINT(
        "constraint %s check (\n",
        "\n)",
        "select left(pg_get_expr(conbin, conrelid), %d), conbin::text from pg_constraint"
            + " where conrelid = 'pg_temp.%s'::regclass order by conname");

    private final String before;
    private final String after;
    private final String print;

    Place(String before, String after, String print) {
      this.before = before;
      this.after = after;
      this.print = print.formatted(Filter.MOST_CHARACTERS + 1, TABLE);
    }
  }

  /**
   * Conditions that Postgres has read.
   *
   * @param texts how it prints them
   * @param tree that of the first as Postgres keeps it, unless it is known to be immutable
   */
  record Printed(List<String> texts, Optional<String> tree) {
    Printed {
      texts = List.copyOf(texts);
    }
  }

  /** The first of some conditions, or something else about it, is wrong. */
  static final class Mistake extends Exception {

    private static final long serialVersionUID = 1L;

    private final SQLException said;
    private final int place;

    private Mistake(SQLException said, int place) {
      super(said);
      this.said = said;
      this.place = place;
    }

    /** By Postgres. */
    SQLException said() {
      return said;
    }

    /** Characters of the condition before the mistake; empty if Postgres names no place. */
    OptionalInt place() {
      return place < 0 ? OptionalInt.empty() : OptionalInt.of(place);
    }
  }

  private final Connection connection;
  private final String columns;
  private final String name;

  private Trial(Connection connection, String columns, String name) {
    this.connection = connection;
    this.columns = columns;
    this.name = name;
  }

  /** Makes ready for {@code condition}. */
  static Trial begin(Connection connection, Condition condition) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(SETTINGS);
    }
    Set<String> taken = condition.expression().names();
    String name = "millrace_condition";
    while (taken.contains(name + 0) || taken.contains(name + 1)) {
      name += "_";
    }
    String columns = definitions(connection, condition.table(), condition.columns());
    return new Trial(connection, columns, name);
  }

  private static String definitions(Connection connection, Table table, List<Column> columns)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(COLUMN_TYPES)) {
      query.setString(1, array(columns, column -> Integer.toUnsignedLong(column.typeOid())));
      query.setString(2, array(columns, Column::modifier));
      query.setString(3, array(columns, Column::number));
      query.setLong(4, Integer.toUnsignedLong(table.oid()));
      StringBuilder definitions = new StringBuilder();
      try (ResultSet types = query.executeQuery()) {
        for (Column column : columns) {
          if (!types.next()) {
            throw new SQLException("the types of " + table.name() + " are gone", "42704");
          }
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

  /**
   * Has Postgres read and print two conditions that mean the same.
   *
   * @return both, or the first alone if there is something wrong with the second only
   * @throws Mistake if there is something wrong with the first
   */
  Printed print(String direct, String lifted) throws SQLException, Mistake {
    List<String> both = List.of(direct, lifted);
    try {
      return print(both);
    } catch (Mistake mistake) {
      if (mistake.place().orElse(Integer.MAX_VALUE) <= direct.length()) {
        throw mistake;
      }
      return print(List.of(direct));
    }
  }

  private Printed print(List<String> conditions) throws SQLException, Mistake {
    try {
      return print(Place.GENERATED_COLUMN, conditions);
    } catch (Mistake mistake) {
      // Not immutable; or Postgres has computed with constants, which is for later to do.
      if (mistake.place().isEmpty() && !WRONG_TYPE.equals(mistake.said().getSQLState())) {
        return print(Place.CHECK_CONSTRAINT, conditions);
      }
      throw mistake;
    }
  }

  private Printed print(Place place, List<String> conditions) throws SQLException, Mistake {
    StringBuilder sql =
        new StringBuilder("create temporary table %s (\n%s".formatted(TABLE, columns));
    int start = sql.length() + place.before.formatted(name + 0).length();
    for (int i = 0; i < conditions.size(); i++) {
      sql.append(i == 0 ? "" : ",\n").append(place.before.formatted(name + i));
      sql.append(conditions.get(i)).append(place.after);
    }
    create(sql.append(')').toString(), start);
    return printed(place, conditions.size());
  }

  /** What a condition reads of other tables. */
  private static final String READ =
      """
      select distinct c.oid::bigint, row_security_active(c.oid),
             c.relkind <> 'p' and exists (select from pg_inherits i where i.inhparent = c.oid)
        from pg_policy p
        join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
                        and d.refclassid = 'pg_class'::regclass and d.refobjid <> p.polrelid
        join pg_class c on c.oid = d.refobjid
       where p.polrelid = 'pg_temp.%s'::regclass
      """
          .formatted(TABLE);

  /**
   * Has Postgres read and print a condition in which queries may stand, as a policy.
   *
   * @throws Mistake if there is something wrong with it
   */
  QueryingCondition printWithQueries(String condition) throws SQLException, Mistake {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "create temporary table %s (%s)"
              .formatted(
                  TABLE, columns.isEmpty() ? "" : columns.substring(0, columns.length() - 2)));
    }
    String before = "create policy %s on pg_temp.%s using (\n".formatted(name, TABLE);
    create(before + condition + "\n)", before.length());
    try (Statement statement = connection.createStatement()) {
      String printed;
      try (ResultSet row =
          statement.executeQuery(
              "select left(pg_get_expr(polqual, polrelid), %d) from pg_policy where polrelid = 'pg_temp.%s'::regclass"
                  .formatted(Filter.MOST_CHARACTERS + 1, TABLE))) {
        row.next();
        printed = onOneLine(row.getString(1));
      }
      Map<Integer, QueryingCondition.Read> read = new HashMap<>();
      try (ResultSet row = statement.executeQuery(READ)) {
        while (row.next()) {
          read.put(
              (int) row.getLong(1),
              new QueryingCondition.Read(row.getBoolean(2), row.getBoolean(3)));
        }
      }
      return new QueryingCondition(printed, read);
    }
  }

  /**
   * Makes the table or a policy, or leaves the transaction as it was.
   *
   * @param start where the first condition begins in {@code sql}
   */
  private void create(String sql, int start) throws SQLException, Mistake {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute("savepoint millrace_trial");
      try {
        statement.execute(sql);
      } catch (SQLException e) {
        statement.execute("rollback to savepoint millrace_trial");
        int place = place(e, sql);
        if (place >= 0 && place < start - 1) {
          throw e;
        }
        throw new Mistake(e, place < 0 ? -1 : Math.max(0, place - start));
      }
      statement.execute(PRINT_SCHEMAS);
    }
  }

  /** Postgres counts characters from 1, Java halves of some characters too. */
  private static int place(SQLException error, String sql) {
    ServerErrorMessage said = error instanceof PSQLException p ? p.getServerErrorMessage() : null;
    int position = said == null ? 0 : said.getPosition();
    return position < 1 ? -1 : sql.offsetByCodePoints(0, position - 1);
  }

  private Printed printed(Place place, int conditions) throws SQLException {
    List<String> texts = new ArrayList<>();
    Optional<String> tree = Optional.empty();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(place.print)) {
      while (rows.next()) {
        texts.add(onOneLine(rows.getString(1)));
        if (place == Place.CHECK_CONSTRAINT && tree.isEmpty()) {
          tree = Optional.of(rows.getString(2));
        }
      }
    }
    if (texts.size() != conditions) {
      throw new IllegalStateException(
          "%d conditions became %d".formatted(conditions, texts.size()));
    }
    return new Printed(texts, tree);
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
