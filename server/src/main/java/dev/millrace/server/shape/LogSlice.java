package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * What a log answers to "all after this offset, up to the end of a chunk": messages in order, each
 * preceded by a comma, and where they lie. Immutable.
 *
 * @param messages how many there are
 * @param end the offset the reader has reached with it
 * @param reachesEnd whether the log has nothing after {@code end}
 */
public record LogSlice(Place place, long messages, Offset end, boolean reachesEnd) {

  /** Nothing, for a reader that has reached the end of the log at {@code end}. */
  public static LogSlice empty(Offset end) {
    return new LogSlice(Place.NOWHERE, 0, end, true);
  }

  public boolean isEmpty() {
    return messages == 0;
  }

  /** Where bytes are, for who sends them. */
  public sealed interface Place {

    Place NOWHERE = new Array(new byte[0], 0, 0);

    /** The number of bytes. */
    long length();

    /** The same without its first byte. */
    Place withoutFirst();

    /** In an array that must not be changed. */
    @SuppressWarnings("ArrayRecordComponent") // shared, never compared
    record Array(byte[] array, int start, long length) implements Place {

      @Override
      public Array withoutFirst() {
        return new Array(array, start + 1, length - 1);
      }
    }

    /** In a file that does not change. */
    record File(Path file, long start, long length) implements Place {

      @Override
      public File withoutFirst() {
        return new File(file, start + 1, length - 1);
      }
    }

    /**
     * In the tail of a log, from {@code start} on. Who sends it takes copies as the client takes
     * the bytes, and pins nothing: they are the same wherever they lie by then, in memory, in the
     * journal or in the file of a chunk.
     */
    record Tail(ShapeLog log, LogMark start, long length) implements Place {

      @Override
      public Tail withoutFirst() {
        return new Tail(log, start.plus(1), length - 1);
      }

      /**
       * Copies what {@code into} has room for and returns the rest.
       *
       * @throws ShapeException if the shape was dropped meanwhile
       */
      public Tail read(ByteBuffer into) {
        int wanted = (int) Math.min(into.remaining(), length);
        LogMark reached = log.copy(start, into.slice(into.position(), wanted));
        into.position(into.position() + wanted);
        return new Tail(log, reached, length - wanted);
      }
    }
  }
}
