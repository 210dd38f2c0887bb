package dev.millrace.server.shape;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What has happened to shapes since the server started. Any thread. */
public final class ShapeCounts {

  private final LongAdder created = new LongAdder();
  private final LongAdder snapshots = new LongAdder();
  private final LongAdder snapshotNanos = new LongAdder();
  private final Map<String, LongAdder> dropped = new ConcurrentHashMap<>();

  ShapeCounts() {}

  void shapeCreated() {
    created.increment();
  }

  void snapshotTaken(long nanos) {
    snapshots.increment();
    snapshotNanos.add(nanos);
  }

  void shapeDropped(String code) {
    dropped.computeIfAbsent(code, c -> new LongAdder()).increment();
  }

  public long created() {
    return created.sum();
  }

  /** Snapshots that were finished. */
  public long snapshots() {
    return snapshots.sum();
  }

  /** How long they took together. */
  public long snapshotNanos() {
    return snapshotNanos.sum();
  }

  /** Dropped shapes by the code of the reason. */
  public Map<String, Long> dropped() {
    Map<String, Long> counts = new TreeMap<>();
    dropped.forEach((code, count) -> counts.put(code, count.sum()));
    return counts;
  }
}
