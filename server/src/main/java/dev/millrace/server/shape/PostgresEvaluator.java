package dev.millrace.server.shape;

import dev.millrace.server.filter.DelegatedQuery;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Has Postgres evaluate filters, and asks again while it cannot be reached. A row on which a filter
 * cannot be evaluated, for a division by zero or so, does not meet it; one on which Postgres itself
 * fails again and again ends the shapes. Any thread; blocks.
 */
final class PostgresEvaluator implements Delegation.Evaluator {

  /** Queries at once: they must not take all connections, however slow they are. */
  private static final int QUERIES_AT_ONCE = 4;

  /** How long Postgres may take for some rows, and how often for one. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final int ATTEMPTS_WITH_ONE = 3;

  private static final Duration FIRST_DELAY = Duration.ofMillis(100);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(5);

  private final Database database;
  private final Semaphore turns = new Semaphore(QUERIES_AT_ONCE, true);
  private final LongAdder evaluated = new LongAdder();

  PostgresEvaluator(Database database) {
    this.database = database;
  }

  /** How many rows have been put to Postgres. */
  long evaluatedRows() {
    return evaluated.sum();
  }

  @Override
  public boolean[] evaluate(DelegatedQuery query, List<List<@Nullable String>> rows)
      throws InterruptedException {
    Duration delay = FIRST_DELAY;
    int attempts = 0;
    while (true) {
      try {
        return ask(query, rows);
      } catch (DatabaseException e) {
        switch (e.kind()) {
          case DATA -> {
            return rows.size() == 1 ? new boolean[1] : inHalves(query, rows);
          }
          case UNDEFINED, FORBIDDEN ->
              throw new ShapeException(ShapeException.Kind.REFETCH, reason(e), e);
          case TIMEOUT, OTHER -> {
            if (rows.size() > 1) {
              return inHalves(query, rows);
            }
            if (++attempts == ATTEMPTS_WITH_ONE) {
              throw new ShapeException(ShapeException.Kind.REFETCH, reason(e), e);
            }
          }
          case UNREACHABLE -> {
            if (e.isShuttingDown()) {
              throw e;
            }
          }
        }
        Thread.sleep(delay);
        delay = delay.multipliedBy(2);
        delay = delay.compareTo(LONGEST_DELAY) < 0 ? delay : LONGEST_DELAY;
      }
    }
  }

  private static String reason(DatabaseException cause) {
    return cause.kind() == DatabaseException.Kind.TIMEOUT
        ? "its filter takes Postgres too long"
        : "its filter cannot be evaluated: " + cause.said();
  }

  private boolean[] inHalves(DelegatedQuery query, List<List<@Nullable String>> rows)
      throws InterruptedException {
    int half = rows.size() / 2;
    boolean[] first = evaluate(query, rows.subList(0, half));
    boolean[] second = evaluate(query, rows.subList(half, rows.size()));
    boolean[] both = Arrays.copyOf(first, rows.size());
    System.arraycopy(second, 0, both, half, second.length);
    return both;
  }

  private boolean[] ask(DelegatedQuery query, List<List<@Nullable String>> rows)
      throws InterruptedException {
    turns.acquire();
    try {
      evaluated.add(rows.size());
      return database.inSnapshot("evaluating a filter", connection -> ask(connection, query, rows));
    } finally {
      turns.release();
    }
  }

  private static boolean[] ask(
      Connection connection, DelegatedQuery query, List<List<@Nullable String>> rows)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set local statement_timeout = " + PATIENCE.toMillis());
    }
    return query.evaluate(connection, rows);
  }
}
