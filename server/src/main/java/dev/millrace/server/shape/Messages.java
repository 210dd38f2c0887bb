package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A run of log messages as they go to clients: each preceded by a comma, one after another. Shared
 * by all readers and never changed.
 */
final class Messages {

  private static final byte[] EVENT = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EVENT_END = "\n\n".getBytes(StandardCharsets.US_ASCII);

  private final byte[] bytes;
  private final int count;
  private final int[] ends;
  private final long[] txs;
  private final long[] ops;

  /** All messages as events, made when the first reader wants them so. */
  private volatile byte @Nullable [] events;

  /**
   * Takes over the arrays.
   *
   * @param bytes the run
   * @param ends for each message, where it ends in {@code bytes}
   * @param txs for each message, the {@code tx} of its offset; not descending
   * @param ops for each message, the {@code op} of its offset
   */
  Messages(byte[] bytes, int[] ends, long[] txs, long[] ops) {
    this(ends.length, bytes, ends, txs, ops);
  }

  /** Only the first {@code count} of them; the arrays have room for more. */
  private Messages(int count, byte[] bytes, int[] ends, long[] txs, long[] ops) {
    this.count = count;
    this.bytes = bytes;
    this.ends = ends;
    this.txs = txs;
    this.ops = ops;
  }

  /** The run. */
  ByteBuffer run() {
    return ByteBuffer.wrap(bytes, 0, length());
  }

  /** How many bytes the run has. */
  int length() {
    return start(count);
  }

  int end(int message) {
    return ends[message];
  }

  long tx(int message) {
    return txs[message];
  }

  long op(int message) {
    return ops[message];
  }

  /** All messages as server-sent events (protocol section 6.5), made once for all readers. */
  byte[] events() {
    byte[] made = events;
    if (made == null) {
      made = events(0, count());
      events = made;
    }
    return made;
  }

  /** The messages from {@code from} to before {@code to} as server-sent events. */
  byte[] events(int from, int to) {
    int framing = (to - from) * (EVENT.length + EVENT_END.length);
    ByteBuilder out = new ByteBuilder(start(to) - start(from) + framing);
    for (int i = from; i < to; i++) {
      int at = start(i) + MessageEncoder.SEPARATOR_BYTES;
      out.add(EVENT).add(bytes, at, ends[i] - at).add(EVENT_END);
    }
    return out.toBytes();
  }

  /**
   * Where a part ends that begins with message {@code from} and is about {@code most} bytes long:
   * it has one message at least, and does not end where {@link ShapeLog#mayEndBetween} forbids it.
   */
  int endOfPart(int from, long most) {
    int to = from + 1;
    while (to < count()
        && (start(to) - start(from) < most
            || !ShapeLog.mayEndBetween(offset(to - 1), offset(to)))) {
      to++;
    }
    return to;
  }

  /** The first {@code count} of these messages, in {@code run}. */
  Messages first(int count, byte[] run) {
    return new Messages(
        run, Arrays.copyOf(ends, count), Arrays.copyOf(txs, count), Arrays.copyOf(ops, count));
  }

  int count() {
    return count;
  }

  Offset offset(int message) {
    return new Offset(txs[message], ops[message]);
  }

  /** Place of the first message after {@code offset}; {@link #count} if there is none. */
  int firstAfter(Offset offset) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      boolean after =
          txs[middle] > offset.tx() || (txs[middle] == offset.tx() && ops[middle] > offset.op());
      if (after) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Where the message at {@code place} starts, its comma included. */
  int start(int message) {
    return message == 0 ? 0 : ends[message - 1];
  }

  /**
   * Builders that wait to be used again: what many shapes gather for one handing over would
   * otherwise be made for each. The router's lock.
   */
  static final class Builders {

    private static final int MOST = 4096;

    /** A builder that has grown larger is not kept. */
    private static final int LARGEST = 8 << 10;

    private final Deque<Builder> unused = new ArrayDeque<>();

    Builder take() {
      Builder kept = unused.pollLast();
      return kept == null ? new Builder() : kept;
    }

    /** Takes back a builder that nobody uses any more. */
    void giveBack(Builder builder) {
      builder.clear();
      if (unused.size() < MOST && builder.bytes.capacity() <= LARGEST) {
        unused.addLast(builder);
      }
    }
  }

  /** Collects the messages of a batch. One thread; cleared and used again. */
  static final class Builder {

    private final ByteBuilder bytes = new ByteBuilder(1024);
    private int[] ends = new int[8];
    private long[] txs = new long[8];
    private long[] ops = new long[8];
    private int count;

    ByteBuilder bytes() {
      return bytes;
    }

    int count() {
      return count;
    }

    boolean isEmpty() {
      return count == 0;
    }

    /** Where the last message that has ended ends. */
    int lastEnd() {
      return count == 0 ? 0 : ends[count - 1];
    }

    /** Says that a message at this offset now ends where the bytes end. */
    void ended(long tx, long op) {
      if (count == ends.length) {
        ends = Arrays.copyOf(ends, count * 2);
        txs = Arrays.copyOf(txs, count * 2);
        ops = Arrays.copyOf(ops, count * 2);
      }
      ends[count] = bytes.size();
      txs[count] = tx;
      ops[count] = op;
      count++;
    }

    /** Forgets all but the first {@code messages}, which end after {@code size} bytes. */
    void cut(int size, int messages) {
      bytes.cut(size);
      count = messages;
    }

    /** The messages so far; the builder starts anew. */
    Messages take() {
      Messages taken =
          new Messages(
              bytes.toBytes(),
              Arrays.copyOf(ends, count),
              Arrays.copyOf(txs, count),
              Arrays.copyOf(ops, count));
      clear();
      return taken;
    }

    /** The messages so far, until the builder is cleared. */
    Messages view() {
      return new Messages(count, bytes.array(), ends, txs, ops);
    }

    void clear() {
      bytes.clear();
      count = 0;
    }
  }
}
