package dev.millrace.server.shape;

import dev.millrace.server.filter.FunctionRules;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.filter.RowOrder;
import dev.millrace.server.filter.SqlExpression;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Which rows of a shape somebody wants to have now (protocol section 9).
 *
 * @param where what the rows must meet
 * @param parameters values of {@code $1} and so on in {@code where}
 * @param limit most rows, at least 1; {@code offset}: rows to skip
 * @param queryable the columns that {@code where} and {@code order} may name; empty for all
 */
public record Subset(
    Optional<SqlExpression> where,
    Map<Integer, String> parameters,
    Optional<RowOrder> order,
    OptionalLong limit,
    OptionalLong offset,
    Optional<Set<String>> queryable) {

  /** What the row is called in the statement; nobody else may name it so. */
  private static final String ROW = "millrace_row";

  private static final Set<String> SYSTEM_COLUMNS =
      Set.of("cmax", "cmin", "ctid", "tableoid", "xmax", "xmin");

  /** Class of errors such as parentheses thousands deep. */
  private static final String TOO_MUCH = "54";

  /** Classes of errors in the text itself: mistakes in it, and what may not stand there. */
  private static final Set<String> IN_TEXT = Set.of("42", "0A");

  public Subset {
    parameters = Map.copyOf(parameters);
    queryable = queryable.map(Set::copyOf);
  }

  /** Refuses what {@code table} does not have, or the client may not ask for. */
  void check(Table table, Connection connection) throws SubsetException, SQLException {
    Set<String> all = table.columns().stream().map(Column::name).collect(Collectors.toSet());
    Set<String> allowed = queryable.orElse(all);
    if (where.isPresent()) {
      checkWhere(where.get(), all, allowed, connection);
    }
    if (order.isPresent()) {
      try {
        order.get().requireColumns(allowed);
      } catch (InvalidExpression e) {
        throw new SubsetException("order_by", e.reason());
      }
    }
  }

  private static void checkWhere(
      SqlExpression where, Set<String> all, Set<String> allowed, Connection connection)
      throws SubsetException, SQLException {
    try {
      where.requirePlainNames();
      Set<String> hidden = hidden(all, allowed);
      for (String name : where.names()) {
        // Some encodings have Postgres fold more than ASCII.
        boolean isFolded =
            !allowed.contains(name) && hidden.contains(name.toLowerCase(Locale.ROOT));
        if (isFolded || hidden.contains(name)) {
          throw new InvalidExpression("unknown reference " + name);
        }
      }
      FunctionRules.check(where, connection);
    } catch (InvalidExpression e) {
      throw new SubsetException("where", e.reason());
    }
  }

  /**
   * Names that would show more than the allowed columns: the others, the whole row, and the system
   * columns that the table does not have by itself.
   */
  private static Set<String> hidden(Set<String> all, Set<String> allowed) {
    Set<String> hidden = new HashSet<>(all);
    hidden.addAll(SYSTEM_COLUMNS);
    hidden.removeAll(allowed);
    hidden.add(ROW);
    return hidden;
  }

  /** The query for the columns of {@code definition}, as text without parameters. */
  String sql(ShapeDefinition definition, UnaryOperator<String> quote) throws SubsetException {
    StringBuilder sql = new StringBuilder(beforeWhere(definition));
    if (where.isPresent()) {
      try {
        sql.append(where.get().withParameters(parameters, quote)).append("\n)");
      } catch (InvalidExpression e) {
        throw new SubsetException("where", e.reason());
      }
    } else {
      sql.append("true)");
    }
    order.ifPresent(list -> sql.append(" order by ").append(list.sql()));
    limit.ifPresent(count -> sql.append(" limit ").append(count));
    offset.ifPresent(count -> sql.append(" offset ").append(count));
    return sql.toString();
  }

  private static String beforeWhere(ShapeDefinition definition) {
    String filter = definition.asked().map(shape -> "(" + shape.canonical() + ") and ").orElse("");
    return SnapshotQuery.rows(definition, ROW) + " where " + filter + "(";
  }

  /**
   * The client's mistake that made the query fail, with the place in its expression; empty if it
   * was none.
   *
   * @param before characters of the statement before {@link #sql}
   */
  Optional<SubsetException> mistake(
      SQLException cause, ShapeDefinition definition, int before, UnaryOperator<String> quote) {
    String state = cause.getSQLState() == null ? "" : cause.getSQLState();
    ServerErrorMessage error = cause instanceof PSQLException p ? p.getServerErrorMessage() : null;
    String message =
        error == null || error.getMessage() == null ? "invalid expression" : error.getMessage();
    if (state.startsWith(TOO_MUCH)) {
      return Optional.of(new SubsetException("where", message));
    }
    if (DatabaseException.isOfData(cause)) {
      return Optional.of(SubsetException.ofData(message));
    }
    int inWhere =
        error == null ? -2 : error.getPosition() - 1 - before - beforeWhere(definition).length();
    boolean isInText = state.length() == 5 && IN_TEXT.contains(state.substring(0, 2));
    // The parenthesis before it is where a list of expressions begins.
    if (inWhere < -1 || !isInText || where.isEmpty()) {
      return Optional.empty();
    }
    InvalidExpression invalid =
        where.get().mistake(Math.max(0, inWhere), state, message, parameters, quote);
    return Optional.of(new SubsetException("where", invalid.reason()));
  }
}
