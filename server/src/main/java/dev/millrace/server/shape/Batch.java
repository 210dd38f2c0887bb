package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A run of messages of one shape that lies together in the journal. Its bytes may also be in
 * memory; when they are not, {@link #load} reads them back.
 */
final class Batch {

  private final JournalSegment segment;
  private final long position;
  private final int bytes;
  private final int count;
  private final int growth;
  private final Offset first;
  private final Offset last;
  private final boolean endsChunk;
  private final int xid;

  /** What {@link HotMessages} keeps in memory, or null. */
  private volatile @Nullable Messages hot;

  Batch(JournalSegment segment, long position, JournalRecord.BatchHeader header) {
    this.segment = segment;
    this.position = position;
    this.bytes = header.bytes();
    this.count = header.count();
    this.growth = header.growth();
    this.first = header.first();
    this.last = header.last();
    this.endsChunk = header.endsChunk();
    this.xid = header.xid();
  }

  JournalSegment segment() {
    return segment;
  }

  int bytes() {
    return bytes;
  }

  int count() {
    return count;
  }

  /** Rows inserted less rows deleted. */
  int growth() {
    return growth;
  }

  Offset first() {
    return first;
  }

  Offset last() {
    return last;
  }

  /** Whether the log's chunk ends with this batch. */
  boolean endsChunk() {
    return endsChunk;
  }

  /**
   * The transaction's id, if all messages are of one and its visibility was not yet known; or 0.
   */
  int xid() {
    return xid;
  }

  void keep(Messages messages) {
    hot = messages;
  }

  void evict() {
    hot = null;
  }

  /** The messages, from memory or from the journal. */
  Messages load() {
    Messages kept = hot;
    return kept != null ? kept : segment.read(position, bytes, count);
  }

  /** Copies {@code length} bytes of the messages, from {@code start} on. */
  void copy(int start, int length, ByteBuffer into) {
    Messages kept = hot;
    if (kept != null) {
      into.put(kept.bytes(), start, length);
    } else {
      segment.copy(position + start, length, into);
    }
  }
}
