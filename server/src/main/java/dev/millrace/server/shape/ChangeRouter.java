package dev.millrace.server.shape;

import dev.millrace.server.postgres.ChangeSink;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.postgres.Relation;
import dev.millrace.server.postgres.Tuple;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings each change to the shapes it touches. The thread that follows the slot calls it as a
 * {@link ChangeSink}; what it gathers becomes visible at the end of a transaction, several
 * transactions at a time while the stream is busy.
 *
 * <p>The lock is held from a transaction's begin to its commit, so a shape is registered between
 * transactions only, and sees each from its start.
 */
public final class ChangeRouter implements ChangeSink {

  private static final Logger log = LoggerFactory.getLogger(ChangeRouter.class);

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
  private final Function<Set<Integer>, Map<Integer, Set<Integer>>> rootsOfPartitions;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Runnable onAlteration = () -> {};

  // Guarded by the lock.
  private final Map<Integer, List<Shape>> shapesByTable = new HashMap<>();
  private final Map<Integer, Route> routes = new HashMap<>();

  /** For each partition of a shape's table the tables of shapes that it is below. */
  private Map<Integer, Set<Integer>> roots = Map.of();

  /** Whether the stream or a new shape may know of partitions that {@link #roots} does not. */
  private boolean isRootsStale;

  private final RecentTransactions recent;
  private final List<Shape> touched = new ArrayList<>();
  private final List<Shape> unpublished = new ArrayList<>();
  private final Map<Shape, String> failed = new LinkedHashMap<>();
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
   * @param rootsOfPartitions looks up for each partition below the given tables which of them it is
   *     below
   */
  ChangeRouter(
      Journal journal,
      BiConsumer<Shape, String> drop,
      Function<Set<Integer>, Map<Integer, Set<Integer>>> rootsOfPartitions) {
    this.journal = journal;
    this.recent = journal.recent();
    this.drop = drop;
    this.rootsOfPartitions = rootsOfPartitions;
  }

