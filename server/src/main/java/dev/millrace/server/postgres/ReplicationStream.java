package dev.millrace.server.postgres;

import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.SqlIdentifier;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * One connection that follows the replication slot. {@link #follow} runs on the calling thread
 * until the connection breaks or {@link #close} is called from another.
 *
 * <p>Between transactions the thread asks the driver for what is pending, which waits a millisecond
 * for the socket and returns as soon as something comes. The driver keeps keepalives to itself, but
 * when it has nothing pending, the position they carried lies after everything it has handed out.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-replication.html">Streaming
 *     replication protocol</a>
 */
public final class ReplicationStream implements AutoCloseable {

  /** How often Postgres is told what is durable. */
  private static final Duration STATUS_INTERVAL = Duration.ofSeconds(1);

  /** How often an idle stream asks Postgres how far it has got. */
  private static final Duration ASK_INTERVAL = Duration.ofSeconds(5);

  private static final Executor SAME_THREAD = Runnable::run;

  private final Connection connection;
  private final SystemIdentity identity;
  private volatile boolean closed;

  private ReplicationStream(Connection connection, SystemIdentity identity) {
    this.connection = connection;
    this.identity = identity;
  }

  /** Which cluster and which line of its history answers: after a restore they differ. */
  public record SystemIdentity(String system, int timeline, String database, Lsn position) {}

  /** Opens a replication connection; does not start streaming. */
  public static ReplicationStream connect(DatabaseUrl url) {
    Properties properties = url.jdbcProperties();
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
    PGProperty.CONNECT_TIMEOUT.set(properties, 5);
    try {
      Connection connection = DriverManager.getConnection(url.jdbcUrl(), properties);
      return new ReplicationStream(connection, prepare(connection));
    } catch (SQLException e) {
      throw DatabaseException.of("opening the replication connection", e);
    }
  }

  private static SystemIdentity prepare(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(Database.SESSION_SETTINGS);
      try (ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
        row.next();
        return new SystemIdentity(
            row.getString(1), row.getInt(2), row.getString(4), Lsn.parse(row.getString(3)));
      }
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  public SystemIdentity identity() {
    return identity;
  }

  /**
   * Streams from {@code start} on into {@code sink}.
   *
   * @param durable the position up to which everything told to the sink is on disk; no more is ever
   *     confirmed
   * @throws ReplicationException when the connection ends for any reason but {@link #close}
   */
  public void follow(
      String slot, String publication, Lsn start, LongSupplier durable, ChangeSink sink) {
    try {
      PGReplicationStream stream =
          connection
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .replicationStream()
              .logical()
              .withSlotName(SqlIdentifier.quote(slot))
              .withStartPosition(LogSequenceNumber.valueOf(start.value()))
              .withSlotOption("proto_version", 1)
              .withSlotOption("publication_names", SqlIdentifier.quote(publication))
              .withStatusInterval((int) STATUS_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)
              .withAutomaticFlush(false)
              .start();
      loop(stream, durable, sink, new PgOutputDecoder(sink));
    } catch (SQLException e) {
      if (!closed) {
        throw new ReplicationException("the replication stream broke: " + e.getMessage(), e);
      }
    }
  }

  private void loop(
      PGReplicationStream stream, LongSupplier durable, ChangeSink sink, PgOutputDecoder decoder)
      throws SQLException {
    long askedNanos = System.nanoTime();
    while (!closed) {
      ByteBuffer message = decoder.isInTransaction() ? stream.read() : stream.readPending();
      if (message != null) {
        decoder.decode(message);
      } else if (stream.isClosed()) {
        throw new ReplicationException("Postgres ended the replication stream");
      } else {
        sink.caughtUp(stream.getLastReceiveLSN().asLong());
        sink.pause();
        if (System.nanoTime() - askedNanos > ASK_INTERVAL.toNanos()) {
          stream.forceUpdateStatus();
          askedNanos = System.nanoTime();
        }
      }
      confirm(stream, durable.getAsLong());
    }
  }

  private static void confirm(PGReplicationStream stream, long position) {
    if (Long.compareUnsigned(position, stream.getLastFlushedLSN().asLong()) > 0) {
      LogSequenceNumber lsn = LogSequenceNumber.valueOf(position);
      stream.setFlushedLSN(lsn);
      stream.setAppliedLSN(lsn);
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      connection.abort(SAME_THREAD);
    } catch (SQLException e) {
      throw DatabaseException.of("closing the replication connection", e);
    }
  }
}
