package dev.millrace.server.write;

import dev.millrace.protocol.WriteError;
import dev.millrace.server.write.RowChange.Cell;
import java.sql.SQLException;

/** Finds the column of a value that Postgres refuses; its own message does not name it. */
final class BadValue {

  private BadValue() {}

  /**
   * The error with the column, if one of the change's values alone makes it. The transaction has to
   * be rolled back to where it was before.
   */
  static WriteError find(WriteSession session, RowChange change, SqlFailure failure)
      throws SQLException {
    WriteError error = failure.asError();
    for (Cell cell : change.cells()) {
      if (cell.text() != null && isRefused(session, cell, failure.state())) {
        String message =
            "The column %s (%s): %s"
                .formatted(cell.column().name(), cell.column().type().declared(), error.message());
        return new WriteError(error.code(), message, false);
      }
    }
    return error;
  }

  private static boolean isRefused(WriteSession session, Cell cell, String state)
      throws SQLException {
    session.beginNext("savepoint value");
    try {
      session.run(
          session.asUser().add("select ?::text::" + cell.column().type().declared(), cell.text()));
      return false;
    } catch (SQLException e) {
      SqlFailure failure = SqlFailure.of(e);
      if (failure.kind() == SqlFailure.Kind.WORLD) {
        throw e;
      }
      return failure.state().equals(state);
    } finally {
      session.beginNext("rollback to savepoint value");
    }
  }
}
