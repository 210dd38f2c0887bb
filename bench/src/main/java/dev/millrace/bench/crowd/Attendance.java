package dev.millrace.bench.crowd;

import dev.millrace.bench.run.BenchException;
import java.time.Duration;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * How many of a crowd have got to where they are awaited, with which numbers, and when the last of
 * them did. The crowd's thread tells, any other waits.
 */
public final class Attendance {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(100);

  private final Crowd crowd;
  private final SortedSet<Long> numbers = new TreeSet<>();
  private int arrived;
  private int wanted = Integer.MAX_VALUE;
  private long lastNumber;
  private long lastNanos;

  public Attendance(Crowd crowd) {
    this.crowd = crowd;
  }

  /** Nobody is there; from now on they are counted anew. */
  public synchronized void reset() {
    numbers.clear();
    arrived = 0;
  }

  /** One more is there, with a number. */
  synchronized void arrive(long number) {
    if (arrived == 0 || number != lastNumber) {
      numbers.add(number);
      lastNumber = number;
    }
    arrived++;
    lastNanos = System.nanoTime();
    if (arrived >= wanted) {
      notifyAll();
    }
  }

  /**
   * Waits for this many.
   *
   * @return when the last of them came, by {@link System#nanoTime}
   */
  public synchronized long await(int count) throws InterruptedException {
    wanted = count;
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (arrived < count) {
      crowd
          .failure()
          .ifPresent(e -> {
            throw new BenchException("A client failed: " + e, e);
          });
      if (System.nanoTime() > deadline) {
        throw new BenchException("Only %,d of %,d clients got there.".formatted(arrived, count));
      }
      TimeUnit.NANOSECONDS.timedWait(this, LOOK.toNanos());
    }
    return lastNanos;
  }

  public synchronized int arrived() {
    return arrived;
  }

  /** The different numbers they came with. */
  public synchronized Set<Long> numbers() {
    return Set.copyOf(numbers);
  }

  /** Breaks off if two came with different numbers. */
  public void requireOneNumber() {
    if (numbers().size() > 1) {
      throw new BenchException("Clients got different answers: " + numbers() + ".");
    }
  }
}
