package dev.millrace.server.postgres;

import java.sql.SQLException;

/** Postgres did not do what was asked. The message says what we were doing and what it answered. */
public final class DatabaseException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What the caller can do about it. */
  public enum Kind {
    /** No connection, or none free: try again later. */
    UNREACHABLE,
    /** A lock or a statement took too long: try again later. */
    TIMEOUT,
    /** Table, column or type is not there (any more): look at the catalogue again. */
    UNDEFINED,
    /** The role may not do this: somebody has to grant it. */
    FORBIDDEN,
    /** Anything else. */
    OTHER
  }

  private final Kind kind;

  private DatabaseException(Kind kind, String message, SQLException cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Wraps {@code cause}, which happened while {@code doing} (a phrase such as "reading X"). */
  public static DatabaseException of(String doing, SQLException cause) {
    return new DatabaseException(kindOf(cause), doing + ": " + cause.getMessage(), cause);
  }

  public Kind kind() {
    return kind;
  }

  /** Whether others held a lock too long. */
  public boolean isLockTimeout() {
    return getCause() instanceof SQLException cause && "55P03".equals(cause.getSQLState());
  }

  /** What Postgres said, without what we were doing. */
  public String reason() {
    Throwable cause = getCause();
    return cause == null || cause.getMessage() == null ? "" : cause.getMessage();
  }

  /** Classes of SQLSTATE; Postgres manual, appendix A. */
  private static Kind kindOf(SQLException cause) {
    String state = cause.getSQLState();
    if (state == null || state.startsWith("08") || state.startsWith("53")) {
      return Kind.UNREACHABLE;
    }
    return switch (state) {
      case "57P01", "57P02", "57P03", "57P05" -> Kind.UNREACHABLE;
      case "55P03", "57014", "25P03", "40P01" -> Kind.TIMEOUT;
      case "42P01", "42703", "42704", "42883", "3F000", "0A000" -> Kind.UNDEFINED;
      case "42501" -> Kind.FORBIDDEN;
      default -> Kind.OTHER;
    };
  }
}
