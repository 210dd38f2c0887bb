package dev.millrace.server.filter;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which functions an expression from a request may call: those that Postgres knows to depend on
 * their arguments alone, and a list of harmless ones that also depend on session settings, which
 * are fixed. Everything else could read files, other tables or settings, or do something.
 *
 * @see <a href="https://www.postgresql.org/docs/current/xfunc-volatility.html">Function volatility
 *     categories</a>
 */
public final class FunctionRules {

  /** Stable in some or all of their forms, and harmless in each. */
  private static final Set<String> HARMLESS =
      Set.of(
          "age",
          "array_to_json",
          "array_to_string",
          "concat",
          "concat_ws",
          "date",
          "date_bin",
          "date_part",
          "date_trunc",
          "extract",
          "format",
          "isfinite",
          "jsonb_build_array",
          "jsonb_build_object",
          "jsonb_path_exists",
          "jsonb_path_match",
          "lower",
          "now",
          "numrange",
          "phraseto_tsquery",
          "plainto_tsquery",
          "quote_literal",
          "quote_nullable",
          "row_to_json",
          "text",
          "time",
          "timestamp",
          "timestamptz",
          "timetz",
          "timezone",
          "to_char",
          "to_date",
          "to_json",
          "to_jsonb",
          "to_number",
          "to_timestamp",
          "to_tsquery",
          "to_tsvector",
          "tsrange",
          "tstzrange",
          "upper",
          "websearch_to_tsquery");

  /** Of some names, those of which any function that could be meant is not immutable. */
  private static final String NOT_IMMUTABLE =
      "select distinct proname from pg_catalog.pg_proc"
          + " where proname = any(?) and (provolatile <> 'i' or prosecdef)";

  private FunctionRules() {}

  /**
   * Refuses what may not be called.
   *
   * @throws InvalidExpression with the name of the function
   */
  public static void check(SqlExpression expression, Connection connection)
      throws InvalidExpression, SQLException {
    Set<String> called = new TreeSet<>(expression.calls());
    called.removeAll(HARMLESS);
    if (called.isEmpty()) {
      return;
    }
    Array names = connection.createArrayOf("text", called.toArray());
    try (PreparedStatement query = connection.prepareStatement(NOT_IMMUTABLE)) {
      query.setArray(1, names);
      try (ResultSet row = query.executeQuery()) {
        if (row.next()) {
          throw new InvalidExpression(
              "unknown or unsupported function " + row.getString(1) + ", which is not immutable");
        }
      }
    }
  }
}
