package dev.millrace.bench.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks that rows come exactly once and in order: each number is one more than the one before. One
 * thread tells it rows, any thread asks.
 */
public final class RowSequence implements RowListener {
  private volatile long last;
  private volatile long lastNanos = System.nanoTime();
  private volatile long longestGapNanos;
  private volatile @Nullable String complaint;

  /** The rows after a number are expected. */
  public RowSequence(long last) {
    this.last = last;
  }

  @Override
  public void row(long number) {
    long now = System.nanoTime();
    if (number != last + 1 && complaint == null) {
      complaint = "row %,d came after row %,d".formatted(number, last);
    }
    longestGapNanos = Math.max(longestGapNanos, now - lastNanos);
    lastNanos = now;
    last = number;
  }

  /** The newest row. */
  public long last() {
    return last;
  }

  /** When the newest row came, by {@link System#nanoTime}. */
  public long lastNanos() {
    return lastNanos;
  }

  /** The first row that was lost, doubled or out of order, if there is any. */
  public Optional<String> complaint() {
    return Optional.ofNullable(complaint);
  }

  /** Longest time without a row since {@link #startWatch}. */
  public long longestGapNanos() {
    return longestGapNanos;
  }

  /** Begins to look for gaps anew. To be called while no row comes. */
  public void startWatch() {
    lastNanos = System.nanoTime();
    longestGapNanos = 0;
  }
}
