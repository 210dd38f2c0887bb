package dev.millrace.client.transport;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Runs tasks one after the other, at once or later. Time here is the monotonic one: a device whose
 * clock is set hears nothing of it.
 *
 * <p>May be called from any thread. A task that throws is logged and stops no other.
 */
public interface Scheduler extends Executor, AutoCloseable {

  /** A task that waits for its time. */
  @FunctionalInterface
  interface Timer {

    /** Forgets it; without effect once it has begun. */
    void cancel();
  }

  /** Runs the task after those that wait already. Forgotten without a word once this is closed. */
  @Override
  void execute(Runnable task);

  /** Runs the task when so much time has passed. */
  Timer after(Duration delay, Runnable task);

  /** Ends after the task that runs now; those that wait are forgotten. */
  @Override
  void close();
}
