package dev.millrace.server.shape;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The append-only file that the tails of all logs share, cut into segments. Appending many shapes'
 * changes is one write, and making them durable one {@code fsync} for a group of transactions.
 *
 * <p>One thread appends: the one that follows the slot. Another, {@code journal-force}, forces what
 * was written to disk whenever there is something, and so groups what came meanwhile. {@link
 * #durablePosition} is the place up to which Postgres may forget.
 *
 * <p>A segment is deleted when no batch in it is wanted any more; the owner of the logs moves the
 * stragglers out of the {@link #oldestPinned} one into chunk files.
 */
final class Journal implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Journal.class);

  private static final long SEGMENT_BYTES = 64L << 20;
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path folder;
  private final Deque<JournalSegment> segments = new ArrayDeque<>();
  private final List<Batch> uncommitted = new ArrayList<>();
  private final Thread forcer = new Thread(this::forceLoop, "journal-force");

  private ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private JournalSegment active;

  /** Where {@link #out} begins in the active segment. */
  private long activeStart;

  private long committedPosition;

  private final Object forceLock = new Object();
  private long writtenPosition;
  private JournalSegment writtenSegment;
  private volatile long durablePosition;
  private volatile @Nullable IOException failure;
  private boolean closed;

  private Journal(Path folder, List<JournalSegment> old, JournalSegment active) {
    this.folder = folder;
    this.active = active;
    this.writtenSegment = active;
    segments.addAll(old);
    segments.add(active);
  }

  /** Opens the journal in {@code folder}; {@link #recover} must follow. */
  static Journal open(Path folder) {
    try {
      Files.createDirectories(folder);
      List<JournalSegment> old = new ArrayList<>();
      for (int number : segmentNumbers(folder)) {
        old.add(JournalSegment.open(folder, number));
      }
      int next = old.isEmpty() ? 1 : old.getLast().number() + 1;
      return new Journal(folder, old, JournalSegment.open(folder, next));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What {@link #recover} tells. */
  @FunctionalInterface
  interface Recovery {
    void batch(int shape, Batch batch);
  }

  /**
   * Tells {@code found} each committed batch in order, with the number of its shape, and starts.
   * Who wants a batch retains its segment.
   */
  void recover(Recovery found) {
    RecoveryState state = new RecoveryState(found);
    segments.stream().filter(segment -> segment != active).forEach(state::read);
    committedPosition = state.committedPosition;
    writtenPosition = committedPosition;
    durablePosition = committedPosition;
    new JournalRecord.Reset().write(out, null);
    startSegment();
    try {
      active.channel().force(false);
    } catch (IOException e) {
      throw new UncheckedIOException("forcing the journal", e);
    }
    forcer.setDaemon(true);
    forcer.start();
  }

  private static List<Integer> segmentNumbers(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".journal"))
          .map(name -> Integer.parseInt(name.substring(0, name.indexOf('.'))))
          .sorted()
          .toList();
    }
  }

  /** Reads segments from the oldest on and holds batches back until their commit is found. */
  private static final class RecoveryState {

    private final Recovery found;
    private final List<Runnable> uncommitted = new ArrayList<>();
    private long committedPosition;

    RecoveryState(Recovery found) {
      this.found = found;
    }

    void read(JournalSegment segment) {
      MappedByteBuffer bytes = map(segment);
      int at = 0;
      Optional<JournalRecord.Parsed> next = JournalRecord.parse(bytes, at);
      while (next.isPresent()) {
        accept(segment, at, next.get().record());
        at += next.get().length();
        next = JournalRecord.parse(bytes, at);
      }
      if (at < bytes.limit()) {
        log.info("journal segment {} ends with an unfinished record at {}", segment.number(), at);
      }
    }

    private static MappedByteBuffer map(JournalSegment segment) {
      try {
        FileChannel channel = segment.channel();
        return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void accept(JournalSegment segment, int at, JournalRecord record) {
      switch (record) {
        case JournalRecord.BatchHeader header -> {
          Batch batch = new Batch(segment, at + JournalRecord.HEADER_BYTES, header);
          uncommitted.add(() -> found.batch(header.shape(), batch));
        }
        case JournalRecord.Commit commit -> {
          uncommitted.forEach(Runnable::run);
          uncommitted.clear();
          committedPosition = commit.position();
        }
        case JournalRecord.Position start -> committedPosition = start.position();
        case JournalRecord.Reset() -> uncommitted.clear();
      }
    }
  }

  /**
   * Appends messages of one shape. They can be read after the next {@link #commit}; the batch holds
   * its segment until it is released.
   */
  Batch append(JournalRecord.BatchHeader header, Messages messages) {
    int length = JournalRecord.HEADER_BYTES + header.bodyBytes();
    makeRoom(length);
    long body = activeStart + out.position() + JournalRecord.HEADER_BYTES;
    header.write(out, messages);
    Batch batch = new Batch(active, body, header);
    active.retain();
    uncommitted.add(batch);
    return batch;
  }

  private void makeRoom(int length) {
    if (activeStart + out.position() > SEGMENT_BYTES) {
      write();
      roll();
    }
    if (length > out.remaining()) {
      write();
    }
    if (length > out.capacity()) {
      out = ByteBuffer.allocateDirect(length);
    } else if (out.capacity() > BUFFER_BYTES && length <= BUFFER_BYTES) {
      out = ByteBuffer.allocateDirect(BUFFER_BYTES);
    }
  }

  /** Writes whole records; when that fails, the next write starts at the same place. */
  private void write() {
    out.flip();
    try {
      long at = activeStart;
      while (out.hasRemaining()) {
        at += active.channel().write(out, at);
      }
      activeStart = at;
    } catch (IOException e) {
      throw new UncheckedIOException("writing the journal", e);
    } finally {
      out.clear();
    }
  }

  /** Everything appended counts from now on, and the stream was followed up to {@code position}. */
  void commit(long position) {
    makeRoom(JournalRecord.HEADER_BYTES);
    new JournalRecord.Commit(position).write(out, null);
    write();
    uncommitted.clear();
    committedPosition = position;
    synchronized (forceLock) {
      writtenPosition = position;
      writtenSegment = active;
      forceLock.notifyAll();
    }
  }

  /** Where the stream was followed to by the last commit. */
  long committedPosition() {
    return committedPosition;
  }

  /** Voids what was appended since the last commit, after a stream broke off in a transaction. */
  void reset() {
    out.clear();
    uncommitted.forEach(batch -> batch.segment().release());
    uncommitted.clear();
    try {
      active.channel().truncate(activeStart);
    } catch (IOException e) {
      throw new UncheckedIOException("cutting the journal back", e);
    }
    new JournalRecord.Reset().write(out, null);
    write();
  }

  private void roll() {
    try {
      active.channel().force(false);
    } catch (IOException e) {
      throw new UncheckedIOException("forcing the journal", e);
    }
    active = JournalSegment.open(folder, active.number() + 1);
    activeStart = 0;
    segments.add(active);
    startSegment();
  }

  /** Repeats the position in the new segment, so that the older ones can go. */
  private void startSegment() {
    new JournalRecord.Position(committedPosition).write(out, null);
    write();
    deleteUnwanted();
  }

  /** From the oldest on only: a later segment may void what stands in an earlier one. */
  private void deleteUnwanted() {
    while (segments.getFirst() != active && !segments.getFirst().isWanted()) {
      segments.removeFirst().delete();
    }
  }

  /** How many segments there are, and so roughly how large the journal is. */
  int segmentCount() {
    return segments.size();
  }

  /** The oldest segment that is kept only because batches in it are wanted. */
  Optional<JournalSegment> oldestPinned() {
    return Optional.of(segments.getFirst()).filter(segment -> segment != active);
  }

  /** The position up to which everything is on disk. Any thread. */
  long durablePosition() {
    return durablePosition;
  }

  private void forceLoop() {
    try {
      while (forceNext()) {
        // until closed
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      failure = e;
      log.error("cannot force the journal to disk; nothing more is confirmed to Postgres", e);
    }
  }

  private boolean forceNext() throws InterruptedException, IOException {
    long position;
    JournalSegment segment;
    synchronized (forceLock) {
      while (writtenPosition == durablePosition && !closed) {
        forceLock.wait();
      }
      if (writtenPosition == durablePosition) {
        return false;
      }
      position = writtenPosition;
      segment = writtenSegment;
    }
    // A segment that was left behind was forced when it was left.
    segment.channel().force(false);
    durablePosition = position;
    return true;
  }

  /** Why nothing can be made durable any more, or null while all is well. Any thread. */
  @Nullable IOException failure() {
    return failure;
  }

  /** Forces what was written and closes the files. */
  @Override
  public void close() {
    synchronized (forceLock) {
      closed = true;
      forceLock.notifyAll();
    }
    try {
      forcer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    segments.forEach(JournalSegment::close);
  }
}
