package dev.millrace.server.postgres;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Postgres did not do what was asked. The message says what we were doing, what it answered, and
 * what can be done about it.
 */
public final class DatabaseException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What the caller can do about it. */
  public enum Kind {
    /** No connection, or none free, or we are not let in: try again later. */
    UNREACHABLE,
    /** A lock or a statement took too long: try again later. */
    TIMEOUT,
    /** Table, column or type is not there (any more): look at the catalogue again. */
    UNDEFINED,
    /** The role may not do this: somebody has to grant it. */
    FORBIDDEN,
    /**
     * A value that an expression cannot take, such as a divisor of zero or what a function of
     * somebody's own refuses.
     */
    DATA,
    /** Anything else. */
    OTHER
  }

  /**
   * Classes of SQLSTATE that say of an expression that it cannot be computed: cardinality, data,
   * constraints of domains, functions of others, check options, limits, PL/pgSQL.
   */
  private static final Set<String> OF_DATA =
      Set.of("21", "22", "23", "2F", "38", "39", "44", "54", "P0");

  private static final String SYNTAX_ERROR = "42601";

  private final Kind kind;
  private final String said;
  private final String remedy;

  private DatabaseException(String doing, String said, String remedy, SQLException cause) {
    super(doing + ": " + said + (remedy.isEmpty() ? "" : "; " + remedy), cause);
    this.kind = kindOf(cause);
    this.said = said;
    this.remedy = remedy;
  }

  /** Wraps {@code error}, which happened while {@code doing} (a phrase such as "reading X"). */
  public static DatabaseException of(String doing, SQLException error) {
    SQLException cause = beneathThePool(error);
    return new DatabaseException(doing, plain(cause), "", cause);
  }

  /** The same, with what can be done about it by whoever set {@code url}. */
  public static DatabaseException of(String doing, SQLException error, DatabaseUrl url) {
    SQLException cause = beneathThePool(error);
    return new DatabaseException(doing, plain(cause), Remedy.of(cause, url), cause);
  }

  private static String plain(SQLException cause) {
    return String.valueOf(cause.getMessage()).replaceAll("\\s*\\n\\s*", " ");
  }

  /** The pool says that a connection did not come in time, and keeps the reason beneath. */
  private static SQLException beneathThePool(SQLException error) {
    return error instanceof SQLTransientConnectionException
            && error.getCause() instanceof SQLException reason
        ? reason
        : error;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether others held a lock too long. */
  public boolean isLockTimeout() {
    return getCause() instanceof SQLException cause && "55P03".equals(cause.getSQLState());
  }

  /**
   * Whether Postgres has ended our connection, or lets nobody in, as it does when it is stopped.
   */
  public boolean isShuttingDown() {
    String state = getCause() instanceof SQLException cause ? cause.getSQLState() : null;
    return "57P01".equals(state) || "57P03".equals(state);
  }

  /** What Postgres said, on one line. */
  public String said() {
    return said;
  }

  /** What can be done about it, or nothing. */
  public String remedy() {
    return remedy;
  }

  /** What Postgres said, as it said it. */
  public String reason() {
    Throwable cause = getCause();
    return cause == null || cause.getMessage() == null ? "" : cause.getMessage();
  }

  /** The message of Postgres' own, without what the driver makes of it. */
  public String message() {
    ServerErrorMessage error =
        getCause() instanceof PSQLException cause ? cause.getServerErrorMessage() : null;
    return error == null || error.getMessage() == null ? reason() : error.getMessage();
  }

  /** Whether an expression came upon a value that it cannot be computed with. */
  public static boolean isOfData(SQLException cause) {
    String state = String.valueOf(cause.getSQLState());
    return OF_DATA.contains(state.substring(0, 2))
        || (state.equals(SYNTAX_ERROR) && !hasPlace(cause));
  }

  /** That of a statement has a place in it, that of a text search or a JSON path has none. */
  private static boolean hasPlace(SQLException cause) {
    ServerErrorMessage error = cause instanceof PSQLException p ? p.getServerErrorMessage() : null;
    return error != null && error.getPosition() > 0;
  }

  /** Classes of SQLSTATE; Postgres manual, appendix A. */
  private static Kind kindOf(SQLException cause) {
    String state = cause.getSQLState();
    if (state == null
        || state.startsWith("08")
        || state.startsWith("28")
        || state.startsWith("53")) {
      return Kind.UNREACHABLE;
    }
    if (isOfData(cause)) {
      return Kind.DATA;
    }
    return switch (state) {
      case "57P01", "57P02", "57P03", "57P05", "3D000" -> Kind.UNREACHABLE;
      case "55P03", "57014", "25P03", "40P01" -> Kind.TIMEOUT;
      case "42P01", "42703", "42704", "42883", "3F000", "0A000" -> Kind.UNDEFINED;
      case "42501" -> Kind.FORBIDDEN;
      default -> Kind.OTHER;
    };
  }
}
