package dev.millrace.server.filter;

import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.Table;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Has Postgres read the conditions that requests bring, and print them in canonical form. Any
 * thread; blocks.
 */
public final class FilterAnalysis {

  private static final Set<String> SYSTEM_COLUMNS =
      Set.of("cmax", "cmin", "ctid", "tableoid", "xmax", "xmin");

  private final Database database;

  public FilterAnalysis(Database database) {
    this.database = database;
  }

  /** What became of a condition. */
  private sealed interface Outcome {
    record Accepted(Filter filter) implements Outcome {}

    record Refused(InvalidExpression why) implements Outcome {}
  }

  /**
   * The filter that {@code where} means on {@code table}.
   *
   * @param parameters values of {@code $1} and so on
   * @throws InvalidExpression for the client, with the place in {@code where}
   * @throws DatabaseException if Postgres cannot be asked
   */
  public Filter analyse(Table table, String where, Map<Integer, String> parameters)
      throws InvalidExpression {
    SqlExpression expression = SqlExpression.of(where);
    if (expression.hasSubquery()) {
      throw new InvalidExpression("subqueries are not supported");
    }
    expression.requirePlainNames();
    refuseNames(table, expression);
    String condition = expression.withParameters(parameters, FilterAnalysis::quote);
    Outcome outcome =
        database.rehearse(
            "analysing a where clause",
            connection -> {
              try {
                FunctionRules.check(expression, connection);
              } catch (InvalidExpression e) {
                return new Outcome.Refused(e);
              }
              Trial trial = Trial.begin(connection, table, named(table, expression));
              try {
                return new Outcome.Accepted(new Filter(trial.generated(condition)));
              } catch (SQLException e) {
                return new Outcome.Refused(mistake(e, trial, expression, parameters));
              }
            });
    return switch (outcome) {
      case Outcome.Accepted accepted -> accepted.filter();
      case Outcome.Refused refused -> throw refused.why();
    };
  }

  private static void refuseNames(Table table, SqlExpression expression) throws InvalidExpression {
    Set<String> own = table.columns().stream().map(Column::name).collect(Collectors.toSet());
    for (SqlToken token : expression.tokens()) {
      String name = token.isName() ? token.text().toLowerCase(Locale.ROOT) : "";
      if (SYSTEM_COLUMNS.contains(name)) {
        throw new InvalidExpression(
            token.start(), "cannot use system column \"%s\" in WHERE".formatted(name));
      }
      if (name.equals(Trial.TABLE) && !own.contains(name)) {
        throw new InvalidExpression(token.start(), "column \"%s\" does not exist".formatted(name));
      }
    }
  }

  /** Some encodings have Postgres fold more than ASCII. */
  private static List<Column> named(Table table, SqlExpression expression) {
    Set<String> names = expression.names();
    Set<String> folded =
        names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    return table.columns().stream()
        .filter(column -> names.contains(column.name()) || folded.contains(column.name()))
        .toList();
  }

  /** A literal where {@code standard_conforming_strings} is on, as on all our connections. */
  private static String quote(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  private static InvalidExpression mistake(
      SQLException cause, Trial trial, SqlExpression expression, Map<Integer, String> parameters)
      throws SQLException {
    String state = cause.getSQLState() == null ? "" : cause.getSQLState();
    ServerErrorMessage error = cause instanceof PSQLException p ? p.getServerErrorMessage() : null;
    String message = error == null ? null : error.getMessage();
    if (error == null
        || message == null
        || state.equals("42501")
        || !(state.startsWith("42")
            || state.startsWith("0A")
            || state.startsWith("22")
            || state.startsWith("54"))) {
      throw cause;
    }
    if (state.equals("42804") && error.getPosition() == 0) {
      return new InvalidExpression("WHERE clause must return a boolean");
    }
    if (state.equals("42P17")) {
      return new InvalidExpression("the expression is not immutable");
    }
    int place = error.getPosition() - 1 - trial.before().length();
    if (place < -1) {
      return new InvalidExpression(message);
    }
    int origin =
        Math.min(
            expression.origin(Math.max(0, place), parameters, FilterAnalysis::quote),
            expression.text().length());
    return state.equals("42601")
        ? SqlExpression.atSyntaxError(origin, message)
        : new InvalidExpression(origin, message);
  }
}