  /** From now on {@code hint} is told when a table of shapes may have been altered. */
  void onAlteration(Runnable hint) {
    onAlteration = hint;
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
      ShapeDefinition definition = shape.definition();
      shapesByTable.computeIfAbsent(definition.oid(), o -> new ArrayList<>()).add(shape);
      shape.registeredAt(recent.count());
      // If the table has changed since, its new description comes before its next change.
      routesOf(shape).forEach(route -> route.add(shape));
      isRootsStale |= definition.isPartitioned();
    } finally {
      lock.unlock();
    }
  }

  private Stream<Route> routesOf(Shape shape) {
    int oid = shape.definition().oid();
    return shape.definition().isPartitioned()
        ? routes.values().stream().filter(route -> route.isOf(oid))
        : Stream.ofNullable(routes.get(oid));
  }

  void unregister(Shape shape) {
    lock.lock();
    try {
      int oid = shape.definition().oid();
      List<Shape> shapes = shapesByTable.get(oid);
      if (shapes != null && shapes.remove(shape) && shapes.isEmpty()) {
        shapesByTable.remove(oid);
      }
      routesOf(shape).forEach(route -> route.remove(shape));
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
      shape.decide(snapshot).ifPresent(doubt -> drop.accept(shape, doubt.reason()));
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
      failed.clear();
      routes.clear();
      isRootsStale = true;
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

  /** A table of the stream, and the shapes that its changes are brought to. */
  private static final class Route {

    private final Relation relation;
    private final Set<Integer> roots;
    private final List<Follower> followers = new ArrayList<>();

    Route(Relation relation, Set<Integer> roots) {
      this.relation = relation;
      this.roots = roots;
    }

    /** Whether changes of the table are changes of the table {@code oid}. */
    boolean isOf(int oid) {
      return relation.oid() == oid || roots.contains(oid);
    }

    void add(Shape shape) {
      followers.add(new Follower(shape, shape.encoder().layout(relation)));
    }

    void remove(Shape shape) {
      followers.removeIf(follower -> follower.shape() == shape);
    }
  }

  /**
   * A shape that gets the changes of a table.
   *
   * @param layout null if the table is not as the shape knows it
   */
  private record Follower(Shape shape, MessageEncoder.@Nullable Layout layout) {}

  @Override
  public void relation(Relation relation) {
    Route route = follow(relation);
    // It may have become a partition, or ceased to be one: the stream would not say more than this.
    isRootsStale = true;
    for (Follower follower : List.copyOf(route.followers)) {
      ShapeDefinition definition = follower.shape().definition();
      if (follower.layout() == null) {
        end(follower.shape(), "its table was altered");
      } else if (definition.oid() == relation.oid()
          && !definition.relation().equals(relation.name())) {
        end(follower.shape(), "its table was renamed");
      }
    }
    shapesByTable.values().stream()
        .filter(shapes -> shapes.getFirst().definition().relation().equals(relation.name()))
        .filter(shapes -> shapes.getFirst().definition().oid() != relation.oid())
        .flatMap(List::stream)
        .toList()
        .forEach(shape -> end(shape, "another table has its name"));
    if (!route.followers.isEmpty()) {
      onAlteration.run();
    }
  }

  private Route follow(Relation relation) {
    Route route = new Route(relation, roots.getOrDefault(relation.oid(), Set.of()));
    shapesOf(relation.oid()).forEach(route::add);
    route.roots.forEach(root -> shapesOf(root).forEach(route::add));
    routes.put(relation.oid(), route);
    return route;
  }

  private List<Shape> shapesOf(int table) {
    return shapesByTable.getOrDefault(table, List.of());
  }

  private List<Follower> followersOf(int relation) {
    if (isRootsStale) {
      lookUpRoots();
    }
    Route route = routes.get(relation);
    return route == null ? List.of() : route.followers;
  }

  private void lookUpRoots() {
    Set<Integer> partitioned = new HashSet<>();
    shapesByTable.forEach((oid, shapes) -> {
      if (shapes.getFirst().definition().isPartitioned()) {
        partitioned.add(oid);
      }
    });
    roots = partitioned.isEmpty() ? Map.of() : rootsOfPartitions.apply(partitioned);
    isRootsStale = false;
    List<Route> moved =
        routes.values().stream()
            .filter(
                route -> !route.roots.equals(roots.getOrDefault(route.relation.oid(), Set.of())))
            .toList();
    moved.forEach(route -> follow(route.relation));
    if (!moved.isEmpty()) {
      onAlteration.run();
    }
  }

  /**
   * The transaction at hand has done to a table what its shape cannot follow. If the snapshot saw
   * it, it was before the shape; while there is no snapshot yet, it has to be seen.
   */
  private void end(Shape shape, String reason) {
    if (isRepeated || shape.snapshotSees(xid, commitLsn)) {
      return;
    }
    if (!shape.doubt(new Shape.Doubt(reason, xid, commitLsn))) {
      drop.accept(shape, reason);
    }
  }

  @Override
  public void insert(int relation, Tuple row) {
    for (Follower follower : followersOf(relation)) {
      try {
        insert(follower, row);
      } catch (RuntimeException e) {
        failed(follower.shape(), e);
      }
    }
    dropFailed();
    op += 2;
  }

  private void insert(Follower follower, Tuple row) {
    if (isConcerned(follower)) {
      Shape shape = follower.shape();
      message.clear();
      shape.encoder().insert(message, row, op);
      append(shape, op);
    }
  }

  @Override
  public void update(int relation, @Nullable Tuple old, boolean oldIsWhole, Tuple row) {
    for (Follower follower : followersOf(relation)) {
      try {
        update(follower, old, oldIsWhole, row);
      } catch (RuntimeException e) {
        failed(follower.shape(), e);
      }
    }
    dropFailed();
    op += 2;
  }

  private void update(Follower follower, @Nullable Tuple old, boolean oldIsWhole, Tuple row) {
    if (!isConcerned(follower)) {
      return;
    }
    Shape shape = follower.shape();
    MessageEncoder encoder = shape.encoder();
    encoder.requireOldRow(oldIsWhole);
    message.clear();
    if (old != null && encoder.isKeyChanged(old, row)) {
      encoder.keyChangeDelete(message, old, oldIsWhole, row, op);
      append(shape, op);
      message.clear();
      encoder.keyChangeInsert(message, old, oldIsWhole, row, op + 1);
      append(shape, op + 1);
    } else if (encoder.update(message, oldIsWhole ? old : null, row, op)) {
      append(shape, op);
    }
  }

  @Override
  public void delete(int relation, Tuple old, boolean oldIsWhole) {
    for (Follower follower : followersOf(relation)) {
      try {
        delete(follower, old, oldIsWhole);
      } catch (RuntimeException e) {
        failed(follower.shape(), e);
      }
    }
    dropFailed();
    op += 2;
  }

  private void delete(Follower follower, Tuple old, boolean oldIsWhole) {
    if (isConcerned(follower)) {
      Shape shape = follower.shape();
      shape.encoder().requireOldRow(oldIsWhole);
      message.clear();
      shape.encoder().delete(message, old, oldIsWhole, op);
      append(shape, op);
    }
  }

  /**
   * A change could not be brought to a shape: it has to begin anew, and the others go on. Not so
   * when the disk fails, which is nobody's fault and concerns all.
   */
  private void failed(Shape shape, RuntimeException cause) {
    switch (cause) {
      case UncheckedIOException disk -> throw disk;
      case IncompleteRowException incomplete -> {}
      default -> log.error("cannot bring a change to shape {}", shape.handle(), cause);
    }
    failed.put(shape, String.valueOf(cause.getMessage()));
  }

  private void dropFailed() {
    if (!failed.isEmpty()) {
      failed.forEach(drop);
      failed.clear();
    }
  }

  @Override
  public void truncate(int[] truncated) {
    for (int relation : truncated) {
      List.copyOf(followersOf(relation))
          .forEach(follower -> end(follower.shape(), "its table was truncated"));
      op += 2;
    }
  }

  private boolean isConcerned(Follower follower) {
    Shape shape = follower.shape();
    MessageEncoder.Layout layout = follower.layout();
    if (isRepeated || shape.snapshotSees(xid, commitLsn)) {
      return false;
    }
    if (layout == null) {
      String reason = "its table was altered";
      if (!shape.doubt(new Shape.Doubt(reason, xid, commitLsn))) {
        failed.put(shape, reason);
      }
      return false;
    }
    if (shape.touch()) {
      touched.add(shape);
      shape.encoder().begin(commitLsn, xid);
    }
    shape.encoder().follow(layout);
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
              shapesByTable.values().stream()
                  .flatMap(List::stream)
                  .forEach(shape -> shape.log().leave(segment)));
    }
  }
}
