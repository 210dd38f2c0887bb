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

  /** Messages one after another, each preceded by a comma. */
  public sealed interface Run {

    /** The number of bytes, commas included. */
    long bytes();

    /** The same messages as server-sent events; may read a file. */
    byte[] events();
  }

  /** Messages in memory, from {@code from} on. */
  record InMemory(Messages messages, int from) implements Run {

    @Override
    public long bytes() {
      return length();
    }

    @Override
    public byte[] events() {
      return messages.eventsFrom(from);
    }

    int start() {
      return messages.start(from);
    }

    int length() {
      return messages.bytes().length - start();
    }
  }

  /** Messages in a sealed chunk, after {@code after}. */
  record InFile(SealedChunk chunk, Offset after, long start) implements Run {

    @Override
    public long bytes() {
      return chunk.bytes() - start;
    }

    @Override
    public byte[] events() {
      Messages messages = chunk.load();
      return messages.eventsFrom(messages.firstAfter(after));
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
          new Place.Array(memory.messages().bytes(), memory.start(), memory.length());
      case InFile file -> new Place.File(file.chunk().file(), file.start(), file.bytes());
    };
  }
}
