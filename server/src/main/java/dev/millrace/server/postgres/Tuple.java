package dev.millrace.server.postgres;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One row of the stream: where the text of each column lies in the message. Reused from message to
 * message and never copied, so valid only until the call that received it returns.
 */
public final class Tuple {

  private static final int NULL = -1;
  private static final int UNCHANGED = -2;

  private byte[] bytes = new byte[0];
  private int[] starts = new int[0];
  private int[] lengths = new int[0];
  private int size;

  Tuple() {}

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
