package dev.millrace.server.postgres;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of the stream: where the text of each column lies in the message. Reused from message to
 * message and never copied, so valid only until the call that received it returns.
 */
public final class Tuple {

  private static final int NULL = -1;
  private static final int UNCHANGED = -2;

  private static final byte[] NOTHING = {};

  private byte[] bytes = NOTHING;
  private int[] starts = new int[0];
  private int[] lengths = new int[0];
  private int size;

  Tuple() {}

  /** A row of these texts, as if the stream had brought it; null is NULL. */
  public static Tuple of(List<@Nullable String> texts) {
    Tuple tuple = new Tuple();
    tuple.size = texts.size();
    tuple.starts = new int[tuple.size];
    tuple.lengths = new int[tuple.size];
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < tuple.size; i++) {
      String text = texts.get(i);
      byte[] encoded = text == null ? NOTHING : text.getBytes(StandardCharsets.UTF_8);
      tuple.starts[i] = bytes.size();
      tuple.lengths[i] = text == null ? NULL : encoded.length;
      bytes.writeBytes(encoded);
    }
    tuple.bytes = bytes.toByteArray();
    return tuple;
  }

  /** Reads TupleData from {@code message}, which is backed by an array. */
  @SuppressWarnings("ByteBufferBackingArray") // the places below count in the array's offset
  void read(ByteBuffer message) {
    bytes = message.array();
    size = message.getShort();
    if (size > starts.length) {
      starts = new int[size];
      lengths = new int[size];
    }
    for (int i = 0; i < size; i++) {
      readColumn(message, i);
    }
  }

  private void readColumn(ByteBuffer message, int i) {
    byte kind = message.get();
    switch (kind) {
      case 'n' -> lengths[i] = NULL;
      case 'u' -> lengths[i] = UNCHANGED;
      case 't' -> {
        lengths[i] = message.getInt();
        starts[i] = message.arrayOffset() + message.position();
        message.position(message.position() + lengths[i]);
      }
      default -> throw new ReplicationException("unknown column kind " + (char) kind);
    }
  }

  public int size() {
    return size;
  }

  /** The array that {@link #start} points into. */
  public byte[] bytes() {
    return bytes;
  }

  public int start(int column) {
    return starts[column];
  }

  /** Bytes of the column's text; meaningless if it is null or unchanged. */
  public int length(int column) {
    return lengths[column];
  }

  /** The column's text; it must be neither null nor unchanged. */
  public String text(int column) {
    return new String(bytes, starts[column], lengths[column], StandardCharsets.UTF_8);
  }

  public boolean isNull(int column) {
    return lengths[column] == NULL;
  }

  /** Whether this is a large value the update left as it was, which Postgres does not repeat. */
  public boolean isUnchanged(int column) {
    return lengths[column] == UNCHANGED;
  }

  /** Whether both columns are null or have the same text. */
  public boolean sameValue(int column, Tuple other) {
    if (lengths[column] != other.lengths[column]) {
      return false;
    }
    int length = lengths[column];
    if (length < 0) {
      return true; // both null or both unchanged: their places are those of an earlier message
    }
    return Arrays.equals(
        bytes,
        starts[column],
        starts[column] + length,
        other.bytes,
        other.starts[column],
        other.starts[column] + length);
  }
}
