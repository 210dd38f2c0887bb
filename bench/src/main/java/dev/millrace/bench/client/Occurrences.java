package dev.millrace.bench.client;

/** Counts how often a text occurs in a body. One thread. */
public final class Occurrences implements BodySink {
  private static final BytePattern INSERT = BytePattern.of("\"operation\":\"insert\"");
  private static final BytePattern UP_TO_DATE = BytePattern.of("\"control\":\"up-to-date\"");

  private final BytePattern pattern;
  private final Leftover leftover = new Leftover();
  private long count;

  private Occurrences(BytePattern pattern) {
    this.pattern = pattern;
  }

  /** Counts insert messages. */
  public static Occurrences ofInserts() {
    return new Occurrences(INSERT);
  }

  /** Counts the control messages that say a client has everything. */
  public static Occurrences ofUpToDates() {
    return new Occurrences(UP_TO_DATE);
  }

  /** Counts a text of ASCII. */
  public static Occurrences of(String text) {
    return new Occurrences(BytePattern.of(text));
  }

  public long count() {
    return count;
  }

  @Override
  public void accept(byte[] bytes, int start, int length) {
    leftover.add(bytes, start, length);
    int at = 0;
    for (int found = find(at); found >= 0; found = find(at)) {
      count++;
      at = found + pattern.length();
    }
    leftover.drop(Math.max(at, leftover.size() - pattern.length() + 1));
  }

  private int find(int from) {
    return pattern.find(leftover.bytes(), from, leftover.size());
  }
}
