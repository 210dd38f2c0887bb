package dev.millrace.server.shape;

import dev.millrace.server.policy.RowSecurity;
import dev.millrace.server.postgres.DatabaseException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether policies, privileges or roles have changed, which the stream does not tell, and
 * drops the shapes that were made under others. Nobody is shown for longer than the interval and
 * one look what they may not see any more. One thread, {@code policy-poll}.
 */
public final class PolicyPoll implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PolicyPoll.class);

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);

  private final Shapes shapes;
  private final RowSecurity security;
  private final Duration interval;
  private final Thread thread = new Thread(this::run, "policy-poll");

  /** Whether the last look failed. Of the thread. */
  private boolean isBlind;

  public PolicyPoll(Shapes shapes, RowSecurity security, Duration interval) {
    this.shapes = shapes;
    this.security = security;
    this.interval = interval;
  }

  public void start() {
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        look();
        Thread.sleep(interval);
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
