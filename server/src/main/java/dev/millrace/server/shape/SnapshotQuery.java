package dev.millrace.server.shape;

import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.SqlIdentifier;
import dev.millrace.server.postgres.PgSnapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;

/**
 * Reads the rows of a shape by COPY in its text format, and turns each line into a message in one
 * pass over its bytes. On one connection, whose transaction sees a single snapshot.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY</a>
 */
final class SnapshotQuery {

  private static final String COPY = "copy (%s) to stdout";

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

  /** Has Postgres look whether whoever acts may read the rows and call what the filter calls. */
  void requireAllowed() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute("explain (costs off) " + select(definition));
    }
  }

  /** Ends what takes longer with an error. */
  void limitTime(Duration most) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set local statement_timeout = " + most.toMillis());
    }
  }

  /** Writes all rows. */
  void copyTo(RowSink sink) throws SQLException {
    copy(COPY.formatted(select(definition)), new MessageEncoder(definition.projection()), sink);
  }

  /** Writes the rows of a subset, each with {@code mark}. */
  void copyTo(RowSink sink, Subset subset, int mark) throws SQLException {
    PGConnection postgres = connection.unwrap(PGConnection.class);
    UnaryOperator<String> quote = value -> literal(postgres, value);
    String statement = COPY.formatted(subset.sql(definition, quote));
    try {
      copy(statement, new MessageEncoder(definition.projection(), OptionalInt.of(mark)), sink);
    } catch (SQLException e) {
      Optional<SubsetException> mistake = subset.mistake(e, definition, COPY.indexOf("%s"), quote);
      if (mistake.isPresent()) {
        throw mistake.get();
      }
      throw e;
    }
  }

  private static String literal(PGConnection connection, String value) {
    try {
      return "'" + connection.escapeLiteral(value) + "'";
    } catch (SQLException e) {
      throw SubsetException.ofData("invalid byte sequence for encoding \"UTF8\": 0x00");
    }
  }

  private void copy(String statement, MessageEncoder encoder, RowSink sink) throws SQLException {
    int[] starts = new int[definition.neededColumns().size() + 1];
    CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(statement);
    try {
      for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
        split(line, starts);
        encoder.snapshotRow(sink.buffer(), line, starts);
        sink.ended();
      }
    } finally {
      if (copy.isActive()) {
        // Cancelling may hit whatever the connection does next: it must not be used again.
        connection.unwrap(PgConnection.class).abort(Runnable::run);
      }
    }
  }

  /** A query for all rows of the shape. */
  private static String select(ShapeDefinition definition) {
    return rows(definition, "")
        + definition.asked().map(filter -> " where " + filter.canonical()).orElse("");
  }

  /** A query for all rows of the table, that calls each {@code name}; conditions may follow. */
  static String rows(ShapeDefinition definition, String name) {
    String columns =
        definition.neededColumns().stream()
            .map(column -> SqlIdentifier.quote(column.name()))
            .collect(Collectors.joining(", "));
    // Tables that inherit have changes of their own, which the stream does not tell as ours.
    String only = definition.isPartitioned() ? "" : "only ";
    return "select %s from %s%s %s".formatted(columns, only, definition.relation().quoted(), name);
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
