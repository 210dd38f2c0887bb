package dev.millrace.server.write;

import dev.millrace.protocol.WriteError;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * An error of Postgres, by what it means for a write. Of its text only the first line is ever shown
 * to a client: details and hints may quote rows that the client must not see.
 *
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">SQLSTATE</a>
 */
record SqlFailure(Kind kind, String state, SQLException cause) {

  /** Who can do something about it. */
  enum Kind {
    /** Postgres or the way to it: the whole batch, later. */
    WORLD,
    /** Others wrote at the same time: the whole batch, at once. */
    CONTENTION,
    /** A lock or a statement took too long: this change, later. */
    SLOWNESS,
    /** The tables are not as we thought: the whole batch, after another look. */
    OUTDATED,
    /** The change itself: it is rejected. */
    CHANGE
  }

  static SqlFailure of(SQLException cause) {
    String state = cause.getSQLState() == null ? "" : cause.getSQLState();
    return new SqlFailure(kindOf(state), state, cause);
  }

  /** The error of Postgres beneath another exception. */
  static Optional<SQLException> find(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException found) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  private static Kind kindOf(String state) {
    if (state.length() < 5) {
      return Kind.WORLD;
    }
    return switch (state) {
      case "40001", "40P01" -> Kind.CONTENTION;
      case "55P03", "57014" -> Kind.SLOWNESS;
      case "42703", "42P01", "42704", "42804", "42846", "42883", "0A000", "3F000" -> Kind.OUTDATED;
      case "25006", "25P02", "25P03", "25P04" -> Kind.WORLD;
      default ->
          switch (state.substring(0, 2)) {
            case "08", "28", "53", "57", "58", "F0" -> Kind.WORLD;
            default -> Kind.CHANGE;
          };
    };
  }

  /** Whether a row of a user's table would break a constraint. */
  boolean isConstraintOfUser() {
    ServerErrorMessage message = message();
    return state.startsWith("23")
        && message != null
        && !LedgerTables.SCHEMA.equals(message.getSchema());
  }

  boolean isUniqueViolation() {
    return state.equals("23505");
  }

  /** Whether a value was not of its type. */
  boolean isBadValue() {
    return state.startsWith("22") || state.equals("23514");
  }

  /** Whether the answer to COMMIT was that it failed, so that nothing was applied. */
  boolean isAnswerOfPostgres() {
    return kind != Kind.WORLD
        && cause instanceof PSQLException e
        && e.getServerErrorMessage() != null;
  }

  /** The constraint that was violated, or nothing. */
  String constraint() {
    return Optional.ofNullable(message()).map(ServerErrorMessage::getConstraint).orElse("");
  }

  private @Nullable ServerErrorMessage message() {
    return cause instanceof PSQLException e ? e.getServerErrorMessage() : null;
  }

  /** What Postgres said, without what it said to its administrator. */
  String sentence() {
    return Optional.ofNullable(message())
        .map(ServerErrorMessage::getMessage)
        .orElse("The database did not do it.");
  }

  /** For the client, once nothing else can be done. */
  WriteError asError() {
    return switch (kind) {
      case WORLD -> new WriteError("unavailable", "The database cannot do it now.", true);
      case CONTENTION -> new WriteError("contended", "Others were writing the same rows.", true);
      case SLOWNESS ->
          state.equals("55P03")
              ? new WriteError("locked", "Somebody else holds the row.", true)
              : new WriteError("too_slow", "It took too long.", true);
      case OUTDATED, CHANGE -> new WriteError(code(), sentence(), false);
    };
  }

  /** Stable names of what Postgres refuses; docs/protocol.md lists them. */
  private String code() {
    return switch (state) {
      case "42501" -> "forbidden";
      case "23505" -> "unique_violation";
      case "23503", "23001" -> "foreign_key_violation";
      case "23502" -> "not_null_violation";
      case "23514" -> "check_violation";
      case "23P01" -> "exclusion_violation";
      case "428C9" -> "generated_column";
      case "P0001" -> "raised";
      default -> state.startsWith("22") ? "invalid_value" : "refused";
    };
  }

  /** For the whole batch. */
  WriteException asException(String doing) {
    WriteException.Code code =
        switch (kind) {
          case CONTENTION, SLOWNESS -> WriteException.Code.BUSY;
          case WORLD ->
              state.equals("25006")
                  ? WriteException.Code.READ_ONLY
                  : WriteException.Code.UNAVAILABLE;
          case OUTDATED, CHANGE -> WriteException.Code.NOT_READY;
        };
    String said = String.valueOf(cause.getMessage()).replaceAll("\\s*\\n\\s*", " ");
    return new WriteException(code, doing + ": " + said, cause);
  }
}
