package dev.millrace.dev;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The example tables of the Library app, from {@code schema.sql} and {@code data.sql} of its
 * folder.
 */
final class LibraryDatabase {
  private final Connection connection;

  LibraryDatabase(Connection connection) {
    this.connection = connection;
  }

  /**
   * Makes tables and content in one transaction, and says whether it did: not where a table {@code
   * works} is.
   */
  boolean createIfAbsent(Path folder) throws SQLException, IOException {
    if (exists()) {
      return false;
    }
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(Files.readString(folder.resolve("schema.sql")));
      statement.execute(Files.readString(folder.resolve("data.sql")));
      connection.commit();
      return true;
    } catch (SQLException | IOException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private boolean exists() throws SQLException {
    return Boolean.parseBoolean(value("select (to_regclass('works') is not null)::text"));
  }

  long works() throws SQLException {
    return Long.parseLong(value("select count(*) from works"));
  }

  private String value(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
