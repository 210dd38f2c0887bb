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
  private final long firstTx;
  private final long firstOp;
  private final long lastTx;
  private final long lastOp;
  private final boolean endsChunk;
  private final int xid;

  /** Where {@link HotMessages} put the messages, or null. */
  private volatile @Nullable HotBlock block;

  private int life;
  private int start;

  /** What was made of them for the first reader, for those after it. */
  private volatile @Nullable Messages loaded;

  Batch(JournalSegment segment, long position, JournalRecord.BatchHeader header) {
    this.segment = segment;
    this.position = position;
    this.bytes = header.bytes();
    this.count = header.count();
    this.growth = header.growth();
    this.firstTx = header.first().tx();
    this.firstOp = header.first().op();
    this.lastTx = header.last().tx();
    this.lastOp = header.last().op();
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
    return new Offset(firstTx, firstOp);
  }

  Offset last() {
    return new Offset(lastTx, lastOp);
  }

  /** With the index. */
  int bodyBytes() {
    return bytes + count * JournalRecord.INDEX_ENTRY_BYTES;
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

  /** The messages are in memory, as long as that life of the block lasts. */
  void keep(HotBlock in, int inLife, int at) {
    life = inLife;
    start = at;
    block = in;
  }

  void loaded(@Nullable Messages messages) {
    loaded = messages;
  }

  void evict() {
    block = null;
    loaded = null;
  }

  /** The messages, from memory or from the journal. */
  Messages load() {
    Messages messages = loaded;
    HotBlock in = block;
    if (messages == null && in != null) {
      messages = in.load(this, life, start);
    }
    return messages != null ? messages : segment.read(position, bytes, count);
  }

  /** Copies {@code length} bytes of the messages, from {@code from} on. */
  void copy(int from, int length, ByteBuffer into) {
    HotBlock in = block;
    if (in == null || !in.copy(life, start + from, length, into)) {
      segment.copy(position + from, length, into);
    }
  }
}
