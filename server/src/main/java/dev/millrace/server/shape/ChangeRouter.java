package dev.millrace.server.shape;

import dev.millrace.server.postgres.ChangeSink;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.postgres.Relation;
import dev.millrace.server.postgres.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings each change to the shapes it touches. The thread that follows the slot calls it as a
 * {@link ChangeSink}; what it gathers becomes visible at the end of a transaction, several
 * transactions at a time while the stream is busy.
 *
 * <p>The lock is held from a transaction's begin to its commit, so a shape is registered between
 * transactions only, and sees each from its start.
 */
public final class ChangeRouter implements ChangeSink {

  /** While the stream is busy, what was gathered is shown when it reaches this size. */
  private static final int PUBLISH_BYTES = 1 << 20;

  /**
   * A transaction is shown at once unless another was shown a moment ago; then with what comes
   * until the moment is over, or until nothing more does.
   */
  private static final long PUBLISH_NANOS = 2_000_000;

  /** How often a position without changes is recorded. */
  private static final long QUIET_NANOS = 200_000_000;

  /** Half a gigabyte of journal, after which the oldest tails are sealed early. */
  private static final int MAX_SEGMENTS = 8;

  /** How often that is done, since moving takes a while and looking at all shapes too. */
  private static final long RELIEF_NANOS = 1_000_000_000;

  private final Journal journal;
  private final BiConsumer<Shape, String> drop;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Map<Integer, List<Shape>> shapesByRelation = new HashMap<>();
  private final Map<Integer, Relation> relations = new HashMap<>();
  private final RecentTransactions recent;
  private final List<Shape> touched = new ArrayList<>();
  private final List<Shape> unpublished = new ArrayList<>();
  private final ByteBuilder message = new ByteBuilder(4096);

  private long commitLsn;
  private int xid;
  private long op;
  private boolean isRepeated;
  private long gatheredBytes;
  private long publishedAt = System.nanoTime();
  private long relievedAt = publishedAt;
  private long position;
  private volatile long publishedPosition;

  /**
   * @param drop removes a shape, given the reason; called under the lock
   */
  ChangeRouter(Journal journal, BiConsumer<Shape, String> drop) {
    this.journal = journal;
    this.recent = journal.recent();
    this.drop = drop;
  }

  /** Where the journal says the stream had been followed to. */
  void startAt(long recovered) {
    position = recovered;
    publishedPosition = recovered;
  }

  /** The log position up to which shapes show everything. Any thread. */
  public long publishedPosition() {
    return publishedPosition;
  }

  /** From the next transaction on, {@code shape} gets its changes. */
  void register(Shape shape) {
    lock.lock();
    try {
      int oid = shape.definition().oid();
      shapesByRelation.computeIfAbsent(oid, o -> new ArrayList<>()).add(shape);
      shape.registeredAt(recent.count());
      Relation relation = relations.get(oid);
      if (relation != null) {
        // If the table has changed since, its new description comes before its next change.
        shape.encoder().follows(relation);
      }
    } finally {
      lock.unlock();
    }
  }

