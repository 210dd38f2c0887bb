package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A full chunk of a log in a file of its own that never changes: the messages, then their index.
 * The file's name says what is in it, so that a folder can be listed instead of read.
 *
 * @param bytes of the messages, without the index
 * @param growth rows inserted less rows deleted
 */
record SealedChunk(Path file, Offset first, Offset last, int count, long bytes, int growth)
    implements LogChunk {

  private static final String UNFINISHED = ".tmp";

  private static final Pattern NAME =
      Pattern.compile("(\\d+)_(\\d+)-(\\d+)_(\\d+)-(\\d+)-(\\d+)-([+-]\\d+)\\.chunk");

  /** Writes {@code batches}, which follow one another, and forces the file to disk. */
  static SealedChunk write(Path folder, List<Batch> batches) throws IOException {
    Offset first = batches.getFirst().first();
    Offset last = batches.getLast().last();
    int count = batches.stream().mapToInt(Batch::count).sum();
    long bytes = batches.stream().mapToLong(Batch::bytes).sum();
    int growth = batches.stream().mapToInt(Batch::growth).sum();
    String name =
        "%d_%d-%d_%d-%d-%d-%+d.chunk"
            .formatted(first.tx(), first.op(), last.tx(), last.op(), count, bytes, growth);
    if (!Files.isDirectory(folder)) {
      // The shape's own folder is not made again: when it is gone, the shape was dropped.
      Files.createDirectory(folder);
    }
    Path unfinished = folder.resolve(name + UNFINISHED);
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeTo(channel, batches, Math.toIntExact(bytes), count);
      channel.force(true);
    } catch (IOException | UncheckedIOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    Path file = Files.move(unfinished, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    Disk.force(folder);
    return new SealedChunk(file, first, last, count, bytes, growth);
  }

  private static void writeTo(FileChannel channel, List<Batch> batches, int bytes, int count)
      throws IOException {
    ByteBuffer index = ByteBuffer.allocate(count * JournalRecord.INDEX_ENTRY_BYTES);
    int base = 0;
    for (Batch batch : batches) {
      Messages messages = batch.load();
      Disk.writeFully(channel, ByteBuffer.wrap(messages.bytes()));
      for (int i = 0; i < messages.count(); i++) {
        index.putLong(messages.tx(i)).putLong(messages.op(i));
        index.putInt(base + messages.end(i));
      }
      base += messages.bytes().length;
    }
    if (base != bytes) {
      throw new IllegalStateException("a chunk of " + bytes + " bytes has " + base);
    }
    Disk.writeFully(channel, index.flip());
  }

  /** The chunks in {@code folder} in the order of the log; what was left unfinished is removed. */
  static List<SealedChunk> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    Disk.deleteFiles(folder, UNFINISHED);
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .flatMap(file -> parse(file).stream())
          .sorted(Comparator.comparing(SealedChunk::first))
          .toList();
    }
  }

  private static Optional<SealedChunk> parse(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    if (!name.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new SealedChunk(
            file,
            new Offset(Long.parseLong(name.group(1)), Long.parseLong(name.group(2))),
            new Offset(Long.parseLong(name.group(3)), Long.parseLong(name.group(4))),
            Integer.parseInt(name.group(5)),
            Long.parseLong(name.group(6)),
            Integer.parseInt(name.group(7))));
  }

  /**
   * A message of the chunk.
   *
   * @param number its place among the messages
   * @param position where it starts in the file, its comma included
   */
  record Place(int number, long position) {}

  /** The first message after {@code offset}. */
  Place firstAfter(Offset offset) {
    if (first.isAfter(offset)) {
      return new Place(0, 0);
    }
    ByteBuffer index = read(bytes, count * JournalRecord.INDEX_ENTRY_BYTES);
    int number = firstAfter(index, offset);
    return new Place(number, startOf(index, number));
  }

  private ByteBuffer read(long position, int length) {
    ByteBuffer read = ByteBuffer.allocate(length);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      JournalSegment.readFully(channel, read, position);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return read;
  }

  private int firstAfter(ByteBuffer index, Offset offset) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (offsetOf(index, middle).isAfter(offset)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private static Offset offsetOf(ByteBuffer index, int number) {
    int entry = number * JournalRecord.INDEX_ENTRY_BYTES;
    return new Offset(index.getLong(entry), index.getLong(entry + Long.BYTES));
  }

  private static int startOf(ByteBuffer index, int number) {
    return number == 0
        ? 0
        : index.getInt((number - 1) * JournalRecord.INDEX_ENTRY_BYTES + 2 * Long.BYTES);
  }

  /** At least one message after {@code offset}, and about {@code most} bytes of them. */
  Messages part(Offset offset, int most) {
    ByteBuffer index = read(bytes, count * JournalRecord.INDEX_ENTRY_BYTES);
    int from = firstAfter(index, offset);
    int to = from + 1;
    while (to < count
        && (startOf(index, to) - startOf(index, from) < most
            || !ShapeLog.mayEndBetween(offsetOf(index, to - 1), offsetOf(index, to)))) {
      to++;
    }
    return messages(index, from, to);
  }

  private Messages messages(ByteBuffer index, int from, int to) {
    int start = startOf(index, from);
    byte[] run = read(start, startOf(index, to) - start).array();
    int[] ends = new int[to - from];
    long[] txs = new long[to - from];
    long[] ops = new long[to - from];
    for (int i = 0; i < ends.length; i++) {
      Offset offset = offsetOf(index, from + i);
      txs[i] = offset.tx();
      ops[i] = offset.op();
      ends[i] = startOf(index, from + i + 1) - start;
    }
    return new Messages(run, ends, txs, ops);
  }

  /** All messages, read into memory. */
  Messages load() {
    int length = Math.toIntExact(bytes + (long) count * JournalRecord.INDEX_ENTRY_BYTES);
    ByteBuffer body = read(0, length);
    return JournalRecord.readBody(body.flip(), Math.toIntExact(bytes), count);
  }
}
