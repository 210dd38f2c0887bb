package dev.millrace.bench.client;

/** Counts the insert messages in a body. */
public final class InsertCount implements BodySink {
  private static final BytePattern INSERT = BytePattern.of("\"operation\":\"insert\"");

  private final Leftover leftover = new Leftover();
  private long count;

  public long count() {
    return count;
  }

  @Override
  public void accept(byte[] bytes, int start, int length) {
    leftover.add(bytes, start, length);
    int at = 0;
    for (int found = find(at); found >= 0; found = find(at)) {
      count++;
      at = found + INSERT.length();
    }
    leftover.drop(Math.max(at, leftover.size() - INSERT.length() + 1));
  }

  private int find(int from) {
    return INSERT.find(leftover.bytes(), from, leftover.size());
  }
}
