package dev.millrace.server.shape;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Messages that are gathered once and sent once: in memory while they are few, else in a file. So a
 * client that reads slowly holds neither a connection to Postgres nor much memory. Written by one
 * thread, then read by another.
 */
public final class Spool implements RowSink, AutoCloseable {

  private static final int MEMORY_BYTES = 16 << 10;

  private final Path folder;
  private final ByteBuilder buffer = new ByteBuilder(4096);
  private @Nullable Path file;
  private @Nullable FileChannel channel;
  private long written;

  Spool(Path folder) {
    this.folder = folder;
  }

  @Override
  public ByteBuilder buffer() {
    return buffer;
  }

  @Override
  public void ended() {
    if (buffer.size() >= MEMORY_BYTES) {
      spill();
    }
  }

  private void spill() {
    try {
      if (channel == null) {
        Files.createDirectories(folder);
        file = Files.createTempFile(folder, "subset-", ".rows");
        channel = FileChannel.open(file, StandardOpenOption.WRITE);
      }
      Disk.writeFully(channel, buffer.view());
      written += buffer.size();
      buffer.clear();
    } catch (IOException e) {
      throw new UncheckedIOException("writing a subset", e);
    }
  }

  /** No more comes. */
  void finish() {
    if (channel != null) {
      spill();
      closeChannel();
    }
  }

  /** The number of bytes: messages, each preceded by a comma. */
  public long bytes() {
    return written + buffer.size();
  }

  /** Where the bytes are. */
  public LogSlice.Place place() {
    return file == null
        ? new LogSlice.Place.Array(buffer.toBytes(), 0, buffer.size())
        : new LogSlice.Place.File(file, 0, written);
  }

  private void closeChannel() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing a subset", e);
    }
    channel = null;
  }

  /** Removes the file, if there is one. */
  @Override
  public void close() {
    closeChannel();
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("removing a subset", e);
    }
  }
}
