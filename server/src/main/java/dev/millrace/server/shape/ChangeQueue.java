package dev.millrace.server.shape;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Records in the order they came: the oldest in memory and, when there are many, the others in a
 * file, which need not survive the process. Any thread.
 */
final class ChangeQueue implements AutoCloseable {

  private static final int HEADER = Integer.BYTES;

  /** How many records are read at once. */
  private static final int READ_AHEAD = 100;

  private final Path folder;
  private final Budget budget;

  // Guarded by this.
  private final Deque<byte[]> inMemory = new ArrayDeque<>();
  private @Nullable Path file;
  private @Nullable FileChannel channel;
  private long writeAt;
  private long readAt;

  /**
   * @param folder where the file is made when there is need of it
   * @param budget how much is kept in memory, by all queues that share it
   */
  ChangeQueue(Path folder, Budget budget) {
    this.folder = folder;
    this.budget = budget;
  }

  /** How many bytes several queues may keep in memory; each may have one record beyond it. */
  static final class Budget {

    private final long most;
    private final AtomicLong used = new AtomicLong();

    Budget(long most) {
      this.most = most;
    }

    private boolean hasRoomFor(int bytes) {
      return used.get() + bytes <= most;
    }

    private void use(long bytes) {
      used.addAndGet(bytes);
    }
  }

  /** Takes over {@code record}. */
  synchronized void add(byte[] record) {
    if (isFileEmpty() && (inMemory.isEmpty() || budget.hasRoomFor(record.length))) {
      inMemory.add(record);
      budget.use(record.length);
    } else {
      write(record);
    }
  }

  private boolean isFileEmpty() {
    return readAt == writeAt;
  }

  private void write(byte[] record) {
    try {
      if (channel == null) {
        Files.createDirectories(folder);
        file = Files.createTempFile(folder, "undecided-", ".changes");
        channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      }
      ByteBuffer bytes = ByteBuffer.allocate(HEADER + record.length);
      bytes.putInt(record.length).put(record).flip();
      long at = writeAt;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
      writeAt = at;
    } catch (IOException e) {
      throw new UncheckedIOException("setting changes aside: " + e.getMessage(), e);
    }
  }

  /** Takes the oldest record out; null if there is none. */
  synchronized byte @Nullable [] poll() {
    byte[] record = inMemory.poll();
    if (record != null) {
      budget.use(-record.length);
      if (inMemory.isEmpty() && !isFileEmpty()) {
        read();
      }
    }
    return record;
  }

  /** Takes as much from the file as memory may hold, one record at least. */
  private void read() {
    FileChannel from = channel;
    if (from == null) {
      throw new IllegalStateException("records in no file");
    }
    try {
      do {
        byte[] record = new byte[readFully(from, readAt, HEADER).getInt()];
        readFully(from, readAt + HEADER, record.length).get(record);
        readAt += HEADER + record.length;
        inMemory.add(record);
        budget.use(record.length);
      } while (!isFileEmpty() && inMemory.size() < READ_AHEAD && budget.hasRoomFor(0));
      if (isFileEmpty()) {
        from.truncate(0);
        readAt = 0;
        writeAt = 0;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("reading changes set aside: " + e.getMessage(), e);
    }
  }

  private static ByteBuffer readFully(FileChannel from, long position, int length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (from.read(bytes, position + bytes.position()) < 0) {
        throw new IOException("the file is shorter than what was written");
      }
    }
    return bytes.flip();
  }

  /** Forgets all records. */
  @Override
  public synchronized void close() {
    inMemory.forEach(record -> budget.use(-record.length));
    inMemory.clear();
    readAt = 0;
    writeAt = 0;
    try {
      if (channel != null) {
        channel.close();
      }
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("removing changes set aside", e);
    }
    channel = null;
    file = null;
  }
}
