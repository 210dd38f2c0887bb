package dev.millrace.bench.run;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The Postgres of a run: empty, durable as in production, and large enough that neither checkpoints
 * nor autovacuum fall into a measurement.
 */
public final class BenchPostgres implements AutoCloseable {
  private static final Map<String, String> SETTINGS =
      new TreeMap<>(
          Map.of(
              "shared_buffers", "512MB",
              "fsync", "on",
              "full_page_writes", "on",
              "wal_level", "logical",
              "max_wal_size", "32GB",
              "checkpoint_timeout", "1h",
              "autovacuum", "off"));

  private final LocalPostgres postgres;
  private final Connection connection;

  private BenchPostgres(LocalPostgres postgres, Connection connection) {
    this.postgres = postgres;
    this.connection = connection;
  }

  static BenchPostgres start() throws SQLException {
    LocalPostgres postgres = LocalPostgres.temporary(SETTINGS);
    try {
      return new BenchPostgres(postgres, postgres.connect());
    } catch (SQLException e) {
      postgres.close();
      throw e;
    }
  }

  static String settings() {
    return SETTINGS.entrySet().stream()
        .map(setting -> setting.getKey() + "=" + setting.getValue())
        .collect(Collectors.joining(" "));
  }

  /** In the form that libpq reads. */
  public String url() {
    return postgres.url();
  }

  /** A connection of one's own. */
  public Connection connect() throws SQLException {
    return postgres.connect();
  }

  public void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of the first row. */
  public String query(String sql) throws SQLException {
    return query(connection, sql);
  }

  public static String query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      if (!rows.next()) {
        throw new BenchException("Postgres returned no row for: " + sql);
      }
      return String.valueOf(rows.getString(1));
    }
  }

  /** The position up to which the log has been written by whoever writes. */
  public static Lsn writtenTo(Connection connection) throws SQLException {
    return Lsn.parse(query(connection, "select pg_current_wal_insert_lsn()"));
  }

  @Override
  public void close() throws SQLException {
    try (postgres) {
      connection.close();
    }
  }
}
