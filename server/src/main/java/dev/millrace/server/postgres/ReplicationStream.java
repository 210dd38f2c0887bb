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
import java.util.concurrent.CountDownLatch;
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
 * <p>When nothing is pending the thread waits at the socket, which wakes it as soon as something
 * comes. The driver keeps keepalives to itself, but when it has nothing pending, the position they
 * carried lies after everything it has handed out.
 *
 * <p>A peer can vanish without a word: its machine, or the way to it. Postgres is asked for a sign
 * of life every few seconds, also within a transaction, and the thread {@code replication-watch}
 * breaks a connection on which nothing has come for too long. Both sides are that patient, so that
 * the slot of a vanished server becomes free as soon.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-replication.html">Streaming
 *     replication protocol</a>
 */
public final class ReplicationStream implements AutoCloseable {

  /** How often Postgres is told what is durable. */
  private static final Duration STATUS_INTERVAL = Duration.ofSeconds(1);

  /** How often, within its patience, a quiet stream asks Postgres how far it has got. */
  private static final int QUESTIONS = 6;

  /** A quiet stream looks so often whether there is something to confirm. */
  private static final Duration IDLE_WAIT = Duration.ofMillis(50);

  private static final Duration WATCH_INTERVAL = Duration.ofSeconds(1);

  /** Until the stream begins no answer takes long. */
  private static final int FIRST_ANSWERS_SECONDS = 20;

  private static final Executor SAME_THREAD = Runnable::run;

  private final Connection connection;
  private final int backend;
  private final SystemIdentity identity;
  private final Hearing hearing;
  private final Duration patience;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile boolean isPeerSilent;

  private ReplicationStream(
      Connection connection,
      int backend,
      SystemIdentity identity,
      Hearing hearing,
      Duration patience) {
    this.connection = connection;
    this.backend = backend;
    this.identity = identity;
    this.hearing = hearing;
    this.patience = patience;
  }

  /** Which cluster and which line of its history answers: after a restore they differ. */
  public record SystemIdentity(String system, int timeline, String database, Lsn position) {}

  /**
   * Opens a replication connection; does not start streaming.
   *
   * @param patience for how long either side may be silent before the other gives it up
   */
  public static ReplicationStream connect(DatabaseUrl url, Duration patience) {
    Properties properties = url.jdbcProperties();
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
    PGProperty.SOCKET_TIMEOUT.set(properties, FIRST_ANSWERS_SECONDS);
    // None: the driver would connect on another thread, which does not have the binding below.
    PGProperty.LOGIN_TIMEOUT.set(properties, 0);
    Hearing hearing = new Hearing();
    try {
      Connection connection =
          ScopedValue.where(PostgresSockets.HEARING, hearing)
              .call(() -> DriverManager.getConnection(url.jdbcUrl(), properties));
      int backend = connection.unwrap(PGConnection.class).getBackendPID();
      SystemIdentity identity = prepare(connection, patience);
      return new ReplicationStream(connection, backend, identity, hearing, patience);
    } catch (SQLException e) {
      throw DatabaseException.of("opening the replication connection", e, url);
    }
  }

  private static SystemIdentity prepare(Connection connection, Duration patience)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(Database.SESSION_SETTINGS);
      statement.execute("set wal_sender_timeout = " + patience.toMillis());
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

  /** The process that serves this connection on the side of Postgres. */
  public int backend() {
    return backend;
  }

  /** Whether the stream was broken off because nothing came any more. */
  public boolean isPeerSilent() {
    return isPeerSilent;
  }

  /**
   * Streams from {@code start} on into {@code sink}.
   *
   * @param hasMessages whether to ask for messages, such as those of {@link AlterationTrigger}
   * @param durable the position up to which everything told to the sink is on disk; no more is ever
   *     confirmed
   * @throws ReplicationException when the connection ends for any reason but {@link #close}
   */
  public void follow(
      String slot,
      String publication,
      boolean hasMessages,
      Lsn start,
      LongSupplier durable,
      ChangeSink sink) {
    Thread watch = Thread.ofVirtual().name("replication-watch").unstarted(this::watch);
    try {
      PGReplicationStream stream = start(slot, publication, hasMessages, start);
      hearing.heard();
      watch.start();
      loop(stream, durable, sink, new PgOutputDecoder(sink));
    } catch (SQLException e) {
      if (!closed) {
        throw broken(slot, e);
      }
    } finally {
      ended.countDown();
    }
  }

  private PGReplicationStream start(String slot, String publication, boolean hasMessages, Lsn start)
      throws SQLException {
    return connection
        .unwrap(PGConnection.class)
        .getReplicationAPI()
        .replicationStream()
        .logical()
        .withSlotName(SqlIdentifier.quote(slot))
        .withStartPosition(LogSequenceNumber.valueOf(start.value()))
        .withSlotOption("proto_version", 1)
        .withSlotOption("publication_names", SqlIdentifier.quote(publication))
        .withSlotOption("messages", hasMessages)
        .withStatusInterval((int) STATUS_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)
        .withAutomaticFlush(false)
        .start();
  }

  private ReplicationException broken(String slot, SQLException cause) {
    if (isPeerSilent) {
      return new ReplicationException(
          "Postgres has not answered for %d s; connecting again".formatted(patience.toSeconds()),
          cause);
    }
    return ReplicationSlot.IN_USE.equals(cause.getSQLState())
        ? ReplicationSlot.taken(slot, 0, cause)
        : new ReplicationException("the replication stream broke: " + cause.getMessage(), cause);
  }

  private void watch() {
    try {
      while (!ended.await(WATCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        if (hearing.silence().compareTo(patience) > 0) {
          isPeerSilent = true;
          abort();
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void loop(
      PGReplicationStream stream, LongSupplier durable, ChangeSink sink, PgOutputDecoder decoder)
      throws SQLException {
    long interval = patience.dividedBy(QUESTIONS).toNanos();
    long askedNanos = System.nanoTime();
    while (!closed) {
      ByteBuffer message = stream.readPending();
      if (message != null) {
        decoder.decode(message);
      } else if (stream.isClosed()) {
        throw new ReplicationException("Postgres ended the replication stream");
      } else {
        if (!decoder.isInTransaction()) {
          sink.caughtUp(stream.getLastReceiveLSN().asLong());
          sink.pause();
        }
        if (System.nanoTime() - askedNanos > interval) {
          stream.forceUpdateStatus();
          askedNanos = System.nanoTime();
        }
        hearing.await(IDLE_WAIT);
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
    abort();
  }

  private void abort() {
    try {
      connection.abort(SAME_THREAD);
    } catch (SQLException e) {
      throw new ReplicationException("cannot close the replication connection", e);
    }
  }
}
