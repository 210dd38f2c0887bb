package dev.millrace.server.shape;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages of many batches in one array, each batch with its index as in the journal. Thousands of
 * logs get a message or two at a time: as objects of their own they would be what the garbage
 * collector is busy with. For the same reason the array is used again when its batches are too old.
 *
 * <p>The router's thread fills it. Other threads read a batch after it was shown to them.
 */
final class HotBlock {

  private final byte[] bytes;

  // Of the router's thread.
  private int used;
  private int count;

  // Guarded by this.
  private int life;
  private final List<Batch> loaded = new ArrayList<>();

  HotBlock(int capacity) {
    bytes = new byte[capacity];
  }

  int capacity() {
    return bytes.length;
  }

  /** How many batches it has. */
  int count() {
    return count;
  }

  boolean hasRoom(int length) {
    return bytes.length - used >= length;
  }

  /** Copies the messages of a batch, and lets the batch know where they are. */
  void add(Batch batch, Messages messages) {
    ByteBuffer free = ByteBuffer.wrap(bytes, used, bytes.length - used);
    JournalRecord.writeBody(free, messages);
    batch.keep(this, lives(), used);
    used = free.position();
    count++;
  }

  private synchronized int lives() {
    return life;
  }

  /**
   * The messages of {@code batch}, which were put at {@code start}; null if that was in an earlier
   * life. The batch is lent them until this life ends.
   */
  synchronized @Nullable Messages load(Batch batch, int inLife, int start) {
    if (inLife != life) {
      return null;
    }
    ByteBuffer body = ByteBuffer.wrap(bytes, start, batch.bodyBytes());
    Messages messages = JournalRecord.readBody(body, batch.bytes(), batch.count());
    batch.loaded(messages);
    loaded.add(batch);
    return messages;
  }

  /** Copies {@code length} bytes from {@code start} on; false if they were of an earlier life. */
  synchronized boolean copy(int inLife, int start, int length, ByteBuffer into) {
    if (inLife != life) {
      return false;
    }
    into.put(bytes, start, length);
    return true;
  }

  /** Begins another life without any batches. */
  synchronized void clear() {
    loaded.forEach(batch -> batch.loaded(null));
    loaded.clear();
    life++;
    used = 0;
    count = 0;
  }
}
