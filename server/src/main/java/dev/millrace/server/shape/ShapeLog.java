package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import dev.millrace.server.postgres.PgSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a shape since its snapshot, cut into chunks. Full chunks lie in files of their
 * own; the tail lies in the {@link Journal} and, while it is new, in memory.
 *
 * <p>The thread of the router writes: {@link #append} for each message, {@link #endTransaction},
 * then {@link #prepare}, the journal's commit, and {@link #publish}, which makes all of it visible
 * at once. Any thread reads.
 *
 * <p>No chunk ends between the first change of a transaction and its next one. The offset {@code
 * L_0} can therefore be read as "after the transaction L": clients of server-sent events know of
 * their position only the transaction, and ask for {@code L_0} however many changes of it they have
 * (protocol section 4.2).
 */
public final class ShapeLog {

  /** A batch is closed when it has grown to this, so that big transactions need little memory. */
  private static final int BATCH_BYTES = 256 << 10;

  private static final int READ_ATTEMPTS = 5;

  /** How much is read at once for one reader alone. */
  private static final int PRIVATE_BYTES = 1 << 20;

  private final int shape;
  private final LogContext context;
  private final Path folder;

  // Of the router's thread.
  private Messages.@Nullable Builder building;
  private final List<Batch> pending = new ArrayList<>();
  private @Nullable List<Batch> undecided = new ArrayList<>();
  private @Nullable PgSnapshot inSnapshot;
  private long chunkBytes;
  private boolean isMessageOpen;
  private long openTx;
  private long openOp;
  private int openXid;
  private int batchGrowth;

  // Guarded by this.
  private final List<LogChunk> chunks = new ArrayList<>();
  private Size size = Size.NONE;
  private Offset end = Offset.SNAPSHOT_END;
  private boolean closed;

  ShapeLog(int shape, LogContext context, Path folder) {
    this.shape = shape;
    this.context = context;
    this.folder = folder;
  }

  /** What all logs of a server share. */
  record LogContext(Journal journal, HotMessages hot, ChunkSealer sealer, long chunkBytes) {}

  /**
   * How much a log holds.
   *
   * @param growth rows inserted less rows deleted
   */
  record Size(long bytes, long messages, long growth) {

    static final Size NONE = new Size(0, 0, 0);

    private Size plus(long moreBytes, int moreMessages, int moreGrowth) {
      return new Size(bytes + moreBytes, messages + moreMessages, growth + moreGrowth);
    }
  }

  /** A log that was there before; {@link #recovered} brings its tail. */
  static ShapeLog restore(int shape, LogContext context, Path folder) throws IOException {
    ShapeLog log = new ShapeLog(shape, context, folder);
    log.undecided = null;
    for (SealedChunk chunk : SealedChunk.list(folder)) {
      log.chunks.add(chunk);
      log.size = log.size.plus(chunk.bytes(), chunk.count(), chunk.growth());
    }
    if (!log.chunks.isEmpty()) {
      log.end = log.chunks.getLast().last();
    }
    return log;
  }

  /** Takes up a batch found in the journal, unless a sealed chunk or the snapshot has it. */
  synchronized void recovered(Batch batch, PgSnapshot snapshot) {
    inSnapshot = snapshot;
    if (!isInSnapshot(batch) && batch.last().isAfter(end)) {
      batch.segment().retain();
      add(batch);
      chunkBytes = batch.endsChunk() ? 0 : chunkBytes + batch.bytes();
    }
  }

  // --- writing: the router's thread ---

  /**
   * Adds a message that is open at its end; {@code tx} and {@code op} are its offset, {@code
   * growth} the rows by which it makes the shape larger.
   */
  void append(ByteBuilder message, long tx, long op, int xid, int growth) {
    closeMessage(false);
    if (building == null) {
      building = new Messages.Builder();
    }
    building.bytes().add(message.view());
    batchGrowth += growth;
    isMessageOpen = true;
    openTx = tx;
    openOp = op;
    openXid = xid;
  }

  /** The transaction has no more changes for this shape. */
  void endTransaction() {
    closeMessage(true);
    if (undecided != null) {
      closeBatch(false);
    }
  }

  private void closeMessage(boolean isLast) {
    if (!isMessageOpen || building == null) {
      return;
    }
    isMessageOpen = false;
    int before = building.lastEnd();
    MessageEncoder.close(building.bytes(), isLast);
    building.ended(openTx, openOp);
    chunkBytes += building.bytes().size() - before;
    boolean mayCut = isLast || openOp != 0;
    if (mayCut && chunkBytes >= context.chunkBytes()) {
      closeBatch(true);
    } else if (building.bytes().size() >= BATCH_BYTES) {
      closeBatch(false);
    }
  }

  private void closeBatch(boolean endsChunk) {
    if (building == null || building.isEmpty()) {
      return;
    }
    Messages messages = building.take();
    int recordedXid = undecided == null ? 0 : openXid;
    var header = JournalRecord.BatchHeader.of(shape, recordedXid, endsChunk, batchGrowth, messages);
    batchGrowth = 0;
    Batch batch = context.journal().append(header, messages);
    context.hot().keep(batch, messages);
    pending.add(batch);
    if (endsChunk) {
      chunkBytes = 0;
    }
  }

  /** Puts what was gathered into the journal, at the end of a transaction. */
  void prepare() {
    closeBatch(false);
    building = null;
  }

  /** Shows what was prepared to readers, once the journal has committed it. */
  void publish() {
    if (undecided != null && !isClosed()) {
      undecided.addAll(pending);
    } else {
      show(pending);
    }
    pending.clear();
  }

  /** Forgets what was not published: the stream broke off and will bring it again. */
  void abort() {
    pending.clear();
    building = null;
    isMessageOpen = false;
    batchGrowth = 0;
    chunkBytes = tailBytes();
  }

  /** The shape's snapshot is known: what it saw does not belong in the log. */
  void decide(PgSnapshot snapshot) {
    if (undecided == null) {
      return;
    }
    List<Batch> decided = undecided;
    undecided = null;
    inSnapshot = snapshot;
    show(decided);
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Adds what readers may see; what was recorded before the snapshot was known is judged here. */
  private synchronized void show(List<Batch> batches) {
    for (Batch batch : batches) {
      if (closed || isInSnapshot(batch)) {
        batch.segment().release();
      } else {
        add(batch);
      }
    }
  }

  private boolean isInSnapshot(Batch batch) {
    return batch.xid() != 0
        && inSnapshot != null
        && inSnapshot.sees(batch.xid(), batch.last().tx());
  }

  private void add(Batch batch) {
    TailChunk tail = openTail();
    if (tail == null) {
      tail = new TailChunk(batch);
      chunks.add(tail);
    } else {
      tail.add(batch);
    }
    end = batch.last();
    size = size.plus(batch.bytes(), batch.count(), batch.growth());
    if (batch.endsChunk()) {
      tail.close();
      context.sealer().seal(this, tail);
    }
  }

  private @Nullable TailChunk openTail() {
    if (!chunks.isEmpty() && chunks.getLast() instanceof TailChunk tail && !tail.isFull()) {
      return tail;
    }
    return null;
  }

  private synchronized long tailBytes() {
    TailChunk tail = openTail();
    return tail == null ? 0 : tail.batches().stream().mapToLong(Batch::bytes).sum();
  }

  /** Ends the current chunk early if it holds {@code segment}, so that the segment can go. */
  void leave(JournalSegment segment) {
    synchronized (this) {
      TailChunk tail = openTail();
      if (tail == null || tail.batches().getFirst().segment() != segment) {
        return;
      }
      tail.close();
      context.sealer().seal(this, tail);
    }
    chunkBytes = 0;
  }

  // --- sealing: the sealer's thread ---

  /** Moves a full chunk into a file of its own. */
  void moveToFile(TailChunk chunk) throws IOException {
    if (isClosed()) {
      return;
    }
    List<Batch> batches = chunk.batches();
    SealedChunk moved = SealedChunk.write(folder, batches);
    boolean isWanted;
    synchronized (this) {
      int place = chunks.indexOf(chunk);
      isWanted = place >= 0;
      if (isWanted) {
        chunks.set(place, moved);
        release(batches);
      }
    }
    if (!isWanted) {
      Files.deleteIfExists(moved.file());
    }
  }

  private static void release(List<Batch> batches) {
    for (Batch batch : batches) {
      batch.evict();
      batch.segment().release();
    }
  }

  // --- reading: any thread ---

  /** Offset of the last message, or the end of the snapshot while there is none. */
  public synchronized Offset end() {
    return end;
  }

  synchronized Size size() {
    return size;
  }

  /** Whether {@link #read} would give a reader at {@code offset} anything. */
  public synchronized boolean hasAfter(Offset offset) {
    return end.isAfter(meaning(offset));
  }

  /** A transaction's first offset stands for all of it. */
  private static Offset meaning(Offset offset) {
    boolean isFirst = offset.op() == 0 && offset.tx() > 0;
    return isFirst ? Offset.afterTransaction(offset.tx()) : offset;
  }

  /**
   * The messages after {@code offset}, up to the end of the chunk that has the first of them: the
   * same for all who ask while the log does not grow, so that caches can keep it.
   */
  public LogSlice read(Offset offset) {
    return read(offset, Integer.MAX_VALUE, false);
  }

  /**
   * The same for a reader that needs all in memory. What is not shared with other readers comes in
   * parts of about a megabyte, so that a client that does not take it pins no more.
   */
  public LogSlice readPart(Offset offset) {
    return read(offset, PRIVATE_BYTES, true);
  }

  LogSlice read(Offset offset, int most, boolean inMemory) {
    Offset after = meaning(offset);
    UncheckedIOException failure = null;
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      try {
        return readAfter(after, offset, most, inMemory);
      } catch (UncheckedIOException e) {
        // The batch may have moved from the journal to a sealed chunk meanwhile.
        failure = e;
      }
    }
    throw failure == null ? new IllegalStateException("no attempt was made") : failure;
  }

  private LogSlice readAfter(Offset after, Offset asked, int most, boolean inMemory) {
    LogChunk chunk;
    List<Batch> batches;
    boolean reachesEnd;
    synchronized (this) {
      if (closed) {
        throw new ShapeException(ShapeException.Kind.REFETCH, "the shape was dropped", null);
      }
      int place = firstChunkAfter(after);
      if (place == chunks.size()) {
        return new LogSlice(List.of(), asked.max(end), true);
      }
      chunk = chunks.get(place);
      batches = chunk instanceof TailChunk tail ? tail.batchesAfter(after) : List.of();
      reachesEnd = place == chunks.size() - 1;
    }
    return switch (chunk) {
      case SealedChunk sealed when inMemory ->
          slice(sealed.part(after, most), sealed.last(), reachesEnd);
      case SealedChunk sealed ->
          new LogSlice(
              List.of(new LogSlice.InFile(sealed, sealed.firstAfter(after))),
              sealed.last(),
              reachesEnd);
      case TailChunk tail -> slice(batches, after, most, reachesEnd);
    };
  }

  private static LogSlice slice(Messages part, Offset chunkEnd, boolean isLastChunk) {
    Offset last = part.offset(part.count() - 1);
    boolean reachesEnd = isLastChunk && last.equals(chunkEnd);
    return new LogSlice(List.of(new LogSlice.InMemory(part, 0)), last, reachesEnd);
  }

  private static LogSlice slice(List<Batch> batches, Offset after, int most, boolean isLastChunk) {
    int count = firstPart(batches, most);
    List<LogSlice.Run> runs =
        batches.subList(0, count).stream().map(batch -> run(batch, after)).toList();
    boolean reachesEnd = isLastChunk && count == batches.size();
    return new LogSlice(runs, batches.get(count - 1).last(), reachesEnd);
  }

  /** How many of the batches make a part. */
  private static int firstPart(List<Batch> batches, int most) {
    long read = 0;
    for (int i = 0; i < batches.size(); i++) {
      if (read >= most && mayEndBetween(batches.get(i - 1).last(), batches.get(i).first())) {
        return i;
      }
      read += batches.get(i).isHot() ? 0 : batches.get(i).bytes();
    }
    return batches.size();
  }

  /** A reader at the first offset of a transaction is taken to have all of it. */
  static boolean mayEndBetween(Offset last, Offset next) {
    return last.op() != 0 || last.tx() != next.tx();
  }

  private static LogSlice.Run run(Batch batch, Offset after) {
    Messages messages = batch.load();
    int from = batch.first().isAfter(after) ? 0 : messages.firstAfter(after);
    return new LogSlice.InMemory(messages, from);
  }

  private int firstChunkAfter(Offset after) {
    int low = 0;
    int high = chunks.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (chunks.get(middle).last().isAfter(after)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Lets go of the journal; the log is not written any more. The router's thread or none. */
  synchronized void close() {
    closed = true;
    for (LogChunk chunk : chunks) {
      if (chunk instanceof TailChunk tail) {
        release(tail.batches());
      }
    }
    if (undecided != null) {
      release(undecided);
      undecided = null;
    }
    chunks.clear();
  }
}
