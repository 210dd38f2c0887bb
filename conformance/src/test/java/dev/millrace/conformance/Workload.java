package dev.millrace.conformance;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who writes without pause: transactions of a few inserts, updates, deletes and key
 * changes on one table, some with savepoints, some rolled back, some held open for a while. What it
 * does follows from its seed; how far it gets until it is told to stop does not.
 */
final class Workload implements AutoCloseable {

  /** What {@link #createTable} makes. */
  private static final String COLUMNS = "(id int primary key, n int not null, note text)";

  private static final int KEYS = 300;

  private final SyncedDatabase database;
  private final String table;
  private final Random random;
  private final AtomicInteger committed = new AtomicInteger();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final Thread thread;
  private volatile boolean isStopped;

  private Workload(SyncedDatabase database, String table, long seed) {
    this.database = database;
    this.table = table;
    this.random = new Random(seed);
    this.thread = new Thread(this::run, "workload-" + table);
  }

  /** The seed of a run: {@code MILLRACE_SEED}, or a new one; either way it is printed. */
  static long seed() {
    String given = System.getenv("MILLRACE_SEED");
    long seed = given == null ? System.nanoTime() : Long.parseLong(given);
    System.out.println("MILLRACE_SEED=" + seed);
    return seed;
  }

  static void createTable(SyncedDatabase database, String table) throws SQLException {
    database.execute("create table %s %s".formatted(table, COLUMNS));
  }

  static Workload start(SyncedDatabase database, String table, long seed) {
    Workload workload = new Workload(database, table, seed);
    workload.thread.start();
    return workload;
  }

  /** Waits until it has committed {@code more} transactions from now on. */
  void awaitCommits(int more) {
    int until = committed.get() + more;
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> committed.get() >= until);
  }

  private void run() {
    while (!isStopped) {
      try (Connection connection = database.connect()) {
        connection.setAutoCommit(false);
        while (!isStopped) {
          transaction(connection);
        }
      } catch (SQLException e) {
        if (!isExpected(e)) {
          failure.set(e);
          return;
        }
      }
    }
  }

  /** Postgres was killed and will be back, or two workloads stood in each other's way. */
  private static boolean isExpected(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("08")
        || state.startsWith("57P")
        || state.startsWith("40")
        || state.equals("23505");
  }

  private void transaction(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      int changes = 1 + random.nextInt(6);
      for (int i = 0; i < changes; i++) {
        if (random.nextInt(4) == 0) {
          Savepoint savepoint = connection.setSavepoint();
          change(statement);
          if (random.nextBoolean()) {
            connection.rollback(savepoint);
          }
        }
        change(statement);
      }
      if (random.nextInt(30) == 0) {
        statement.execute("select pg_sleep(0.1)");
      }
    }
    if (random.nextInt(10) == 0) {
      connection.rollback();
    } else {
      connection.commit();
      committed.incrementAndGet();
    }
  }

  private void change(Statement statement) throws SQLException {
    int id = random.nextInt(KEYS);
    int other = random.nextInt(KEYS);
    switch (random.nextInt(6)) {
      case 0 -> statement.execute("delete from %s where id = %d".formatted(table, id));
      case 1 ->
          statement.execute(
              "update %1$s set id = %3$d where id = %2$d and not exists (select from %1$s where id = %3$d)"
                  .formatted(table, id, other));
      case 2 ->
          statement.execute(
              "update %s set n = n + 1 where id between %d and %d".formatted(table, id, id + 5));
      default ->
          statement.execute(
              "insert into %s values (%d, 0, repeat('%d ', %d)) on conflict (id) do update set n = %1$s.n + 1"
                  .formatted(table, id, random.nextInt(1000), random.nextInt(60)));
    }
  }

  /** Stops after the transaction at hand. */
  void stop() {
    isStopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Exception cause = failure.get();
    if (cause != null) {
      throw new AssertionError("the workload failed", cause);
    }
  }

  @Override
  public void close() {
    stop();
  }
}
