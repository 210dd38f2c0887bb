package dev.millrace.server.shape;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the newest messages of all logs in memory, up to a bound in bytes: live clients read them
 * from here. The oldest go first; they can be read back from the journal. The router's thread.
 */
final class HotMessages {

  /** Blocks are so large that the garbage collector does not move them. */
  private static final int BLOCKS = 64;

  private static final int LARGEST_BLOCK_BYTES = 64 << 20;

  /** What the JVM adds to an array, and more: a block should fill its regions just so. */
  private static final int ARRAY_OVERHEAD_BYTES = 1024;

  /** What a batch costs beside its messages. */
  private static final int OVERHEAD_BYTES = 100;

  private final long limit;
  private final int blockBytes;
  private final Deque<HotBlock> blocks = new ArrayDeque<>();
  private long size;

  HotMessages(long limitBytes) {
    this.limit = limitBytes;
    this.blockBytes =
        Math.clamp(limitBytes / BLOCKS - ARRAY_OVERHEAD_BYTES, 0, LARGEST_BLOCK_BYTES);
  }

  /** Keeps {@code messages} for {@code batch}. */
  void keep(Batch batch, Messages messages) {
    int length = batch.bodyBytes();
    HotBlock block = blocks.peekLast();
    if (block == null || !block.hasRoom(length)) {
      block = next(Math.max(blockBytes, length));
      if (block == null) {
        return;
      }
      blocks.addLast(block);
      size += block.capacity();
    }
    block.add(batch, messages);
    size += OVERHEAD_BYTES;
  }

  /** An empty block, if need be in the place of the oldest; null if that much is never kept. */
  private @Nullable HotBlock next(int capacity) {
    HotBlock unused = null;
    while (size + capacity > limit && !blocks.isEmpty()) {
      HotBlock oldest = blocks.removeFirst();
      size -= oldest.capacity() + (long) oldest.count() * OVERHEAD_BYTES;
      oldest.clear();
      unused = oldest.capacity() == capacity ? oldest : unused;
    }
    if (size + capacity > limit) {
      return null;
    }
    return unused == null ? new HotBlock(capacity) : unused;
  }
}
