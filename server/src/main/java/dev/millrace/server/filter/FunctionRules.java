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
 * their arguments alone, and a list of its own harmless ones that also depend on session settings,
 * which are fixed. Everything else could read files, other tables or settings, or do something.
 *
 * <p>Three ways round a call are closed: {@code treat(x as f)}, which Postgres reads as {@code
 * f(x)}; words that call a function without parentheses; and types whose text forms look into the
 * catalogue.
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
          "date_add",
          "date_bin",
          "date_part",
          "date_subtract",
          "date_trunc",
          "extract",
          "format",
          "isfinite",
          "json_build_array",
          "json_build_object",
          "json_to_tsvector",
          "jsonb_build_array",
          "jsonb_build_object",
          "jsonb_path_exists",
          "jsonb_path_match",
          "jsonb_to_tsvector",
          "length",
          "lower",
          "make_timestamptz",
          "now",
          "numeric",
          "numrange",
          "overlaps",
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

  /** Calls {@code f} in {@code treat(x as f)}; no function has this name. */
  private static final String TREAT = "treat";

  /** Say who is connected and to what, without parentheses; columns so named need quotes. */
  private static final Set<String> CALLS_BY_WORD =
      Set.of(
          "current_catalog",
          "current_role",
          "current_schema",
          "current_user",
          "session_user",
          "system_user",
          "user");

  /** Types whose input or output looks up what there is in the database. */
  private static final Set<String> CATALOGUE_TYPES =
      Set.of(
          "aclitem",
          "regclass",
          "regcollation",
          "regconfig",
          "regdatabase",
          "regdictionary",
          "regnamespace",
          "regoper",
          "regoperator",
          "regproc",
          "regprocedure",
          "regrole",
          "regtype");

  /** Of some names, those of which any function that could be meant is neither. */
  private static final String NOT_IMMUTABLE =
      """
      select distinct proname from pg_catalog.pg_proc
      where proname = any(?) and (provolatile <> 'i' or prosecdef)
      and not (proname = any(?) and pronamespace = 'pg_catalog'::regnamespace)
      """;

  private FunctionRules() {}

  /**
   * Refuses what may not be called.
   *
   * @throws InvalidExpression with the name of the function
   */
  public static void check(SqlExpression expression, Connection connection)
      throws InvalidExpression, SQLException {
    refuseAny(expression, expression.words(), CALLS_BY_WORD);
    refuseAny(expression, expression.names(), CATALOGUE_TYPES);
    Set<String> called = new TreeSet<>(expression.calls());
    refuseAny(expression, called, Set.of(TREAT));
    if (called.isEmpty()) {
      return;
    }
    Array names = connection.createArrayOf("text", called.toArray());
    Array harmless = connection.createArrayOf("text", HARMLESS.toArray());
    try (PreparedStatement query = connection.prepareStatement(NOT_IMMUTABLE)) {
      query.setArray(1, names);
      query.setArray(2, harmless);
      try (ResultSet row = query.executeQuery()) {
        if (row.next()) {
          String reason = "unknown or unsupported function %s, which is not immutable";
          throw expression.wrongName(row.getString(1)::equals, reason::formatted);
        }
      }
    }
  }

  private static void refuseAny(SqlExpression expression, Set<String> names, Set<String> refused)
      throws InvalidExpression {
    if (names.stream().anyMatch(refused::contains)) {
      throw expression.wrongName(
          refused::contains, "unknown or unsupported function %s"::formatted);
    }
  }
}
