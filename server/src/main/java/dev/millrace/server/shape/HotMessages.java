package dev.millrace.server.shape;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Keeps the newest messages of all logs in memory, up to a bound in bytes: live clients read them
 * from here. The oldest go first; they can be read back from the journal. Any thread.
 */
final class HotMessages {

  /** What a batch costs beside its messages: objects, index, entry in the queue. */
  private static final int OVERHEAD_BYTES = 250;

  private final long limit;
  private final Deque<Batch> queue = new ArrayDeque<>();
  private long size;

  HotMessages(long limitBytes) {
    this.limit = limitBytes;
  }

  /** Keeps {@code messages} for {@code batch}. */
  synchronized void keep(Batch batch, Messages messages) {
    batch.keep(messages);
    queue.addLast(batch);
    size += cost(batch);
    while (size > limit && !queue.isEmpty()) {
      Batch oldest = queue.removeFirst();
      size -= cost(oldest);
      oldest.evict();
    }
  }

  private static long cost(Batch batch) {
    return OVERHEAD_BYTES + batch.bytes() + (long) batch.count() * JournalRecord.INDEX_ENTRY_BYTES;
  }
}
