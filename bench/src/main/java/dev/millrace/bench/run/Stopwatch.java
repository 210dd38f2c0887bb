package dev.millrace.bench.run;

/** Time since a moment. */
public record Stopwatch(long startNanos) {
  public static Stopwatch start() {
    return new Stopwatch(System.nanoTime());
  }

  public double seconds() {
    return secondsAt(System.nanoTime());
  }

  /** From the start to a moment of {@link System#nanoTime}. */
  public double secondsAt(long nanos) {
    return (nanos - startNanos) / 1e9;
  }
}
