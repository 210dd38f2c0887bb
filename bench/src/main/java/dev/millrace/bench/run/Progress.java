package dev.millrace.bench.run;

import java.io.PrintStream;

/** Tells a waiting person what is being done, a line at a time. */
public record Progress(PrintStream out, Stopwatch stopwatch) {
  public void say(String doing) {
    out.printf("%5.0f s  %s%n", stopwatch.seconds(), doing);
  }
}
