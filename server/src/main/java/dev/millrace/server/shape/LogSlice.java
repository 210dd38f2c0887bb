package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import java.nio.file.Path;
import java.util.List;

/**
 * What a log answers to "all after this offset, up to the end of a chunk": runs of messages in
 * order, where they lie. Immutable.
 *
 * @param end the offset the reader has reached with it
 * @param reachesEnd whether the log has nothing after {@code end}
 */
public record LogSlice(List<Run> runs, Offset end, boolean reachesEnd) {

  public LogSlice {
    runs = List.copyOf(runs);
  }

  public boolean isEmpty() {
    return runs.isEmpty();
  }

  /** How many messages there are. */
  public long messages() {
    return runs.stream().mapToLong(Run::messages).sum();
  }

  /** Messages one after another, each preceded by a comma. */
  public sealed interface Run {

    /** The number of bytes, commas included. */
    long bytes();

    /** How many they are. */
    int messages();

    /** The same messages as server-sent events; may read a file. */
    byte[] events();
  }

  /** Messages in memory, from {@code from} on. */
  record InMemory(Messages batch, int from) implements Run {

    @Override
    public long bytes() {
      return length();
    }

    @Override
    public byte[] events() {
      return batch.eventsFrom(from);
    }

    @Override
    public int messages() {
      return batch.count() - from;
    }

    int start() {
      return batch.start(from);
    }

    int length() {
      return batch.bytes().length - start();
    }
  }

  /** Messages in a sealed chunk, from {@code from} on. */
  record InFile(SealedChunk chunk, SealedChunk.Place from) implements Run {

    @Override
    public long bytes() {
      return chunk.bytes() - from.position();
    }

    @Override
    public int messages() {
      return chunk.count() - from.number();
    }

    @Override
    public byte[] events() {
      return chunk.load().eventsFrom(from.number());
    }
  }

  /** Where the bytes of a run are, for who sends them. */
  public sealed interface Place {

    /** In a shared array that must not be changed. */
    @SuppressWarnings("ArrayRecordComponent") // shared, never compared
    record Array(byte[] array, int start, int length) implements Place {}

    /** In a file that does not change. */
    record File(Path file, long start, long length) implements Place {}
  }

  /** Where {@code run} lies. */
  public static Place place(Run run) {
    return switch (run) {
      case InMemory memory ->
          new Place.Array(memory.batch().bytes(), memory.start(), memory.length());
      case InFile file -> new Place.File(file.chunk().file(), file.from().position(), file.bytes());
    };
  }
}
