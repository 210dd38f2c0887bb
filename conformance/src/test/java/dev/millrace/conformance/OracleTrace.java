package dev.millrace.conformance;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** What was done last, for the message of a failure. Any thread. */
final class OracleTrace {
  private static final int KEPT = 60;
  private static final int MOST_CHARACTERS = 240;

  private final long begun = System.nanoTime();
  private final Deque<String> last = new ArrayDeque<>();

  synchronized void note(String action) {
    // By code points: half a character is nothing that can be printed.
    int[] text = action.replace("\n", "\\n").codePoints().toArray();
    int half = MOST_CHARACTERS / 2;
    String shortened =
        text.length <= MOST_CHARACTERS
            ? new String(text, 0, text.length)
            : new String(text, 0, half) + " ... " + new String(text, text.length - half, half);
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
