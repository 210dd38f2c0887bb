package dev.millrace.server.http;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what goes out. Any thread. */
public final class Traffic {

  /** How an answer waits for changes. */
  public enum LiveKind {
    LONG_POLL,
    EVENT_STREAM
  }

  private final Map<Integer, LongAdder> answers = new ConcurrentHashMap<>();
  private final Map<LiveKind, LongAdder> live =
      Map.of(LiveKind.LONG_POLL, new LongAdder(), LiveKind.EVENT_STREAM, new LongAdder());
  private final LongAdder bytes = new LongAdder();
  private final LongAdder messages = new LongAdder();

  void answered(int status) {
    answers.computeIfAbsent(status, s -> new LongAdder()).increment();
  }

  void sentBytes(long count) {
    bytes.add(count);
  }

  void sentMessages(long count) {
    messages.add(count);
  }

  void liveBegan(LiveKind kind) {
    count(kind).increment();
  }

  void liveEnded(LiveKind kind) {
    count(kind).decrement();
  }

  private LongAdder count(LiveKind kind) {
    LongAdder count = live.get(kind);
    if (count == null) {
      throw new IllegalArgumentException(kind.name());
    }
    return count;
  }

  /** Answers by status, also those under way. */
  public Map<Integer, Long> answers() {
    Map<Integer, Long> counts = new TreeMap<>();
    answers.forEach((status, count) -> counts.put(status, count.sum()));
    return counts;
  }

  /** Bytes of bodies. */
  public long bytes() {
    return bytes.sum();
  }

  /** Changes out of logs; the rows of snapshots are in {@link #bytes} only. */
  public long messages() {
    return messages.sum();
  }

  /** Clients that wait for changes now. */
  public long live(LiveKind kind) {
    return count(kind).sum();
  }
}
