package dev.millrace.server.shape;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One file of the journal. It counts the batches that readers may still want from it, and the
 * journal deletes it when there are none. Reading is safe for any thread.
 */
final class JournalSegment {

  private final int number;
  private final Path file;
  private final FileChannel channel;
  private final AtomicInteger references = new AtomicInteger();

  // Guarded by this.
  private long forcedEnd;
  private boolean isSuspect;
  private boolean isDeleted;

  private JournalSegment(int number, Path file, FileChannel channel) {
    this.number = number;
    this.file = file;
    this.channel = channel;
  }

  /** Opens a file for reading and writing, made if it is not there: a disk, or one that fails. */
  @FunctionalInterface
  interface Opening {

    Opening USUAL =
        file ->
            FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);

    FileChannel open(Path file) throws IOException;
  }

  static JournalSegment open(Path folder, int number, Opening opening) {
    Path file = folder.resolve("%010d.journal".formatted(number));
    try {
      return new JournalSegment(number, file, opening.open(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int number() {
    return number;
  }

  FileChannel channel() {
    return channel;
  }

  /**
   * Forces the records before {@code end} to disk. When that fails, the kernel may take what it
   * could not write for written; so the next time it is written anew before it is forced.
   */
  synchronized void force(long end) throws IOException {
    if (isDeleted || end <= forcedEnd) {
      return;
    }
    if (isSuspect) {
      rewrite(end);
    }
    isSuspect = true;
    channel.force(false);
    isSuspect = false;
    forcedEnd = end;
  }

  private void rewrite(long end) throws IOException {
    ByteBuffer records = ByteBuffer.allocate(Math.toIntExact(end - forcedEnd));
    readFully(channel, records, forcedEnd);
    int at = 0;
    while (at < records.limit()) {
      at += JournalRecord.parse(records, at).orElseThrow(JournalSegment::lost).length();
    }
    records.flip();
    while (records.hasRemaining()) {
      channel.write(records, forcedEnd + records.position());
    }
  }

  private static IOException lost() {
    return new IOException("the kernel has dropped what it could not write: restart the server");
  }

  /** A batch in this segment is wanted. */
  void retain() {
    references.incrementAndGet();
  }

  /** A batch in this segment is no longer wanted. */
  void release() {
    references.decrementAndGet();
  }

  boolean isWanted() {
    return references.get() > 0;
  }

  /** The messages of a batch whose body lies at {@code position}. */
  Messages read(long position, int bytes, int count) {
    ByteBuffer body = ByteBuffer.allocate(bytes + count * JournalRecord.INDEX_ENTRY_BYTES);
    try {
      readFully(channel, body, position);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return JournalRecord.readBody(body.flip(), bytes, count);
  }

  /** Copies {@code length} bytes from {@code start} on. */
  void copy(long start, int length, ByteBuffer into) {
    try {
      readFully(channel, into.slice(into.position(), length), start);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    into.position(into.position() + length);
  }

  static void readFully(FileChannel channel, ByteBuffer into, long position) throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into, position + into.position()) < 0) {
        throw new IOException("the file ends before " + (position + into.limit()));
      }
    }
  }

  /** Removes the file. Readers that still hold a batch have loaded it or fail and ask again. */
  synchronized void delete() {
    isDeleted = true;
    try {
      Files.deleteIfExists(file);
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
