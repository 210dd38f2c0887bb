package dev.millrace.server.shape;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.Publication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Publishes tables for their new shapes, each table once for however many shapes wait for it. A
 * table that somebody else has locked is tried again and again for a while, in turn with the
 * others, so that it holds up only its own shapes. Any thread.
 */
final class TablePublisher implements AutoCloseable {

  private static final int THREADS = 4;
  private static final int MOST_TABLES = 10_000;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final Publication publication;

  /** What waits for each table; guarded by itself. */
  private final Map<Wanted, List<Waiter>> waiting = new HashMap<>();

  private final ScheduledExecutorService threads =
      Executors.newScheduledThreadPool(
          THREADS, Thread.ofPlatform().daemon().name("publish-", 0).factory());

  TablePublisher(Publication publication) {
    this.publication = publication;
  }

  /**
   * A table that a shape wants published.
   *
   * @param withGenerated whether the shape has generated columns
   */
  record Wanted(RelationName table, boolean withGenerated) {

    /** The table of the shape, and those that it depends on. */
    static List<Wanted> allBy(ShapeDefinition definition) {
      return Stream.concat(Stream.of(definition), definition.dependencies().stream())
          .map(Wanted::by)
          .distinct()
          .toList();
    }

    static Wanted by(ShapeDefinition definition) {
      return new Wanted(
          definition.relation(),
          Stream.concat(
                  definition.neededColumns().stream(),
                  definition.projection().filterColumns().stream())
              .anyMatch(column -> column.generation() != Column.Generation.NONE));
    }
  }

  /** What waits for a table. */
  private record Waiter(Runnable then, Consumer<Throwable> orElse) {

    void go() {
      try {
        then.run();
      } catch (RejectedExecutionException e) {
        orElse.accept(e);
      }
    }
  }

  /**
   * Publishes the table and runs {@code then}, or tells {@code orElse} what keeps it from being.
   *
   * @throws RejectedExecutionException if too many tables are waiting, or the server is stopping
   */
  void publish(Wanted wanted, Runnable then, Consumer<Throwable> orElse) {
    boolean isFirst;
    synchronized (waiting) {
      isFirst = !waiting.containsKey(wanted);
      if (isFirst && waiting.size() >= MOST_TABLES) {
        throw new RejectedExecutionException("too many tables to publish");
      }
      waiting.computeIfAbsent(wanted, w -> new ArrayList<>()).add(new Waiter(then, orElse));
    }
    if (isFirst) {
      long until = System.nanoTime() + PATIENCE.toNanos();
      threads.execute(() -> attempt(wanted, until));
    }
  }

  private List<Waiter> takeWaiters(Wanted wanted) {
    synchronized (waiting) {
      List<Waiter> taken = waiting.remove(wanted);
      return taken == null ? List.of() : taken;
    }
  }

  private void attempt(Wanted wanted, long until) {
    try {
      publication.ensurePublished(wanted.table(), wanted.withGenerated());
    } catch (RuntimeException e) {
      boolean isBlocked = e instanceof DatabaseException d && d.isLockTimeout();
      if (isBlocked && System.nanoTime() < until) {
        again(wanted, until);
      } else {
        takeWaiters(wanted).forEach(waiter -> waiter.orElse().accept(e));
      }
      return;
    }
    takeWaiters(wanted).forEach(Waiter::go);
  }

  private void again(Wanted wanted, long until) {
    try {
      Future<?> _ =
          threads.schedule(() -> attempt(wanted, until), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      takeWaiters(wanted).forEach(waiter -> waiter.orElse().accept(e));
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
