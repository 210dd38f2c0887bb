package dev.millrace.server.shape;

import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.SqlIdentifier;
import dev.millrace.server.postgres.PgSnapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Reads the rows of a shape by COPY in its text format, and turns each line into a message in one
 * pass over its bytes. On one connection, whose transaction sees a single snapshot.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY</a>
 */
final class SnapshotQuery {

  private final Connection connection;
  private final ShapeDefinition definition;

  SnapshotQuery(Connection connection, ShapeDefinition definition) {
    this.connection = connection;
    this.definition = definition;
  }

  /**
   * Keeps the table from being altered, and partitions from being detached, while it is read. Comes
   * before {@link #visibility}, so that what is seen is what is kept.
   */
  void lock() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set local lock_timeout = '2s'");
      statement.execute(
          "lock table only %s in access share mode".formatted(definition.relation().quoted()));
    }
  }

  /** Fixes what the transaction sees and says it. */
  PgSnapshot visibility() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text")) {
      row.next();
      return PgSnapshot.parse(row.getString(1), Lsn.parse(row.getString(2)).value());
    }
  }

  /** Writes all rows. */
  void copyTo(Snapshot.Writer writer) throws SQLException {
    MessageEncoder encoder = new MessageEncoder(definition);
    int[] starts = new int[definition.neededColumns().size() + 1];
    CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(statement());
    try {
      for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
        split(line, starts);
        encoder.snapshotRow(writer.buffer(), line, starts);
        writer.ended();
      }
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  private String statement() {
    String columns =
        definition.neededColumns().stream()
            .map(column -> SqlIdentifier.quote(column.name()))
            .collect(Collectors.joining(", "));
    // Tables that inherit have changes of their own, which the stream does not tell as ours.
    String only = definition.isPartitioned() ? "" : "only ";
    return "copy (select %s from %s%s) to stdout"
        .formatted(columns, only, definition.relation().quoted());
  }

  /** Finds where each field starts; the entry after the last is one past the newline. */
  private static void split(byte[] line, int[] starts) {
    int field = 0;
    int end = line.length - 1;
    for (int at = 0; at < end; at++) {
      if (line[at] == '\t') {
        starts[++field] = at + 1;
      }
    }
    starts[++field] = end + 1;
    if (field != starts.length - 1) {
      throw new IllegalStateException(
          "COPY sent " + field + " fields instead of " + (starts.length - 1));
    }
  }
}