  void unregister(Shape shape) {
    lock.lock();
    try {
      List<Shape> shapes = shapesByRelation.get(shape.definition().oid());
      if (shapes != null) {
        shapes.remove(shape);
      }
      shape.log().close();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Says what the snapshot of {@code shape} has seen.
   *
   * @return false if the snapshot has missed a transaction that came before the shape was
   *     registered: it has to be taken again
   */
  boolean decide(Shape shape, PgSnapshot snapshot) {
    lock.lock();
    try {
      if (recent.isAnyMissingIn(snapshot, shape.registeredAt())) {
        return false;
      }
      shape.decide(snapshot);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Goes to {@code lsn} without changes: no shape has anything to do with what lies before. */
  public void skipTo(long lsn) {
    lock.lock();
    try {
      position = lsn;
      journal.skipTo(lsn);
      publishedPosition = lsn;
    } finally {
      lock.unlock();
    }
  }

  /** Lets others in after the stream broke off in a transaction; {@link #abort} has to follow. */
  public void release() {
    if (lock.isHeldByCurrentThread()) {
      lock.unlock();
    }
  }

  /** Gives back the disk space of what was dropped. */
  void tidyJournal() {
    lock.lock();
    try {
      journal.tidy();
    } finally {
      lock.unlock();
    }
  }

  /** Forgets a transaction that broke off; the stream will bring it again. */
  public void abort() {
    if (!lock.isHeldByCurrentThread()) {
      lock.lock();
    }
    try {
      touched.forEach(Shape::untouch);
      touched.forEach(shape -> shape.log().abort());
      unpublished.forEach(Shape::dequeue);
      unpublished.forEach(shape -> shape.log().abort());
      touched.clear();
      unpublished.clear();
      relations.clear();
      gatheredBytes = 0;
      position = journal.committedPosition();
      journal.reset();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void begin(long commitLsn, int xid) {
    lock.lock();
    this.commitLsn = commitLsn;
    this.xid = xid;
    op = 0;
    // After a reconnect Postgres may begin a little before the position we asked for.
    isRepeated = Long.compareUnsigned(commitLsn, position) < 0;
  }

  @Override
  public void relation(Relation relation) {
    relations.put(relation.oid(), relation);
    for (Shape shape : List.copyOf(shapesOf(relation.oid()))) {
      ShapeDefinition definition = shape.definition();
      boolean sameColumns =
          shape.encoder().follows(relation)
              && (!definition.allColumns()
                  || definition.columns().size() == relation.attributes().size());
      if (!sameColumns || !definition.relation().equals(relation.name())) {
        drop.accept(shape, "its table was altered");
      }
    }
    shapesByRelation.values().stream()
        .flatMap(List::stream)
        .filter(shape -> shape.definition().relation().equals(relation.name()))
        .filter(shape -> shape.definition().oid() != relation.oid())
        .toList()
        .forEach(shape -> drop.accept(shape, "another table has its name"));
  }

  private List<Shape> shapesOf(int relation) {
    return shapesByRelation.getOrDefault(relation, List.of());
  }

  @Override
  public void insert(int relation, Tuple row) {
    for (Shape shape : shapesOf(relation)) {
      if (isConcerned(shape)) {
        message.clear();
        shape.encoder().insert(message, row, op);
        append(shape, op);
      }
    }
    op += 2;
  }

  @Override
  public void update(int relation, @Nullable Tuple old, boolean oldIsWhole, Tuple row) {
    boolean isIncomplete = false;
    for (Shape shape : shapesOf(relation)) {
      if (isConcerned(shape)) {
        isIncomplete |= !update(shape, old, oldIsWhole, row);
      }
    }
    if (isIncomplete) {
      dropAll(relation, "the replica identity of its table is no longer full");
    }
    op += 2;
  }

  /** False if the stream did not carry what the shape needs. */
  private boolean update(Shape shape, @Nullable Tuple old, boolean oldIsWhole, Tuple row) {
    MessageEncoder encoder = shape.encoder();
    message.clear();
    try {
      if (old != null && encoder.isKeyChanged(old, row)) {
        encoder.keyChangeDelete(message, old, oldIsWhole, row, op);
        append(shape, op);
        message.clear();
        encoder.keyChangeInsert(message, old, oldIsWhole, row, op + 1);
        append(shape, op + 1);
      } else if (encoder.update(message, oldIsWhole ? old : null, row, op)) {
        append(shape, op);
      }
      return true;
    } catch (IncompleteRowException e) {
      return false;
    }
  }

  @Override
  public void delete(int relation, Tuple old, boolean oldIsWhole) {
    for (Shape shape : shapesOf(relation)) {
      if (isConcerned(shape)) {
        message.clear();
        shape.encoder().delete(message, old, oldIsWhole, op);
        append(shape, op);
      }
    }
    op += 2;
  }

  @Override
  public void truncate(int[] truncated) {
    for (int relation : truncated) {
      List.copyOf(shapesOf(relation)).stream()
          .filter(shape -> !isRepeated && !shape.snapshotSees(xid, commitLsn))
          .forEach(shape -> drop.accept(shape, "its table was truncated"));
      op += 2;
    }
  }

  private void dropAll(int relation, String reason) {
    List.copyOf(shapesOf(relation)).forEach(shape -> drop.accept(shape, reason));
  }

  private boolean isConcerned(Shape shape) {
    if (isRepeated || shape.snapshotSees(xid, commitLsn)) {
      return false;
    }
    if (shape.touch()) {
      touched.add(shape);
      shape.encoder().begin(commitLsn, xid);
    }
    return true;
  }

  private void append(Shape shape, long messageOp) {
    gatheredBytes += message.size();
    shape.log().append(message, commitLsn, messageOp, xid, shape.encoder().growth());
  }

  @Override
  public void commit(long endLsn) {
    try {
      recent.add(xid);
      for (Shape shape : touched) {
        shape.untouch();
        shape.log().endTransaction();
        if (shape.enqueue()) {
          unpublished.add(shape);
        }
      }
      touched.clear();
      if (Long.compareUnsigned(endLsn, position) > 0) {
        position = endLsn;
      }
      publishIfDue();
    } finally {
      lock.unlock();
    }
  }

  private void publishIfDue() {
    if (gatheredBytes >= PUBLISH_BYTES || System.nanoTime() - publishedAt >= PUBLISH_NANOS) {
      publish();
    }
  }

  @Override
  public void caughtUp(long lsn) {
    if (Long.compareUnsigned(lsn, position) > 0) {
      position = lsn;
    }
  }

  @Override
  public void pause() {
    boolean onlyMoved = unpublished.isEmpty();
    if (position == publishedPosition
        || (onlyMoved && System.nanoTime() - publishedAt < QUIET_NANOS)) {
      return;
    }
    lock.lock();
    try {
      publish();
    } finally {
      lock.unlock();
    }
  }

  private void publish() {
    unpublished.forEach(shape -> shape.log().prepare());
    journal.commit(position);
    unpublished.forEach(shape -> shape.log().publish());
    publishedPosition = position;
    for (Shape shape : unpublished) {
      shape.dequeue();
      shape.waiters().wakeAll();
    }
    unpublished.clear();
    gatheredBytes = 0;
    publishedAt = System.nanoTime();
    relieveJournal();
  }

  /** Moves quiet shapes out of the oldest segment when the journal has grown long. */
  private void relieveJournal() {
    if (journal.segmentCount() > MAX_SEGMENTS && publishedAt - relievedAt >= RELIEF_NANOS) {
      relievedAt = publishedAt;
      journal
          .oldestPinned()
          .ifPresent(segment ->
              shapesByRelation.values().stream()
                  .flatMap(List::stream)
                  .forEach(shape -> shape.log().leave(segment)));
    }
  }
}
