package dev.millrace.bench.fanout;

import dev.millrace.bench.run.BenchPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Rows of 300 bytes that are committed one at a time, numbered from 1. One thread. */
final class Changes implements AutoCloseable {
  private static final int ROW_BYTES = 300;

  private final Connection connection;
  private final PreparedStatement insert;
  private final String note;
  private int number;

  private Changes(Connection connection, PreparedStatement insert) {
    this.connection = connection;
    this.insert = insert;
    this.note = "A change of three hundred bytes. ".repeat(ROW_BYTES).substring(0, ROW_BYTES - 4);
  }

  /** Makes the table. */
  static Changes in(BenchPostgres postgres, String table) throws SQLException {
    postgres.execute("create table %s (n int primary key, note text not null)".formatted(table));
    Connection connection = postgres.connect();
    connection.setAutoCommit(false);
    return new Changes(
        connection, connection.prepareStatement("insert into " + table + " values (?, ?)"));
  }

  /** The number of the row that was committed last. */
  int number() {
    return number;
  }

  /** The number of the row that will be committed next. */
  int next() {
    return number + 1;
  }

  /**
   * Commits one more.
   *
   * @return when Postgres was told to commit, by {@link System#nanoTime}; its answer may come after
   *     the change has reached the clients, when all of them keep the processors busy
   */
  long commit() throws SQLException {
    number++;
    insert.setInt(1, number);
    insert.setString(2, note);
    insert.executeUpdate();
    long start = System.nanoTime();
    connection.commit();
    return start;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
