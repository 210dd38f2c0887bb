package dev.millrace.conformance;

import dev.millrace.conformance.OracleTransaction.Ending;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who makes given transactions, one after the other, whatever happens to Postgres: one
 * that fails is not made again. A thread of its own.
 */
final class OracleWriter {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final SyncedDatabase database;
  private final Witness witness;
  private final OracleTrace trace;
  private final Pace pace;
  private final String name;
  private final List<OracleTransaction> transactions;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Thread thread;
  private int prepared;

  OracleWriter(
      String name,
      List<OracleTransaction> transactions,
      SyncedDatabase database,
      Witness witness,
      OracleTrace trace,
      Pace pace) {
    this.name = name;
    this.transactions = transactions;
    this.database = database;
    this.witness = witness;
    this.trace = trace;
    this.pace = pace;
    this.thread = new Thread(this::run, name);
  }

  void start() {
    thread.start();
  }

  /** Waits until it has made all its transactions. */
  void join() throws InterruptedException {
    thread.join();
    Throwable cause = failure.get();
    if (cause != null) {
      throw new AssertionError(name + " failed", cause);
    }
  }

  private void run() {
    try {
      for (int next = 0; next < transactions.size(); ) {
        next = writeFrom(next);
      }
    } catch (SQLException | InterruptedException | RuntimeException e) {
      failure.set(e);
      pace.giveUp();
    }
  }

  /** Makes transactions on one connection until it breaks; returns which comes next. */
  private int writeFrom(int first) throws SQLException, InterruptedException {
    int next = first;
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      while (next < transactions.size()) {
        pace.awaitTurn();
        OracleTransaction transaction = transactions.get(next);
        next++;
        make(connection, transaction);
      }
    } catch (SQLException e) {
      if (!isBroken(e)) {
        throw e;
      }
      Awaitility.await().atMost(PATIENCE).until(this::isPostgresBack);
    }
    return next;
  }

  private boolean isPostgresBack() {
    try (Connection connection = database.connect()) {
      return connection.isValid(0);
    } catch (SQLException e) {
      return false;
    }
  }

  /** The connection has gone, or there was none to be had. */
  static boolean isBroken(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("08") || state.startsWith("57P");
  }

  /** Writers stand in each other's way, or do not know the tables as they have become. */
  private static boolean isExpected(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("40")
        || state.startsWith("42")
        || state.startsWith("22")
        || state.startsWith("23")
        || state.equals("25P02")
        || state.equals("0A000");
  }

  private void make(Connection connection, OracleTransaction transaction) throws SQLException {
    String outcome = "broken off";
    try (Statement statement = connection.createStatement()) {
      for (String sql : transaction.statements()) {
        statement.execute(sql);
      }
      outcome = end(connection, statement, transaction.ending());
    } catch (SQLException e) {
      outcome = e.getSQLState() + " " + e.getMessage();
      if (!isExpected(e)) {
        throw e;
      }
      connection.rollback();
    } finally {
      trace.note(
          "%s: %s: %s".formatted(name, String.join("; ", transaction.statements()), outcome));
    }
  }

  private String end(Connection connection, Statement statement, Ending ending)
      throws SQLException {
    if (ending == Ending.ROLL_BACK) {
      connection.rollback();
      return "rolled back";
    }
    long xid = currentTransaction(statement);
    witness.committing(xid);
    if (ending == Ending.PREPARE) {
      String global = "%s-%d".formatted(name, ++prepared);
      statement.execute("prepare transaction '" + global + "'");
      connection.setAutoCommit(true);
      try {
        statement.execute("commit prepared '" + global + "'");
      } finally {
        connection.setAutoCommit(false);
      }
      return "prepared and committed " + xid;
    }
    connection.commit();
    return "committed " + xid;
  }

  static long currentTransaction(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("select pg_current_xact_id()")) {
      row.next();
      return row.getLong(1);
    }
  }
}
