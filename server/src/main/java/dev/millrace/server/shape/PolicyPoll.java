package dev.millrace.server.shape;

import dev.millrace.server.policy.RowSecurity;
import dev.millrace.server.postgres.DatabaseException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether policies, privileges or roles have changed, and drops the shapes that were made
 * under others: as soon as the stream tells of it, which not every Postgres does and of roles none,
 * and from time to time. Nobody is shown for longer than the interval and one look what they may
 * not see any more. One thread, {@code policy-poll}.
 */
public final class PolicyPoll implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PolicyPoll.class);

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);

  /** Hints that come in a crowd are followed together. */
  private static final Duration SHORTEST = Duration.ofMillis(20);

  private final Shapes shapes;
  private final RowSecurity security;
  private final Duration interval;
  private final Thread thread = new Thread(this::run, "policy-poll");
  private final Semaphore hints = new Semaphore(0);

  /** Whether the last look failed. Of the thread. */
  private boolean isBlind;

  public PolicyPoll(Shapes shapes, RowSecurity security, Duration interval) {
    this.shapes = shapes;
    this.security = security;
    this.interval = interval;
  }

  public void start() {
    shapes.router().onPolicies(this::hint);
    thread.setDaemon(true);
    thread.start();
  }

  /** Something may have been altered: looks at once. Any thread. */
  public void hint() {
    hints.release();
  }

  private void run() {
    try {
      while (true) {
        hints.drainPermits();
        look();
        Thread.sleep(SHORTEST);
        hints.tryAcquire(interval.toNanos(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try {
      shapes.dropOutdated(security.refresh(shapes.scopes()));
      isBlind = false;
    } catch (DatabaseException e) {
      // Said once: Postgres may be away for hours.
      if (!isBlind) {
        log.warn("cannot look at policies now: {}", e.getMessage());
      }
      isBlind = true;
    } catch (RuntimeException e) {
      log.error("cannot compare the shapes of users with the policies", e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(STOP_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
