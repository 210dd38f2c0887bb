package dev.millrace.bench.replication;

import dev.millrace.bench.run.BenchPostgres;
import dev.millrace.bench.run.BenchTable;
import dev.millrace.bench.run.Report;
import dev.millrace.protocol.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Inserts rows with ascending numbers over a connection of its own. A procedure in Postgres commits
 * the transactions, so that inserting takes little time; only the last waits for the disk, and with
 * it all before.
 */
public final class RowWriter implements AutoCloseable {
  private final BenchTable table;
  private final Connection connection;
  private int written;

  private RowWriter(BenchTable table, Connection connection) {
    this.table = table;
    this.connection = connection;
  }

  public static RowWriter open(BenchPostgres postgres, BenchTable table) throws SQLException {
    RowWriter writer = new RowWriter(table, postgres.connect());
    writer.execute("set synchronous_commit = off");
    writer.execute(
        """
        create or replace procedure write_rows_of_%1$s(first int, transactions int, size int)
        language plpgsql as $$
        begin
          for t in 0 .. transactions - 1 loop
            %2$s;
            commit;
          end loop;
        end $$
        """
            .formatted(
                table.name(), table.insert("first + t * size", "first + (t + 1) * size - 1")));
    return writer;
  }

  /** How many rows there are, and so the number of the last. */
  public int written() {
    return written;
  }

  /**
   * Inserts rows in transactions of a size that divides their count. Returns a position at the last
   * transaction's commit, or just before: whoever has a commit there has them all.
   */
  public Lsn write(int rows, int transactionSize) throws SQLException {
    int transactions = rows / transactionSize;
    if (transactions > 1) {
      execute(
          "call write_rows_of_%s(%d, %d, %d)"
              .formatted(table.name(), written + 1, transactions - 1, transactionSize));
      written += rows - transactionSize;
    }
    connection.setAutoCommit(false);
    execute("set local synchronous_commit = on");
    execute(
        table.insert(Integer.toString(written + 1), Integer.toString(written + transactionSize)));
    Lsn beforeCommit = BenchPostgres.writtenTo(connection);
    connection.commit();
    connection.setAutoCommit(true);
    written += transactionSize;
    return beforeCommit;
  }

  /** Notes whether the table has all rows that were written, and no others. */
  public void verify(Report report) throws SQLException {
    String count = BenchPostgres.query(connection, "select count(*) from " + table.name());
    report.expect("rows of " + table.name(), written, Long.parseLong(count));
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
