package dev.millrace.dev;

import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one failure of the world that names itself in many ways, from initdb's output to an SQLSTATE.
 */
final class DiskFull {
  private static final String SQL_STATE = "53100";

  private DiskFull() {}

  /** Whether it is anywhere among the causes of a failure. */
  static boolean isCauseOf(Throwable failure) {
    return isCauseOf(failure, new HashSet<>());
  }

  private static boolean isCauseOf(@Nullable Throwable failure, Set<Throwable> seen) {
    return failure != null
        && seen.add(failure)
        && (String.valueOf(failure.getMessage()).contains("No space left on device")
            || (failure instanceof SQLException sql && SQL_STATE.equals(sql.getSQLState()))
            || isCauseOf(failure.getCause(), seen));
  }
}
