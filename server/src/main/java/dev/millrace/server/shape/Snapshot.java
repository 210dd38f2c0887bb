package dev.millrace.server.shape;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows a shape started from, as messages in chunk files. It can be read while it is still being
 * written: {@link #chunk} says how much of a chunk is there, and {@link #growth} wakes who waits
 * for more. Written by one thread, read by any.
 */
public final class Snapshot {

  private final Path folder;
  private final Waiters growth = new Waiters();

  // Guarded by this.
  private final List<Long> sizes = new ArrayList<>();
  private long rows;
  private boolean isFinished;
  private @Nullable Throwable failure;

  private Snapshot(Path folder) {
    this.folder = folder;
  }

  static Snapshot begin(Path folder) {
    return new Snapshot(folder);
  }

  /** A finished snapshot of {@code chunks} files. */
  static Snapshot restore(Path folder, int chunks, long rows) throws IOException {
    Snapshot snapshot = new Snapshot(folder);
    snapshot.rows = rows;
    for (int i = 0; i < chunks; i++) {
      snapshot.sizes.add(Files.size(snapshot.file(i)));
    }
    snapshot.isFinished = true;
    return snapshot;
  }

  private Path file(int chunk) {
    return folder.resolve(chunk + ".chunk");
  }

  /** What there is of a chunk. */
  public sealed interface Chunk {

    /** The first {@code available} bytes of the file: messages, each preceded by a comma. */
    record Written(Path file, long available, boolean isComplete) implements Chunk {}

    /** Not begun yet; it may never be. */
    record Awaited() implements Chunk {}

    /** The snapshot ends before this chunk. */
    record BeyondEnd() implements Chunk {}

    /** The snapshot broke off. */
    record Failed(Throwable cause) implements Chunk {}
  }

  /** Chunk {@code number}, counted from 0. */
  public synchronized Chunk chunk(int number) {
    if (number < sizes.size()) {
      boolean isComplete = isFinished || number < sizes.size() - 1;
      if (!isComplete && failure != null) {
        return new Chunk.Failed(failure);
      }
      if (isComplete || sizes.get(number) > 0) {
        return new Chunk.Written(file(number), sizes.get(number), isComplete);
      }
    }
    if (failure != null) {
      return new Chunk.Failed(failure);
    }
    return isFinished ? new Chunk.BeyondEnd() : new Chunk.Awaited();
  }

  /** Wakes when there is more to read, or never will be. */
  public Waiters growth() {
    return growth;
  }

  synchronized boolean isFinished() {
    return isFinished;
  }

  public synchronized int chunkCount() {
    return sizes.size();
  }

  /** How many rows a finished snapshot has. */
  synchronized long rows() {
    return rows;
  }

  /** How many bytes there are so far. */
  synchronized long bytes() {
    return sizes.stream().mapToLong(Long::longValue).sum();
  }

  void fail(Throwable cause) {
    synchronized (this) {
      failure = cause;
    }
    growth.wakeAll();
  }

  private void grew(int chunk, long size) {
    synchronized (this) {
      if (chunk == sizes.size()) {
        sizes.add(size);
      } else {
        sizes.set(chunk, size);
      }
    }
    growth.wakeAll();
  }

  private void finished(long written) {
    synchronized (this) {
      rows = written;
      isFinished = true;
    }
    growth.wakeAll();
  }

  /** Forces all files to disk. */
  void force() throws IOException {
    for (int i = 0; i < chunkCount(); i++) {
      try (FileChannel channel = FileChannel.open(file(i), StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
    Disk.force(folder);
  }

  /** Cuts messages into chunk files. One thread. */
  final class Writer implements RowSink, AutoCloseable {

    /** How many bytes are gathered before readers see them. */
    private static final int FLUSH_BYTES = 256 << 10;

    private final long chunkBytes;
    private final ByteBuilder buffer = new ByteBuilder(FLUSH_BYTES * 2);
    private int chunk = -1;
    private long size;
    private long written;
    private @Nullable FileChannel channel;

    Writer(long chunkBytes) {
      this.chunkBytes = chunkBytes;
      try {
        Files.createDirectories(folder);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      nextChunk();
    }

    @Override
    public ByteBuilder buffer() {
      if (size + buffer.size() >= chunkBytes) {
        nextChunk();
      }
      return buffer;
    }

    @Override
    public void ended() {
      written++;
      if (buffer.size() >= FLUSH_BYTES || (size == 0 && buffer.size() >= FLUSH_BYTES / 16)) {
        flush();
      }
    }

    private void nextChunk() {
      flush();
      close();
      chunk++;
      size = 0;
      try {
        channel =
            FileChannel.open(
                file(chunk),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
      } catch (IOException e) {
        throw new UncheckedIOException("writing a snapshot", e);
      }
    }

    private void flush() {
      if (channel == null || buffer.size() == 0) {
        return;
      }
      try {
        Disk.writeFully(channel, buffer.view());
      } catch (IOException e) {
        throw new UncheckedIOException("writing a snapshot", e);
      }
      size += buffer.size();
      buffer.clear();
      grew(chunk, size);
    }

    /** The snapshot is whole. */
    void finish() {
      flush();
      close();
      finished(written);
    }

    /** Lets go of the file; what was not flushed is lost. */
    @Override
    public void close() {
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException("writing a snapshot", e);
      }
      channel = null;
    }
  }
}
