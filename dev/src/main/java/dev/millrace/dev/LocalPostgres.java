package dev.millrace.dev;

import static dev.millrace.dev.DevException.attempt;

import dev.millrace.server.postgres.DatabaseUrl;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A Postgres 18 on this machine, bound to the loopback address and ready for logical replication.
 * Its one user is {@code postgres}, a superuser without a password.
 *
 * <p>A Postgres outlives a killed JVM: {@link #persistent} ends the one it finds before it starts
 * its own, {@link #temporary} leaves a {@link LastWill}.
 *
 * <p>Methods may be called from any thread.
 */
public final class LocalPostgres implements AutoCloseable {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "listen_addresses", "127.0.0.1",
          "unix_socket_directories", "",
          "wal_level", "logical",
          "max_connections", "200",
          "max_wal_senders", "50",
          "max_replication_slots", "50",
          "max_prepared_transactions", "10",
          "timezone", "UTC",
          "log_timezone", "UTC");

  private static final Map<String, String> THROWAWAY =
      Map.of("fsync", "off", "full_page_writes", "off");

  private static final String CLEAN_UP =
      """
      pid=$(head -n 1 "$1/data/postmaster.pid")
      [ "/proc/$pid/cwd" -ef "$1/data" ] && kill -KILL "$pid"
      for trial in 1 2 3 4 5; do rm -rf "$1" && exit; sleep 1; done
      """;

  private final PostgresCluster cluster;
  private final Closeable onClose;
  private int port;
  private boolean closed;

  private LocalPostgres(PostgresCluster cluster, Closeable onClose) {
    this.cluster = cluster;
    this.onClose = onClose;
  }

  /**
   * Starts on the data in the folder, made when absent and kept when closed. Port 0 is any free
   * one; the file {@code port} of the folder says which. A folder that another process uses is
   * refused.
   */
  public static LocalPostgres persistent(Path folder, int port) {
    return attempt(
        "start Postgres in " + folder,
        () -> {
          PostgresPrograms programs = PostgresPrograms.unpacked();
          FolderLock lock = FolderLock.take(folder);
          PostgresCluster cluster = new PostgresCluster(programs, folder.toRealPath(), SETTINGS);
          return new LocalPostgres(cluster, lock::close).started(port);
        });
  }

  /**
   * Starts on an empty folder that goes with {@link #close} or with this JVM. Its data would not
   * survive a power cut.
   */
  public static LocalPostgres temporary() {
    return temporary(Map.of());
  }

  /**
   * As {@link #temporary()}, with further server settings, which win over ours; an empty one leaves
   * the setting to Postgres, where ALTER SYSTEM can change it.
   */
  public static LocalPostgres temporary(Map<String, String> settings) {
    return attempt(
        "start a temporary Postgres", () -> temporary(PostgresPrograms.unpacked(), settings));
  }

  /** As {@link #temporary()}, of the release whose programs are in that jar of zonky's. */
  public static LocalPostgres temporary(Path programs) {
    return attempt(
        "start a temporary Postgres of " + programs,
        () -> temporary(PostgresPrograms.unpacked(programs), Map.of()));
  }

  private static LocalPostgres temporary(PostgresPrograms programs, Map<String, String> settings)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("millrace-postgres-").toRealPath();
    LastWill will = LastWill.of(CLEAN_UP, folder.toString());
    Map<String, String> all = new TreeMap<>(SETTINGS);
    all.putAll(THROWAWAY);
    all.putAll(settings);
    all.values().removeIf(String::isEmpty);
    return new LocalPostgres(
            new PostgresCluster(programs, folder, all),
            () -> {
              FileTree.delete(folder);
              will.close();
            })
        .started(0);
  }

  private synchronized LocalPostgres started(int requestedPort)
      throws IOException, InterruptedException {
    try {
      cluster.shutDown();
      cluster.create();
      port = cluster.start(requestedPort);
      return this;
    } catch (IOException | InterruptedException | DevException e) {
      close();
      throw e;
    }
  }

  /** The address of the database {@code postgres}, in libpq's form. */
  public String url() {
    return url("postgres");
  }

  public String url(String database) {
    return "postgresql://postgres@127.0.0.1:" + port() + "/" + database;
  }

  public synchronized int port() {
    return port;
  }

  public Connection connect() throws SQLException {
    return connect("postgres");
  }

  public Connection connect(String database) throws SQLException {
    DatabaseUrl url = DatabaseUrl.parse(url(database));
    return DriverManager.getConnection(url.jdbcUrl(), url.jdbcProperties());
  }

  /** Makes an empty database whose name begins with the prefix, and returns its url. */
  public String createDatabase(String prefix) {
    if (!prefix.matches("[a-z][a-z0-9_]*")) {
      throw new IllegalArgumentException("not a plain lower-case name: " + prefix);
    }
    String suffix = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    String database = prefix + "_" + suffix;
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + database);
      return url(database);
    } catch (SQLException e) {
      throw new DevException("Could not create the database " + database + ".", e);
    }
  }

  /** Ends the server by SIGKILL, as a crash would. */
  public synchronized void kill() {
    attempt(
        "kill Postgres",
        () -> {
          cluster.kill();
          return this;
        });
  }

  /** Starts again on the same port; a server that runs is shut down before. */
  public synchronized void restart() {
    attempt(
        "restart Postgres",
        () -> {
          cluster.shutDown();
          return cluster.start(port);
        });
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    attempt(
        "stop Postgres",
        () -> {
          try (onClose) {
            cluster.shutDown();
          }
          return this;
        });
  }
}
