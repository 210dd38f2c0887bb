package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import dev.millrace.server.postgres.PgSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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

  private final int shape;
  private final LogContext context;
  private final Path folder;

  // Of the router's thread.
  private Messages.@Nullable Builder building;

  /** Seldom more than one, and none most of the time. */
  private List<Batch> pending = List.of();

  private @Nullable List<Batch> undecided = new ArrayList<>();
  private @Nullable PgSnapshot inSnapshot;
  private long chunkBytes;
  private boolean isMessageOpen;
  private long openTx;
  private long openOp;
  private int openXid;
  private int batchGrowth;
  private Mark mark = Mark.NONE;

  // Guarded by this.
  private final List<LogChunk> chunks = new ArrayList<>();
  private long bytes;
  private long messages;
  private long growth;
  private long endTx = Offset.SNAPSHOT_END.tx();
  private long endOp = Offset.SNAPSHOT_END.op();
  private boolean closed;

  ShapeLog(int shape, LogContext context, Path folder) {
    this.shape = shape;
    this.context = context;
    this.folder = folder;
  }

  /** What all logs of a server share. */
  record LogContext(
      Journal journal,
      HotMessages hot,
      ChunkSealer sealer,
      Messages.Builders builders,
      long chunkBytes) {

    LogContext(Journal journal, HotMessages hot, ChunkSealer sealer, long chunkBytes) {
      this(journal, hot, sealer, new Messages.Builders(), chunkBytes);
    }
  }

  /**
   * How much a log holds.
   *
   * @param growth rows inserted less rows deleted
   */
  record Size(long bytes, long messages, long growth) {}

  /** A log that was there before; {@link #recovered} brings its tail. */
  static ShapeLog restore(int shape, LogContext context, Path folder) throws IOException {
    ShapeLog log = new ShapeLog(shape, context, folder);
    log.undecided = null;
    for (SealedChunk chunk : SealedChunk.list(folder)) {
      log.chunks.add(chunk);
      log.grow(chunk.bytes(), chunk.count(), chunk.growth(), chunk.last());
    }
    return log;
  }

  /** Takes up a batch found in the journal, unless a sealed chunk or the snapshot has it. */
  synchronized void recovered(Batch batch, PgSnapshot snapshot) {
    inSnapshot = snapshot;
    if (!isInSnapshot(batch) && batch.last().isAfter(end())) {
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
      building = context.builders().take();
    }
    building.bytes().add(message.view());
    batchGrowth += growth;
    isMessageOpen = true;
    openTx = tx;
    openOp = op;
    openXid = xid;
  }

  /** A transaction begins that {@link #takeBack} may take back. */
  void mark() {
    Messages.Builder now = building;
    mark =
        new Mark(
            pending.size(),
            now == null ? 0 : now.bytes().size(),
            now == null ? 0 : now.count(),
            chunkBytes,
            batchGrowth);
  }

  /**
   * Forgets what was added since {@link #mark}.
   *
   * @return false if some of it is in the journal already: nothing was done
   */
  boolean takeBack() {
    if (pending.size() != mark.pending()) {
      return false;
    }
    Messages.Builder now = building;
    if (now != null) {
      now.cut(mark.bytes(), mark.count());
    }
    chunkBytes = mark.chunkBytes();
    batchGrowth = mark.growth();
    isMessageOpen = false;
    return true;
  }

  /** What there was before a transaction. */
  private record Mark(int pending, int bytes, int count, long chunkBytes, int growth) {

    static final Mark NONE = new Mark(-1, 0, 0, 0, 0);
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
    Messages messages = building.view();
    int recordedXid = undecided == null ? 0 : openXid;
    var header = JournalRecord.BatchHeader.of(shape, recordedXid, endsChunk, batchGrowth, messages);
    batchGrowth = 0;
    Batch batch = context.journal().append(header, messages);
    context.hot().keep(batch, messages);
    building.clear();
    if (pending.isEmpty()) {
      pending = List.of(batch);
    } else {
      if (pending.size() == 1) {
        pending = new ArrayList<>(pending);
      }
      pending.add(batch);
    }
    if (endsChunk) {
      chunkBytes = 0;
    }
  }

  /** Puts what was gathered into the journal, at the end of a transaction. */
  void prepare() {
    closeBatch(false);
    giveBuilderBack();
  }

  private void giveBuilderBack() {
    if (building != null) {
      context.builders().giveBack(building);
      building = null;
    }
  }

  /** Shows what was prepared to readers, once the journal has committed it. */
  void publish() {
    if (undecided != null && !isClosed()) {
      undecided.addAll(pending);
    } else {
      show(pending);
    }
    pending = List.of();
  }

  /** Forgets what was not published: the stream broke off and will bring it again. */
  void abort() {
    pending = List.of();
    giveBuilderBack();
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

  // --- the rows change otherwise; the router's lock, while nothing is gathered ---

  /** Moves all that there is into files, which takes a while: {@link #awaitSealed}. */
  void seal() {
    synchronized (this) {
      TailChunk tail = openTail();
      if (tail != null) {
        tail.close();
        context.sealer().seal(this, tail);
      }
    }
    chunkBytes = 0;
  }

  /** From now on what comes is set aside, until {@link #decide}. */
  void setAside() {
    undecided = new ArrayList<>();
    inSnapshot = null;
  }

  /** Forgets what was set aside. */
  void forgetAside() {
    forgetAsideFrom(0);
    undecided = null;
  }

  /** Forgets what was set aside of the transaction with that commit LSN and of later ones. */
  void forgetAsideFrom(long commitLsn) {
    if (undecided == null) {
      return;
    }
    List<Batch> forgotten =
        undecided.stream()
            .filter(batch -> Long.compareUnsigned(batch.last().tx(), commitLsn) >= 0)
            .toList();
    undecided.removeAll(forgotten);
    release(forgotten);
  }

  /** Adds what lies in files already; what was there before has to be sealed. */
  synchronized void add(List<SealedChunk> sealed) {
    for (SealedChunk chunk : sealed) {
      chunks.add(chunk);
      grow(chunk.bytes(), chunk.count(), chunk.growth(), chunk.last());
    }
  }

  /**
   * Waits until all that readers see is in files. Any thread.
   *
   * @throws ShapeException if it takes longer
   */
  synchronized void awaitSealed(Duration most) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    while (chunks.stream().anyMatch(TailChunk.class::isInstance)) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new ShapeException(ShapeException.Kind.TRY_LATER, "the disk is slow", null);
      }
      wait(left);
    }
  }

  /** The chunks that lie in files, in their order. Any thread. */
  synchronized List<SealedChunk> sealed() {
    return chunks.stream()
        .filter(SealedChunk.class::isInstance)
        .map(SealedChunk.class::cast)
        .toList();
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
    grow(batch.bytes(), batch.count(), batch.growth(), batch.last());
    if (batch.endsChunk()) {
      tail.close();
      context.sealer().seal(this, tail);
    }
  }

  private void grow(long moreBytes, int moreMessages, int moreGrowth, Offset last) {
    bytes += moreBytes;
    messages += moreMessages;
    growth += moreGrowth;
    endTx = last.tx();
    endOp = last.op();
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
    boolean isThere;
    synchronized (this) {
      TailChunk tail = openTail();
      isThere = tail != null && tail.batches().getFirst().segment() == segment;
    }
    if (isThere) {
      seal();
    }
  }

  // --- sealing: the sealer's thread ---

  /** Where full chunks are. */
  Path folder() {
    return folder;
  }

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
        notifyAll();
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
    return new Offset(endTx, endOp);
  }

  synchronized Size size() {
    return new Size(bytes, messages, growth);
  }

  /** Whether a reader at {@code offset} is given anything. */
  public synchronized boolean hasAfter(Offset offset) {
    return end().isAfter(meaning(offset));
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
    Offset after = meaning(offset);
    return attempt(() -> {
      Found found = find(after);
      return switch (found.chunk()) {
        case null -> LogSlice.empty(offset.max(found.end()));
        case SealedChunk sealed -> sealed.slice(after, found.isLast());
        case TailChunk tail -> slice(found, after);
      };
    });
  }

  private LogSlice slice(Found found, Offset after) {
    Batch first = found.batches().getFirst();
    long bytes = 0;
    long messages = 0;
    for (Batch batch : found.batches()) {
      bytes += batch.bytes();
      messages += batch.count();
    }
    int skipped = 0;
    int skippedBytes = 0;
    if (!first.first().isAfter(after)) {
      Messages partly = first.load();
      skipped = partly.firstAfter(after);
      skippedBytes = partly.start(skipped);
    }
    var place =
        new LogSlice.Place.Tail(
            this, new LogMark(first.first(), skippedBytes), bytes - skippedBytes);
    Offset last = found.batches().getLast().last();
    return new LogSlice(place, messages - skipped, last, found.isLast());
  }

  /** Fills {@code into} with what follows {@code from}, and returns the place after that. */
  LogMark copy(LogMark from, ByteBuffer into) {
    int start = into.position();
    return attempt(() -> {
      into.position(start);
      Found found = find(justBefore(from.message()));
      return switch (found.chunk()) {
        case null -> throw new IllegalStateException("nothing at " + from);
        case SealedChunk sealed -> sealed.copy(from, into);
        case TailChunk tail -> copy(found.batches(), from, into);
      };
    });
  }

  /** The last place before a message. */
  static Offset justBefore(Offset message) {
    return message.op() > 0
        ? new Offset(message.tx(), message.op() - 1)
        : Offset.afterTransaction(message.tx() - 1);
  }

  private static LogMark copy(List<Batch> batches, LogMark from, ByteBuffer into) {
    LogMark at = from;
    for (Batch batch : batches) {
      if (!into.hasRemaining()) {
        return at;
      }
      int skipped = batch.first().equals(from.message()) ? Math.toIntExact(from.bytes()) : 0;
      int wanted = Math.min(into.remaining(), batch.bytes() - skipped);
      batch.copy(skipped, wanted, into);
      at = new LogMark(batch.first(), skipped + wanted);
    }
    return at;
  }

  /**
   * Messages after {@code offset} as server-sent events: at least one, if there is any, and about
   * as many as {@code most} bytes have room for. A part never ends at the first change of a
   * transaction that has more.
   */
  public LogEvents events(Offset offset, int most) {
    Offset after = meaning(offset);
    return attempt(() -> {
      Found found = find(after);
      return switch (found.chunk()) {
        case null -> new LogEvents(List.of(), 0, offset.max(found.end()), true);
        case SealedChunk sealed -> events(sealed, after, most, found.isLast());
        case TailChunk tail -> events(found, after, most);
      };
    });
  }

  private static LogEvents events(SealedChunk chunk, Offset after, int most, boolean isLast) {
    Messages part = chunk.part(after, most);
    Offset end = part.offset(part.count() - 1);
    return new LogEvents(
        List.of(part.events()), part.count(), end, isLast && end.equals(chunk.last()));
  }

  private static LogEvents events(Found found, Offset after, int most) {
    List<byte[]> runs = new ArrayList<>();
    Offset end = after;
    long left = most;
    long messages = 0;
    for (Batch batch : found.batches()) {
      if (left <= 0 && mayEndBetween(end, batch.first())) {
        break;
      }
      Messages all = batch.load();
      int from = batch.first().isAfter(after) ? 0 : all.firstAfter(after);
      int to = all.endOfPart(from, left);
      runs.add(from == 0 && to == all.count() ? all.events() : all.events(from, to));
      left -= all.start(to) - all.start(from);
      messages += to - from;
      end = all.offset(to - 1);
      if (to < all.count()) {
        break;
      }
    }
    boolean isAll = end.equals(found.batches().getLast().last());
    return new LogEvents(runs, messages, end, isAll && found.isLast());
  }

  /** A reader at the first offset of a transaction is taken to have all of it. */
  static boolean mayEndBetween(Offset last, Offset next) {
    return last.op() != 0 || last.tx() != next.tx();
  }

  /** The batch may move from the journal to a sealed chunk while it is read: that is no failure. */
  private static <T> T attempt(Supplier<T> reading) {
    UncheckedIOException failure = null;
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      try {
        return reading.get();
      } catch (UncheckedIOException e) {
        failure = e;
      }
    }
    throw failure == null ? new IllegalStateException("no attempt was made") : failure;
  }

  /**
   * Where a reader goes on.
   *
   * @param chunk null if there is nothing to read
   * @param batches what the tail has for the reader; empty if the chunk is a file
   */
  private record Found(@Nullable LogChunk chunk, List<Batch> batches, boolean isLast, Offset end) {}

  private synchronized Found find(Offset after) {
    if (closed) {
      throw new ShapeException(ShapeException.Kind.REFETCH, "the shape was dropped", null);
    }
    int place = firstChunkAfter(after);
    if (place == chunks.size()) {
      return new Found(null, List.of(), true, end());
    }
    LogChunk chunk = chunks.get(place);
    List<Batch> batches = chunk instanceof TailChunk tail ? tail.batchesAfter(after) : List.of();
    return new Found(chunk, batches, place == chunks.size() - 1, end());
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
