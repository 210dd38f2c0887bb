package dev.millrace.conformance;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** What was done last, for the message of a failure. Any thread. */
final class OracleTrace {
  private static final int KEPT = 60;
  private static final int MOST_CHARACTERS = 400;

  private final long begun = System.nanoTime();
  private final Deque<String> last = new ArrayDeque<>();

  synchronized void note(String action) {
    String text = action.replace("\n", "\\n");
    String shortened =
        text.length() <= MOST_CHARACTERS
            ? text
            : text.substring(0, MOST_CHARACTERS / 2)
                + " ... "
                + text.substring(text.length() - MOST_CHARACTERS / 2);
    long millis = Duration.ofNanos(System.nanoTime() - begun).toMillis();
    last.add("%7d ms  %s".formatted(millis, shortened));
    if (last.size() > KEPT) {
      last.remove();
    }
  }

  @Override
  public synchronized String toString() {
    return String.join("\n", last);
  }
}
