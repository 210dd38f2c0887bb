package dev.millrace.bench.run;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waiting for a condition by asking for it again and again. */
public final class Waiting {
  private Waiting() {}

  /** What is waited for. */
  @FunctionalInterface
  public interface Condition<E extends Exception> {
    boolean holds() throws E;
  }

  /** False when it did not hold within the limit. */
  public static <E extends Exception> boolean until(
      Condition<E> condition, Duration interval, Duration limit) throws E {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(interval.toNanos());
    }
    return true;
  }
}
