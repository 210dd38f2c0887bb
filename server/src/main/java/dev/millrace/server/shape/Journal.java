package dev.millrace.server.shape;

import dev.millrace.protocol.Lsn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
 *
 * <p>A full disk: what cannot be written is not committed; after {@link #reset} the stream brings
 * it again. What cannot be forced is written once more and forced again until that succeeds, and is
 * not durable before. {@link #failure} tells of either until it is over.
 */
final class Journal implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Journal.class);

  private static final long SEGMENT_BYTES = 64L << 20;
  private static final int BUFFER_BYTES = 1 << 20;

  /** From this size on, a segment that nobody wants is left, so that it can be deleted. */
  private static final long LEAVE_BYTES = 1 << 20;

  private static final long RETRY_NANOS = 1_000_000_000;

  private final Path folder;
  private final JournalSegment.Opening opening;
  private final Deque<JournalSegment> segments = new ArrayDeque<>();
  private final List<Batch> uncommitted = new ArrayList<>();
  private final Thread forcer = new Thread(this::forceLoop, "journal-force");

  private ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private JournalSegment active;

  /** Where {@link #out} begins in the active segment. */
  private long activeStart;

  private long committedPosition;

  private final RecentTransactions recent = new RecentTransactions();
  private long recentRecorded;

  private final Object forceLock = new Object();
  private long writtenPosition;
  private long commits;
  private JournalSegment writtenSegment;
  private long writtenEnd;
  private volatile long durablePosition;
  private volatile long forcedCommits;
  private volatile @Nullable IOException writeFailure;
  private volatile @Nullable IOException forceFailure;
  private boolean closed;

  private Journal(
      Path folder,
      JournalSegment.Opening opening,
      List<JournalSegment> old,
      JournalSegment active) {
    this.folder = folder;
    this.opening = opening;
    this.active = active;
    this.writtenSegment = active;
    segments.addAll(old);
    segments.add(active);
  }

  /** Opens the journal in {@code folder}; {@link #recover} must follow. */
  static Journal open(Path folder) {
    return open(folder, JournalSegment.Opening.USUAL);
  }

  static Journal open(Path folder, JournalSegment.Opening opening) {
    try {
      Files.createDirectories(folder);
      List<JournalSegment> old = new ArrayList<>();
      for (int number : segmentNumbers(folder)) {
        old.add(JournalSegment.open(folder, number, opening));
      }
      int next = old.isEmpty() ? 1 : old.getLast().number() + 1;
      return new Journal(folder, opening, old, JournalSegment.open(folder, next, opening));
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
    RecoveryState state = new RecoveryState(found, recent);
    segments.stream().filter(segment -> segment != active).forEach(state::read);
    committedPosition = state.committedPosition;
    writtenPosition = committedPosition;
    durablePosition = committedPosition;
    try {
      // What was written before a crash need not be on disk yet.
      for (JournalSegment segment : segments) {
        segment.channel().force(false);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot force the journal to disk: " + e.getMessage(), e);
    }
    try {
      new JournalRecord.Reset().write(out, null);
      startSegment();
    } catch (UncheckedIOException e) {
      log.atError()
          .addKeyValue("lsn", new Lsn(committedPosition))
          .addKeyValue("cause", "disk")
          .log("cannot write the journal; what is there is served: {}", e.toString());
    }
    writtenEnd = activeStart;
    recentRecorded = recent.count();
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
    private final RecentTransactions recent;
    private long committedPosition;

    RecoveryState(Recovery found, RecentTransactions recent) {
      this.found = found;
      this.recent = recent;
    }

    void read(JournalSegment segment) {
      // A mapping would keep the disk space of a deleted segment, so it ends with the reading.
      try (Arena mapping = Arena.ofConfined()) {
        FileChannel channel = segment.channel();
        var mode = FileChannel.MapMode.READ_ONLY;
        read(segment, channel.map(mode, 0, channel.size(), mapping).asByteBuffer());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void read(JournalSegment segment, ByteBuffer bytes) {
      int at = 0;
      Optional<JournalRecord.Parsed> next = JournalRecord.parse(bytes, at);
      while (next.isPresent()) {
        accept(segment, at, next.get().record());
        at += next.get().length();
        next = JournalRecord.parse(bytes, at);
      }
      if (at < bytes.limit()) {
        log.atInfo()
            .addKeyValue("segment", segment.number())
            .addKeyValue("position", at)
            .log("a journal segment ends with an unfinished record");
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
          recent.addAll(commit.xids());
        }
        case JournalRecord.Position start -> {
          committedPosition = start.position();
          recent.clear();
          recent.addAll(start.xids());
        }
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
      writeFailure = e;
      throw new UncheckedIOException("cannot write the journal: " + e.getMessage(), e);
    } finally {
      out.clear();
    }
  }

  /** Everything appended counts from now on, and the stream was followed up to {@code position}. */
  void commit(long position) {
    var record = new JournalRecord.Commit(position, recent.from(recentRecorded));
    makeRoom(JournalRecord.HEADER_BYTES + record.bodyBytes());
    record.write(out, null);
    write();
    recentRecorded = recent.count();
    uncommitted.clear();
    writeFailure = null;
    committedPosition = position;
    synchronized (forceLock) {
      writtenPosition = position;
      commits++;
      writtenSegment = active;
      writtenEnd = activeStart;
      forceLock.notifyAll();
    }
    deleteUnwanted();
  }

  /** Goes on at {@code position} of another history; nothing is uncommitted. */
  void skipTo(long position) {
    recent.clear();
    makeRoom(JournalRecord.HEADER_BYTES);
    new JournalRecord.Position(position, new int[0]).write(out, null);
    commit(position);
  }

  /** The last transactions of the stream; who follows it adds to them. */
  RecentTransactions recent() {
    return recent;
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
      throw new UncheckedIOException("cannot cut the journal back: " + e.getMessage(), e);
    }
    new JournalRecord.Reset().write(out, null);
    new JournalRecord.Position(committedPosition, recent.from(0)).write(out, null);
    write();
  }

  /** Deletes what nobody wants any more, also where the last of it was written a moment ago. */
  void tidy() {
    boolean isUnwanted = uncommitted.isEmpty() && !active.isWanted();
    if (isUnwanted && activeStart >= LEAVE_BYTES) {
      roll();
    }
    deleteUnwanted();
  }

  private void roll() {
    forceActive();
    active = JournalSegment.open(folder, active.number() + 1, opening);
    activeStart = 0;
    segments.add(active);
    startSegment();
  }

  private void forceActive() {
    try {
      active.force(activeStart);
      Disk.force(folder);
    } catch (IOException e) {
      forceFailure = e;
      throw new UncheckedIOException("cannot force the journal to disk: " + e.getMessage(), e);
    }
  }

  /** Repeats the position in the new segment, so that the older ones can go. */
  private void startSegment() {
    new JournalRecord.Position(committedPosition, recent.from(0)).write(out, null);
    write();
    deleteUnwanted();
  }

  /** From the oldest on only: a later segment may void what stands in an earlier one. */
  private void deleteUnwanted() {
    if (segments.getFirst() == active || segments.getFirst().isWanted()) {
      return;
    }
    try {
      // The position that the older segments held must be safe in this one.
      forceActive();
      while (segments.getFirst() != active && !segments.getFirst().isWanted()) {
        segments.removeFirst().delete();
      }
    } catch (UncheckedIOException e) {
      log.atWarn()
          .addKeyValue("segment", segments.getFirst().number())
          .addKeyValue("cause", "disk")
          .log("cannot delete a journal segment yet: {}", e.toString());
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

  /** How many commits there have been since the journal was opened. The router's lock. */
  long commits() {
    synchronized (forceLock) {
      return commits;
    }
  }

  /** How many of the commits are on disk. Any thread. */
  long forcedCommits() {
    return forcedCommits;
  }

  private void forceLoop() {
    try {
      while (forceNext()) {
        // until closed
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** False when closed and done. */
  private boolean forceNext() throws InterruptedException {
    long commit;
    long position;
    long end;
    JournalSegment segment;
    synchronized (forceLock) {
      while (commits == forcedCommits && !closed) {
        forceLock.wait();
      }
      if (commits == forcedCommits) {
        return false;
      }
      commit = commits;
      position = writtenPosition;
      end = writtenEnd;
      segment = writtenSegment;
    }
    try {
      // A segment that was left behind was forced when it was left.
      segment.force(end);
      durablePosition = position;
      forcedCommits = commit;
      forceFailure = null;
      return true;
    } catch (IOException e) {
      return forceAgainLater(e);
    }
  }

  private boolean forceAgainLater(IOException e) throws InterruptedException {
    if (forceFailure == null) {
      log.atError()
          .addKeyValue("lsn", new Lsn(durablePosition))
          .addKeyValue("cause", "disk")
          .setCause(e)
          .log("cannot force the journal to disk; nothing more is confirmed to Postgres");
    }
    forceFailure = e;
    long end = System.nanoTime() + RETRY_NANOS;
    synchronized (forceLock) {
      for (long left = RETRY_NANOS; left > 0 && !closed; left = end - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(forceLock, left);
      }
      return !closed;
    }
  }

  /** Why nothing can be made durable, or null while all is well. Any thread. */
  @Nullable IOException failure() {
    IOException failure = writeFailure;
    return failure == null ? forceFailure : failure;
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
