package dev.millrace.server.filter;

import dev.millrace.server.filter.Lifted.Constant;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Table;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * A where clause on a table, as far as it can be judged without Postgres. Immutable.
 *
 * @param columns of the table, those that it may name
 * @param parameters values of {@code $1} and so on
 */
record Condition(
    Table table,
    List<Column> columns,
    SqlExpression expression,
    Map<Integer, String> parameters,
    Lifted lifted) {

  private static final Set<String> SYSTEM_COLUMNS =
      Set.of("cmax", "cmin", "ctid", "tableoid", "xmax", "xmin");

  /** Numbers that are thousands of digits long when they are written out. */
  private static final Pattern HUGE = Pattern.compile("[0-9.][eE][+-]?[0-9]*[1-9][0-9]{3}");

  private static final int MOST_HUGE = 100;

  /** Classes of errors that are the condition's own. */
  private static final Set<String> MISTAKES = Set.of("0A", "22", "23", "42", "54", "P0");

  private static final String FORBIDDEN = "42501";
  private static final String SYNTAX_ERROR = "42601";

  /** Where Postgres believes a condition to stand. */
  private static final Pattern PLACES =
      Pattern.compile("in (?:column generation expression|check constraint|policy expression)s?");

  private static final UnaryOperator<String> QUOTE = SqlString::literal;

  /**
   * Takes {@code where} for a condition on {@code table}.
   *
   * @throws InvalidExpression if it is none, or names what is not there
   */
  static Condition of(Table table, String where, Map<Integer, String> parameters)
      throws InvalidExpression {
    SqlExpression expression = SqlExpression.of(where);
    expression.requirePlainNames();
    return of(table, expression, parameters);
  }

  /**
   * Takes a condition that Postgres has printed, in which names may have schemas.
   *
   * @throws InvalidExpression if it is more than a condition on one row
   */
  static Condition ofPrinted(Table table, String condition) throws InvalidExpression {
    return of(table, SqlExpression.ofPrinted(condition), Map.of());
  }

  /**
   * Takes {@code where} for a condition in which queries over other tables may stand.
   *
   * @throws InvalidExpression if it is none
   */
  static Condition withQueries(Table table, String where, Map<Integer, String> parameters)
      throws InvalidExpression {
    return any(table, SqlExpression.of(where), parameters);
  }

  private static Condition of(
      Table table, SqlExpression expression, Map<Integer, String> parameters)
      throws InvalidExpression {
    refuseSubqueries(expression);
    return any(table, expression, parameters);
  }

  private static Condition any(
      Table table, SqlExpression expression, Map<Integer, String> parameters)
      throws InvalidExpression {
    refuseNames(table, expression);
    Lifted lifted = Lifted.of(expression, parameters);
    refuseHuge(expression, lifted);
    return new Condition(
        table, named(table, expression), expression, Map.copyOf(parameters), lifted);
  }

  private static void refuseSubqueries(SqlExpression expression) throws InvalidExpression {
    OptionalInt place = expression.subquery();
    if (place.isPresent()) {
      throw new InvalidExpression(place.getAsInt(), "subqueries are not supported in WHERE");
    }
  }

  /** Every column that the table does not have by itself, and the row as a whole. */
  private static void refuseNames(Table table, SqlExpression expression) throws InvalidExpression {
    Set<String> own = table.columns().stream().map(Column::name).collect(Collectors.toSet());
    for (SqlToken token : expression.tokens()) {
      String name = token.isName() ? fold(token.text()) : "";
      if (SYSTEM_COLUMNS.contains(name)) {
        throw new InvalidExpression(
            token.start(), "cannot use system column \"%s\" in WHERE".formatted(name));
      }
      if (name.equals(Trial.TABLE) && !own.contains(name)) {
        throw new InvalidExpression(token.start(), "column \"%s\" does not exist".formatted(name));
      }
    }
  }

  private static void refuseHuge(SqlExpression expression, Lifted lifted) throws InvalidExpression {
    Stream<String> numbers =
        expression.tokens().stream()
            .filter(token -> token.kind() == SqlToken.Kind.NUMBER)
            .map(SqlToken::text);
    Stream<String> strings =
        lifted.uses().stream().map(number -> lifted.constants().get(number).value());
    long huge = Stream.concat(numbers, strings).filter(text -> HUGE.matcher(text).find()).count();
    if (huge > MOST_HUGE) {
      throw new InvalidExpression("the expression has too many huge numbers");
    }
  }

  /** Some encodings have Postgres fold more than ASCII. */
  private static List<Column> named(Table table, SqlExpression expression) {
    Set<String> names = expression.names();
    Set<String> folded = names.stream().map(Condition::fold).collect(Collectors.toSet());
    return table.columns().stream()
        .filter(column -> names.contains(column.name()) || folded.contains(column.name()))
        .toList();
  }

  private static String fold(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** With its parameters in their places. */
  String text() throws InvalidExpression {
    return expression.withParameters(parameters, QUOTE);
  }

  /** All strings that stand in it. */
  Stream<Constant> strings() {
    return Stream.concat(
        lifted.constants().stream().filter(Constant::isString), lifted.fixed().stream());
  }

  /**
   * What Postgres found wrong, in the words of a where clause.
   *
   * @throws SQLException that Postgres gave, if it is not the condition's fault
   */
  InvalidExpression mistake(Trial.Mistake mistake) throws InvalidExpression, SQLException {
    SQLException said = mistake.said();
    String state = said.getSQLState() == null ? "" : said.getSQLState();
    ServerErrorMessage error = said instanceof PSQLException p ? p.getServerErrorMessage() : null;
    String message = error == null ? null : error.getMessage();
    boolean isMistake = state.length() == 5 && MISTAKES.contains(state.substring(0, 2));
    if (message == null || !isMistake || state.equals(FORBIDDEN)) {
      throw said;
    }
    if (state.equals(Trial.WRONG_TYPE)
        && message.matches("column .*|argument of (?:CHECK|POLICY) .*")) {
      return new InvalidExpression("WHERE clause must return a boolean");
    }
    if (mistake.place().isEmpty()) {
      return new InvalidExpression(message);
    }
    int place = mistake.place().getAsInt();
    boolean isAtEnd = state.equals(SYNTAX_ERROR) && place > text().length();
    return expression.mistake(
        place,
        state,
        isAtEnd ? "syntax error at end of input" : PLACES.matcher(message).replaceAll("in WHERE"),
        parameters,
        QUOTE);
  }
}
