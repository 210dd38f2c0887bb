package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import java.util.ArrayList;
import java.util.List;

/** A chunk whose batches still lie in the journal. Guarded by the lock of its log. */
final class TailChunk implements LogChunk {

  /** Begins small: of many shapes most get a batch or two. */
  private final List<Batch> batches = new ArrayList<>(2);

  private boolean full;

  TailChunk(Batch first) {
    batches.add(first);
  }

  void add(Batch batch) {
    batches.add(batch);
  }

  List<Batch> batches() {
    return List.copyOf(batches);
  }

  /** The batches that hold anything after {@code offset}. */
  List<Batch> batchesAfter(Offset offset) {
    int low = 0;
    int high = batches.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (batches.get(middle).last().isAfter(offset)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return List.copyOf(batches.subList(low, batches.size()));
  }

  /** Nothing will be added any more. */
  void close() {
    full = true;
  }

  boolean isFull() {
    return full;
  }

  @Override
  public Offset first() {
    return batches.getFirst().first();
  }

  @Override
  public Offset last() {
    return batches.getLast().last();
  }
}
