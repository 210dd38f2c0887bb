package dev.millrace.server.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * The pool of ordinary connections, all with the session settings that fix the text form of values
 * (protocol section 6.7). Safe for any thread; calls block, so callers are virtual threads.
 */
public final class Database implements AutoCloseable {

  /** Set on every connection whose output reaches a client, the replication stream's included. */
  static final String SESSION_SETTINGS =
      """
      set bytea_output = 'hex';
      set DateStyle = 'ISO, DMY';
      set TimeZone = 'UTC';
      set extra_float_digits = 1;
      set IntervalStyle = 'iso_8601';
      set standard_conforming_strings = on
      """;

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final DatabaseUrl url;
  private final HikariDataSource pool;

  private Database(DatabaseUrl url, HikariDataSource pool) {
    this.url = url;
    this.pool = pool;
  }

  /** A pool of at most {@code size} connections; opens none before the first is asked for. */
  public static Database open(DatabaseUrl url, int size) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url.jdbcUrl());
    config.setDataSourceProperties(url.jdbcProperties());
    config.setPoolName("postgres");
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(0);
    config.setInitializationFailTimeout(-1);
    config.setConnectionTimeout(CONNECT_TIMEOUT.toMillis());
    config.setConnectionInitSql(SESSION_SETTINGS);
    config.setExceptionOverride(new OddExpressions());
    return new Database(url, new HikariDataSource(config));
  }

  public DatabaseUrl url() {
    return url;
  }

  /** Work on one connection that may fail as JDBC does. */
  @FunctionalInterface
  public interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /**
   * Runs {@code work} on a connection in autocommit mode.
   *
   * @param doing a phrase for the error, such as "reading the catalogue"
   */
  public <T> T with(String doing, Work<T> work) {
    try (Connection connection = pool.getConnection()) {
      return work.on(connection);
    } catch (SQLException e) {
      throw DatabaseException.of(doing, e, url);
    }
  }

  /** Runs {@code work} in a transaction: committed when it returns, rolled back when it throws. */
  public <T> T inTransaction(String doing, Work<T> work) {
    return with(doing, connection -> inTransaction(connection, "begin", work));
  }

  /** Runs {@code work} in a transaction that sees one snapshot and cannot write. */
  public <T> T inSnapshot(String doing, Work<T> work) {
    String begin = "begin isolation level repeatable read read only";
    return with(doing, connection -> inTransaction(connection, begin, work));
  }

  /** Runs {@code work} in a transaction that is rolled back whatever comes of it. */
  public <T> T rehearse(String doing, Work<T> work) {
    return with(doing, connection -> rehearse(connection, work));
  }

  private static <T> T rehearse(Connection connection, Work<T> work) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("begin");
      T result;
      try {
        result = work.on(connection);
      } catch (SQLException | RuntimeException e) {
        rollBack(connection, e);
        throw e;
      }
      statement.execute("rollback");
      return result;
    }
  }

  private static <T> T inTransaction(Connection connection, String begin, Work<T> work)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(begin);
      try {
        T result = work.on(connection);
        statement.execute("commit");
        return result;
      } catch (SQLException | RuntimeException e) {
        rollBack(connection, e);
        throw e;
      }
    }
  }

  private static void rollBack(Connection connection, Exception cause) {
    try (Statement statement = connection.createStatement()) {
      statement.execute("rollback");
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
