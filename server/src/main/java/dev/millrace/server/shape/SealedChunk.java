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

  /** No message has fewer bytes: it has a key, an operation and a position. */
  private static final int SHORTEST_MESSAGE = 32;

  private static final Pattern NAME =
      Pattern.compile("(\\d+)_(\\d+)-(\\d+)_(\\d+)-(\\d+)-(\\d+)-([+-]\\d+)\\.chunk");

  /** Some of a chunk's messages, from wherever they are. */
  @FunctionalInterface
  private interface Part {
    Messages load();
  }

  /** Writes {@code batches}, which follow one another, and forces the file to disk. */
  static SealedChunk write(Path folder, List<Batch> batches) throws IOException {
    Offset first = batches.getFirst().first();
    Offset last = batches.getLast().last();
    int count = batches.stream().mapToInt(Batch::count).sum();
    long bytes = batches.stream().mapToLong(Batch::bytes).sum();
    int growth = batches.stream().mapToInt(Batch::growth).sum();
    Path file = folder.resolve(name(first, last, count, bytes, growth));
    SealedChunk chunk = new SealedChunk(file, first, last, count, bytes, growth);
    chunk.writeParts(folder, batches.stream().<Part>map(batch -> batch::load).toList());
    return chunk;
  }

  /** Writes messages that are nowhere else, and forces the file to disk. */
  static SealedChunk write(Path folder, Messages messages, int growth) throws IOException {
    int count = messages.count();
    Offset first = messages.offset(0);
    Offset last = messages.offset(count - 1);
    long bytes = messages.length();
    Path file = folder.resolve(name(first, last, count, bytes, growth));
    SealedChunk chunk = new SealedChunk(file, first, last, count, bytes, growth);
    chunk.writeParts(folder, List.of(() -> messages));
    return chunk;
  }

  private static String name(Offset first, Offset last, int count, long bytes, int growth) {
    return "%d_%d-%d_%d-%d-%d-%+d.chunk"
        .formatted(first.tx(), first.op(), last.tx(), last.op(), count, bytes, growth);
  }

  private void writeParts(Path folder, List<Part> parts) throws IOException {
    if (!Files.isDirectory(folder)) {
      // The shape's own folder is not made again: when it is gone, the shape was dropped.
      Files.createDirectory(folder);
    }
    Path unfinished = folder.resolve(file.getFileName() + UNFINISHED);
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeTo(channel, parts);
      channel.force(true);
    } catch (IOException | UncheckedIOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    Disk.force(folder);
  }

  private void writeTo(FileChannel channel, List<Part> parts) throws IOException {
    ByteBuffer index = ByteBuffer.allocate(count * JournalRecord.INDEX_ENTRY_BYTES);
    int base = 0;
    for (Part part : parts) {
      Messages messages = part.load();
      Disk.writeFully(channel, messages.run());
      for (int i = 0; i < messages.count(); i++) {
        index.putLong(messages.tx(i)).putLong(messages.op(i));
        index.putInt(base + messages.end(i));
      }
      base += messages.length();
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

  // --- reading ---

  /** All messages, as they are in the file. */
  byte[] messages() {
    return read(channel -> read(channel, 0, Math.toIntExact(bytes)).array());
  }

  /** Some reading of the file. */
  @FunctionalInterface
  private interface Reading<T> {
    T in(FileChannel channel) throws IOException;
  }

  private <T> T read(Reading<T> reading) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return reading.in(channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ByteBuffer read(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer read = ByteBuffer.allocate(length);
    JournalSegment.readFully(channel, read, position);
    return read.flip();
  }

  /** What a reader after {@code offset} has to read. */
  LogSlice slice(Offset offset, boolean isLast) {
    if (first.isAfter(offset)) {
      return slice(0, 0, isLast);
    }
    return read(channel -> {
      int number = firstAfter(channel, offset);
      return slice(number, startOf(channel, number), isLast);
    });
  }

  private LogSlice slice(int number, long start, boolean isLast) {
    var place = new LogSlice.Place.File(file, start, bytes - start);
    return new LogSlice(place, count - number, last, isLast);
  }

  /** Fills {@code into} with what follows {@code from}, and returns the place after that. */
  LogMark copy(LogMark from, ByteBuffer into) {
    return read(channel -> {
      int length = into.remaining();
      long start = startOf(channel, numberOf(channel, from.message())) + from.bytes();
      JournalSegment.readFully(channel, into.slice(into.position(), length), start);
      into.position(into.position() + length);
      return from.plus(length);
    });
  }

  private int numberOf(FileChannel channel, Offset message) throws IOException {
    return first.equals(message) ? 0 : firstAfter(channel, ShapeLog.justBefore(message));
  }

  /** The number of the first message after {@code offset}, looked for in the file. */
  private int firstAfter(FileChannel channel, Offset offset) throws IOException {
    if (first.isAfter(offset)) {
      return 0;
    }
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      ByteBuffer entry = entries(channel, middle, 1);
      if (new Offset(entry.getLong(), entry.getLong()).isAfter(offset)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Where a message starts, its comma included. */
  private long startOf(FileChannel channel, int number) throws IOException {
    return number == 0 ? 0 : entries(channel, number - 1, 1).getInt(2 * Long.BYTES);
  }

  private ByteBuffer entries(FileChannel channel, int from, int number) throws IOException {
    long position = bytes + (long) from * JournalRecord.INDEX_ENTRY_BYTES;
    return read(channel, position, number * JournalRecord.INDEX_ENTRY_BYTES);
  }

  /** At least one message after {@code offset}, and about {@code most} bytes of them. */
  Messages part(Offset offset, int most) {
    return read(channel -> {
      int from = firstAfter(channel, offset);
      int start = Math.toIntExact(startOf(channel, from));
      int candidates = Math.min(count - from, most / SHORTEST_MESSAGE + 2);
      Messages index = index(entries(channel, from, candidates), start);
      int to = index.endOfPart(0, most);
      byte[] run = new byte[index.start(to)];
      JournalSegment.readFully(channel, ByteBuffer.wrap(run), start);
      return index.first(to, run);
    });
  }

  /** Messages without their bytes; the first of them begins at {@code start}. */
  private static Messages index(ByteBuffer entries, int start) {
    int number = entries.remaining() / JournalRecord.INDEX_ENTRY_BYTES;
    int[] ends = new int[number];
    long[] txs = new long[number];
    long[] ops = new long[number];
    for (int i = 0; i < number; i++) {
      txs[i] = entries.getLong();
      ops[i] = entries.getLong();
      ends[i] = entries.getInt() - start;
    }
    return new Messages(new byte[0], ends, txs, ops);
  }
}
