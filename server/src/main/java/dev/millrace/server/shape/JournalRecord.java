package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A record of the journal: a header of fixed size, for a batch followed by its messages and their
 * index. All numbers big-endian.
 *
 * <pre>
 *  0  int   CRC-32C of everything after this field, body included
 *  4  int   length of the body in bytes
 *  8  byte  kind
 *  9  byte  1 if the batch ends a chunk
 * 10  int   number of the shape
 * 14  int   xid
 * 18  int   messages in the batch
 * 22  int   bytes of the messages
 * 26  long  tx of the first message, or the position that a commit reaches
 * 34  long  op of the first message
 * 42  long  tx of the last message
 * 50  long  op of the last message
 * 58  int   rows by which the batch makes the shape larger
 * </pre>
 *
 * The index has 20 bytes for each message: its tx (long), its op (long), where it ends (int). The
 * body of the other kinds is a list of transaction ids (int).
 */
sealed interface JournalRecord {

  int HEADER_BYTES = 62;
  int INDEX_ENTRY_BYTES = 20;

  /**
   * Messages of one shape; they count once a {@link Commit} follows.
   *
   * @param growth rows inserted less rows deleted
   */
  record BatchHeader(
      int shape,
      int xid,
      boolean endsChunk,
      int growth,
      int count,
      int bytes,
      Offset first,
      Offset last)
      implements JournalRecord {

    static BatchHeader of(int shape, int xid, boolean endsChunk, int growth, Messages messages) {
      int count = messages.count();
      return new BatchHeader(
          shape,
          xid,
          endsChunk,
          growth,
          count,
          messages.length(),
          messages.offset(0),
          messages.offset(count - 1));
    }

    @Override
    public int bodyBytes() {
      return bytes + count * INDEX_ENTRY_BYTES;
    }
  }

  /**
   * Everything before is complete: the stream was followed up to {@code position}.
   *
   * @param xids the transactions that came since the last such record
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  record Commit(long position, int[] xids) implements JournalRecord {

    @Override
    public int bodyBytes() {
      return xids.length * Integer.BYTES;
    }
  }

  /**
   * Where the stream had been followed to when a segment begins, or the journal goes on after a
   * break. Takes the place of what was said of {@code xids} before.
   *
   * @param xids the last transactions that came
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
  record Position(long position, int[] xids) implements JournalRecord {

    @Override
    public int bodyBytes() {
      return xids.length * Integer.BYTES;
    }
  }

  /** Batches since the last {@link Commit} are void: their transaction will be sent again. */
  record Reset() implements JournalRecord {}

  /** A record and its whole length. */
  record Parsed(JournalRecord record, int length) {}

  default int bodyBytes() {
    return 0;
  }

  /** Writes the record; {@code messages} is the body of a batch and ignored otherwise. */
  default void write(ByteBuffer out, @Nullable Messages messages) {
    int start = out.position();
    out.putInt(0).putInt(bodyBytes());
    switch (this) {
      case BatchHeader batch -> {
        out.put((byte) 'B').put((byte) (batch.endsChunk ? 1 : 0)).putInt(batch.shape);
        out.putInt(batch.xid).putInt(batch.count).putInt(batch.bytes);
        out.putLong(batch.first.tx()).putLong(batch.first.op());
        out.putLong(batch.last.tx()).putLong(batch.last.op()).putInt(batch.growth);
        if (messages == null) {
          throw new IllegalArgumentException("a batch without messages");
        }
        writeBody(out, messages);
      }
      case Commit commit -> {
        pad(out.put((byte) 'C').put((byte) 0), commit.position);
        writeXids(out, commit.xids);
      }
      case Position at -> {
        pad(out.put((byte) 'P').put((byte) 0), at.position);
        writeXids(out, at.xids);
      }
      case Reset() -> pad(out.put((byte) 'R').put((byte) 0), 0);
    }
    out.putInt(start, crc(out, start + 4, out.position()));
  }

  private static void pad(ByteBuffer out, long position) {
    out.putInt(0).putInt(0).putInt(0).putInt(0).putLong(position);
    out.putLong(0).putLong(0).putLong(0).putInt(0);
  }

  private static void writeXids(ByteBuffer out, int[] xids) {
    for (int xid : xids) {
      out.putInt(xid);
    }
  }

  private static int[] readXids(ByteBuffer in, int start, int bytes) {
    int[] xids = new int[bytes / Integer.BYTES];
    for (int i = 0; i < xids.length; i++) {
      xids[i] = in.getInt(start + i * Integer.BYTES);
    }
    return xids;
  }

  /** Writes messages and index as they lie in journal and chunk files. */
  static void writeBody(ByteBuffer out, Messages messages) {
    out.put(messages.run());
    for (int i = 0; i < messages.count(); i++) {
      out.putLong(messages.tx(i)).putLong(messages.op(i)).putInt(messages.end(i));
    }
  }

  /** Reads what {@link #writeBody} wrote. */
  static Messages readBody(ByteBuffer in, int bytes, int count) {
    byte[] run = new byte[bytes];
    in.get(run);
    int[] ends = new int[count];
    long[] txs = new long[count];
    long[] ops = new long[count];
    for (int i = 0; i < count; i++) {
      txs[i] = in.getLong();
      ops[i] = in.getLong();
      ends[i] = in.getInt();
    }
    return new Messages(run, ends, txs, ops);
  }

  /** The record that starts at {@code start}, or empty where the written part ends. */
  static Optional<Parsed> parse(ByteBuffer in, int start) {
    if (in.limit() - start < HEADER_BYTES) {
      return Optional.empty();
    }
    int body = in.getInt(start + 4);
    if (body < 0 || body > in.limit() - start - HEADER_BYTES) {
      return Optional.empty();
    }
    int length = HEADER_BYTES + body;
    if (in.getInt(start) != crc(in, start + 4, start + length)) {
      return Optional.empty();
    }
    JournalRecord record =
        switch (in.get(start + 8)) {
          case 'B' -> parseBatch(in, start);
          case 'C' -> new Commit(in.getLong(start + 26), readXids(in, start + HEADER_BYTES, body));
          case 'P' ->
              new Position(in.getLong(start + 26), readXids(in, start + HEADER_BYTES, body));
          case 'R' -> new Reset();
          default -> null;
        };
    return Optional.ofNullable(record).map(r -> new Parsed(r, length));
  }

  private static BatchHeader parseBatch(ByteBuffer in, int start) {
    return new BatchHeader(
        in.getInt(start + 10),
        in.getInt(start + 14),
        in.get(start + 9) == 1,
        in.getInt(start + 58),
        in.getInt(start + 18),
        in.getInt(start + 22),
        new Offset(in.getLong(start + 26), in.getLong(start + 34)),
        new Offset(in.getLong(start + 42), in.getLong(start + 50)));
  }

  private static int crc(ByteBuffer buffer, int start, int end) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.slice(start, end - start));
    return (int) crc.getValue();
  }
}
