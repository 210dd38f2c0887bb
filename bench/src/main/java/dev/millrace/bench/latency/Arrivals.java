package dev.millrace.bench.latency;

import dev.millrace.bench.client.RowListener;
import dev.millrace.bench.run.Values;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.LongStream;

/** When each row arrived, by {@link System#nanoTime}. Any thread. */
public final class Arrivals implements RowListener {
  private final AtomicLongArray nanos;

  /** For rows numbered from 1 on. */
  public Arrivals(int rows) {
    nanos = new AtomicLongArray(rows + 1);
  }

  @Override
  public void row(long number) {
    nanos.set(Math.toIntExact(number), System.nanoTime());
  }

  public boolean has(int row) {
    return nanos.get(row) != 0;
  }

  /** Milliseconds from the same rows' arrivals elsewhere, for the rows between two numbers. */
  public Values millisSince(Arrivals earlier, int first, int last) {
    return Values.of(
        LongStream.rangeClosed(first, last)
            .mapToDouble(row -> (nanos.get((int) row) - earlier.nanos.get((int) row)) / 1e6));
  }
}
