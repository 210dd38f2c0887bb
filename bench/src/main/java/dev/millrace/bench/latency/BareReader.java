package dev.millrace.bench.latency;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.bench.client.RowListener;
import dev.millrace.bench.run.BenchPostgres;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.server.postgres.DatabaseUrl;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.PGReplicationStream;

/**
 * The least that a Java program can do to follow Postgres: the driver's blocking read on a slot of
 * its own, on a thread of its own, looking only for the number of each inserted row.
 */
final class BareReader implements AutoCloseable {
  private static final String SLOT = "bench_reader";

  /** Place of the column {@code n} in the table. */
  private static final int NUMBER_COLUMN = 3;

  private final BenchPostgres postgres;
  private final Connection connection;
  private final PGReplicationStream stream;
  private final RowListener listener;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("bare-reader").unstarted(this::run);

  private volatile boolean closed;
  private volatile @Nullable SQLException failure;

  private BareReader(
      BenchPostgres postgres,
      Connection connection,
      PGReplicationStream stream,
      RowListener listener) {
    this.postgres = postgres;
    this.connection = connection;
    this.stream = stream;
    this.listener = listener;
  }

  /** Makes the slot and follows it. */
  static BareReader start(BenchPostgres postgres, RowListener listener) throws SQLException {
    postgres.execute("select pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(SLOT));
    Connection connection = connect(postgres);
    PGReplicationStream stream =
        connection
            .unwrap(PGConnection.class)
            .getReplicationAPI()
            .replicationStream()
            .logical()
            .withSlotName(SLOT)
            .withSlotOption("proto_version", 1)
            .withSlotOption("publication_names", BenchServer.PUBLICATION)
            .withStatusInterval(1, TimeUnit.SECONDS)
            .start();
    BareReader reader = new BareReader(postgres, connection, stream, listener);
    reader.thread.start();
    return reader;
  }

  private static Connection connect(BenchPostgres postgres) throws SQLException {
    DatabaseUrl url = DatabaseUrl.parse(postgres.url());
    Properties properties = url.jdbcProperties();
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
    return DriverManager.getConnection(url.jdbcUrl(), properties);
  }

  /** Why it follows no more, if it has failed. */
  Optional<SQLException> failure() {
    return Optional.ofNullable(failure);
  }

  private void run() {
    try {
      while (!closed) {
        ByteBuffer message = stream.read();
        if (message != null && message.get() == 'I') {
          listener.row(number(message));
        }
        stream.setFlushedLSN(stream.getLastReceiveLSN());
      }
    } catch (SQLException e) {
      if (!closed) {
        failure = e;
      }
    }
  }

  /** After the kind of an insert come the relation, {@code N}, and the columns as text. */
  private static long number(ByteBuffer message) {
    message.position(message.position() + 4 + 1 + 2);
    for (int column = 0; column < NUMBER_COLUMN; column++) {
      message.get();
      message.position(message.position() + 4 + message.getInt(message.position()));
    }
    message.get();
    byte[] digits = new byte[message.getInt()];
    message.get(digits);
    return Long.parseLong(new String(digits, US_ASCII));
  }

  /** Stops reading and drops the slot. */
  @Override
  public void close() throws SQLException {
    closed = true;
    connection.abort(Runnable::run);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    postgres.execute(
        "select pg_terminate_backend(active_pid, 10000) from pg_replication_slots where slot_name = '%s' and active"
            .formatted(SLOT));
    postgres.execute("select pg_drop_replication_slot('%s')".formatted(SLOT));
  }
}
