package dev.millrace.server;

import dev.millrace.server.postgres.DatabaseUrl;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;

/** The Postgres of {@code DATABASE_URL}, for commands that only look. */
final class CommandDatabase {

  private static final String TIMEOUT_SECONDS = "20";

  private CommandDatabase() {}

  /** A connection that cannot write. */
  static Connection connect(Map<String, String> environment) throws SQLException {
    DatabaseUrl url = ServerConfig.loadSource(environment).database();
    Properties properties = url.jdbcProperties();
    properties.setProperty("loginTimeout", TIMEOUT_SECONDS);
    properties.setProperty("socketTimeout", TIMEOUT_SECONDS);
    Connection connection = DriverManager.getConnection(url.jdbcUrl(), properties);
    try (Statement statement = connection.createStatement()) {
      statement.execute("set default_transaction_read_only = on");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
