package dev.millrace.server.shape;

import dev.millrace.protocol.Lsn;
import dev.millrace.server.filter.CompiledFilter;
import dev.millrace.server.postgres.ChangeSink;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.postgres.Relation;
import dev.millrace.server.postgres.Tuple;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings each change to the shapes it touches. The thread that follows the slot calls it as a
 * {@link ChangeSink}; what it gathers ({@link GatheredChanges}) becomes visible at the end of a
 * transaction, several transactions at a time while the stream is busy. What only Postgres can
 * decide goes to the {@link Delegation}, and comes back as {@link DecidedChanges}.
 *
 * <p>The lock is held from a transaction's begin to its commit, so a shape is registered between
 * transactions only, and sees each from its start.
 */
public final class ChangeRouter implements ChangeSink {

  private static final Logger log = LoggerFactory.getLogger(ChangeRouter.class);

  private static final String STIRRED = "what its rows depend on has changed";

  private final Journal journal;
  private final BiConsumer<Shape, String> drop;
  private final Function<Set<Integer>, Map<Integer, Set<Integer>>> rootsOfPartitions;
  private final Delegation delegation;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition whole = lock.newCondition();
  private final GatheredChanges gathered;
  private final DecidedChanges decided;
  private volatile Runnable onAlteration = () -> {};
  private volatile Runnable onPolicies = () -> {};
  private volatile Optional<Mover> mover = Optional.empty();

  // Guarded by the lock.
  private final Map<Integer, TableShapes> tables = new HashMap<>();
  private final Map<Integer, Route> routes = new HashMap<>();

  /** For each partition of a shape's table the tables of shapes that it is below. */
  private Map<Integer, Set<Integer>> roots = Map.of();

  /** Whether the stream or a new shape may know of partitions that {@link #roots} does not. */
  private boolean isRootsStale;

  private final RecentTransactions recent;
  private final List<Shape> touched = new ArrayList<>();
  private final List<Undecided> touchedUndecided = new ArrayList<>();
  private final Map<Shape, String> failed = new LinkedHashMap<>();
  private final ByteBuilder message = new ByteBuilder(4096);

  /** Whether the stream has left a transaction there in part. */
  private boolean isBroken;

  private long commitLsn;
  private int xid;
  private long op;
  private boolean isRepeated;

  /** Where the stream is, which after a new beginning may be before what was gathered. */
  private long streamed;

  /** Whether transactions may come that were undecided when the stream broke off. */
  private boolean isRepeating;

  /**
   * @param drop removes a shape, given the reason; called under the lock
   * @param rootsOfPartitions looks up for each partition below the given tables which of them it is
   *     below
   * @param delegation decides what the router cannot
   */
  ChangeRouter(
      Journal journal,
      BiConsumer<Shape, String> drop,
      Function<Set<Integer>, Map<Integer, Set<Integer>>> rootsOfPartitions,
      Delegation delegation) {
    this.journal = journal;
    this.recent = journal.recent();
    this.drop = drop;
    this.rootsOfPartitions = rootsOfPartitions;
    this.delegation = delegation;
    this.gathered =
        new GatheredChanges(journal, Collections.unmodifiableCollection(tables.values()));
    this.decided = new DecidedChanges(lock, journal, gathered, delegation.holds(), drop);
    delegation.showTo(decided);
  }

  /** From now on {@code hint} is told when a table of shapes may have been altered. */
  void onAlteration(Runnable hint) {
    onAlteration = hint;
  }

  /** From now on {@code hint} is told when policies may have been altered. */
  void onPolicies(Runnable hint) {
    onPolicies = hint;
  }

  /** Brings shapes on whose rows depend on other tables; under the router's lock. */
  interface Mover {

    boolean canMove(Shape shape);

    /** Begins to move a shape that was suspended before a transaction, and returns. */
    void begin(Shape shape, long tx, int xid);
  }

  /** From now on shapes are given to {@code mover} where they can be brought on. */
  void moveBy(Mover mover) {
    this.mover = Optional.of(mover);
  }

  /** Where the journal says the stream had been followed to. */
  void startAt(long recovered) {
    gathered.startAt(recovered);
  }

  /** The log position up to which shapes show everything. Any thread. */
  public long publishedPosition() {
    return gathered.publishedPosition();
  }

  /** From the next transaction on, {@code shape} gets its changes. */
  void register(Shape shape) {
    lock.lock();
    try {
      table(shape.definition()).add(shape);
      watch(shape);
      shape.registeredAt(recent.count());
    } finally {
      lock.unlock();
    }
  }

  private TableShapes table(ShapeDefinition definition) {
    TableShapes table = tables.get(definition.oid());
    if (table == null) {
      table = new TableShapes(definition, delegation);
      tables.put(definition.oid(), table);
      // If the table has changed since, its new description comes before its next change.
      routesTo(definition).forEach(route -> follow(route.relation()));
    }
    isRootsStale |= definition.isPartitioned();
    return table;
  }

  private void watch(Shape shape) {
    List<ShapeDefinition> dependencies = shape.definition().dependencies();
    List<CompiledFilter> filters = shape.dependencyFilters();
    for (int i = 0; i < dependencies.size(); i++) {
      ShapeDefinition values = dependencies.get(i);
      CompiledFilter filter = i < filters.size() ? filters.get(i) : null;
      table(values).watch(new Watch(shape, values, filter));
    }
  }

  private void unwatch(Shape shape) {
    for (ShapeDefinition values : shape.definition().dependencies()) {
      TableShapes table = tables.get(values.oid());
      if (table != null) {
        table.unwatch(shape);
        removeIfEmpty(table, values);
      }
    }
  }

  private void removeIfEmpty(TableShapes table, ShapeDefinition definition) {
    if (table.isEmpty() && tables.remove(definition.oid(), table)) {
      routesTo(definition).forEach(route -> follow(route.relation()));
    }
  }

  private List<Route> routesTo(ShapeDefinition definition) {
    return definition.isPartitioned()
        ? routes.values().stream().filter(route -> route.isOf(definition.oid())).toList()
        : Stream.ofNullable(routes.get(definition.oid())).toList();
  }

  void unregister(Shape shape) {
    lock.lock();
    try {
      leave(shape);
      shape.log().close();
    } finally {
      lock.unlock();
    }
  }

  private boolean isRegistered(Shape shape) {
    TableShapes table = tables.get(shape.definition().oid());
    return table != null && table.has(shape);
  }

  private void leave(Shape shape) {
    ShapeDefinition definition = shape.definition();
    TableShapes table = tables.get(definition.oid());
    if (table != null) {
      table.remove(shape);
      removeIfEmpty(table, definition);
    }
    unwatch(shape);
  }

  // --- shapes whose rows depend on other tables ---

  /** Waits until no transaction is there in part: what is gathered may be shown. Under the lock. */
  private void awaitWhole() throws InterruptedException {
    while (isBroken) {
      whole.await();
    }
  }

  /** Shows all that a suspended shape has, and begins to move it into files. */
  void settle(Shape shape) throws InterruptedException {
    lock.lock();
    try {
      awaitWhole();
      if (shape.isEnqueued()) {
        gathered.publish();
      }
      shape.log().seal();
    } finally {
      lock.unlock();
    }
  }

  /** From the next transaction on a suspended shape gets changes again, which are kept aside. */
  void resume(Shape shape) {
    lock.lock();
    try {
      shape.resume();
      register(shape);
    } finally {
      lock.unlock();
    }
  }

  /** Undoes {@link #resume}. */
  void suspend(Shape shape) throws InterruptedException {
    lock.lock();
    try {
      awaitWhole();
      if (shape.isEnqueued()) {
        gathered.publish();
      }
      leave(shape);
      shape.log().forgetAside();
    } finally {
      lock.unlock();
    }
  }

  /** Whether a snapshot lacks what came before a shape was registered. */
  boolean isAnyMissing(Shape shape, PgSnapshot snapshot) {
    lock.lock();
    try {
      return recent.isAnyMissingIn(snapshot, shape.registeredAt());
    } finally {
      lock.unlock();
    }
  }

  /**
   * The rows of a resumed shape were read anew, and it goes on.
   *
   * @param chunks what they differ by from those of before
   * @return the transaction before which it is suspended again
   */
  Optional<Shape.Doubt> moved(Shape shape, PgSnapshot seen, List<SealedChunk> chunks)
      throws InterruptedException {
    Optional<Shape.Doubt> next;
    lock.lock();
    try {
      awaitWhole();
      if (shape.isDropped()) {
        return Optional.empty();
      }
      if (shape.isEnqueued()) {
        gathered.publish();
      }
      next = shape.moved(seen, chunks);
      shape.decide(seen).ifPresent(doubt -> drop.accept(shape, doubt.reason()));
      shape.goesOnUntil(next);
      if (next.isPresent()) {
        leave(shape);
      }
    } finally {
      lock.unlock();
    }
    shape.waiters().wakeAll();
    return next;
  }

  /** The shapes whose filters are not ready. */
  List<Shape> unprepared() {
    lock.lock();
    try {
      return tables.values().stream().flatMap(table -> table.unprepared().stream()).toList();
    } finally {
      lock.unlock();
    }
  }

  /** The filter of {@code shape} is ready now. */
  void prepared(Shape shape) {
    lock.lock();
    try {
      TableShapes table = tables.get(shape.definition().oid());
      if (table != null) {
        table.prepared(shape);
        unwatch(shape);
        watch(shape);
      }
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

  /** Goes to {@code lsn} without changes; {@code dropAll} removes the shapes there are. */
  void beginAnew(long lsn, Runnable dropAll) {
    lock.lock();
    try {
      dropAll.run();
      journal.skipTo(lsn);
      gathered.startAt(lsn);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The stream is about to be followed from {@code start} on; what is there was undecided, or is
   * known.
   */
  public void followFrom(long start) {
    lock.lock();
    try {
      streamed = start;
      isRepeating = delegation.isAnyFollowed();
      if (isRepeating) {
        delegation.repeatFrom(start);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether what an earlier run of the stream left undecided has to be brought again. */
  public boolean isAnyDelegated() {
    lock.lock();
    try {
      return delegation.isAnyFollowed();
    } finally {
      lock.unlock();
    }
  }

  /** Lets others in after the stream broke off in a transaction; {@link #abort} has to follow. */
  public void release() {
    if (lock.isHeldByCurrentThread()) {
      // What they showed would show what there is of the transaction too.
      decided.endRun();
      isBroken = true;
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
      gathered.abort();
      touched.clear();
      touchedUndecided.clear();
      failed.clear();
      routes.clear();
      isRootsStale = true;
      decided.beginRun();
      delegation.rewind(gathered.position());
      journal.reset();
      isBroken = false;
      whole.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void begin(long commitLsn, int xid) {
    lock.lock();
    decided.requireNoFailure();
    this.commitLsn = commitLsn;
    this.xid = xid;
    op = 0;
    // After a reconnect Postgres may begin a little before the position we asked for.
    isRepeated = Long.compareUnsigned(commitLsn, gathered.position()) < 0;
  }

  @Override
  public void relation(Relation relation) {
    Route route = follow(relation);
    // It may have become a partition, or ceased to be one: the stream would not say more than this.
    isRootsStale = true;
    for (Branch branch : route.branches()) {
      ShapeDefinition table = branch.shapes().table();
      boolean isRenamed =
          table.oid() == relation.oid() && !table.relation().equals(relation.name());
      for (Follower follower : List.copyOf(branch.shapes().followers())) {
        if (branch.layout(follower.encoder()) == null) {
          end(follower.shape(), "its table was altered");
        } else if (isRenamed) {
          end(follower.shape(), "its table was renamed");
        }
      }
      branch.shapes().watches().stream()
          .filter(watch -> !watch.isKnownIn(relation))
          .map(Watch::shape)
          .distinct()
          .forEach(shape -> end(shape, "a table that its rows depend on was altered"));
    }
    tables.values().stream()
        .filter(table -> table.table().relation().equals(relation.name()))
        .filter(table -> table.oid() != relation.oid())
        .flatMap(table -> table.shapes().stream())
        .toList()
        .forEach(shape -> end(shape, "another table has its name"));
    if (!route.branches().isEmpty()) {
      onAlteration.run();
    }
  }

  @Override
  public void alteration() {
    // It was committed before it was sent.
    onAlteration.run();
    onPolicies.run();
  }

  private Route follow(Relation relation) {
    Set<Integer> above = roots.getOrDefault(relation.oid(), Set.of());
    List<TableShapes> followed =
        Stream.concat(Stream.of(relation.oid()), above.stream())
            .map(tables::get)
            .filter(Objects::nonNull)
            .toList();
    Route route = new Route(relation, above, followed);
    routes.put(relation.oid(), route);
    return route;
  }

  private List<Branch> branchesOf(int relation) {
    if (isRootsStale) {
      lookUpRoots();
    }
    Route route = routes.get(relation);
    return route == null ? List.of() : route.branches();
  }

  private void lookUpRoots() {
    Set<Integer> partitioned = new HashSet<>();
    tables.forEach((oid, table) -> {
      if (table.table().isPartitioned()) {
        partitioned.add(oid);
      }
    });
    roots = partitioned.isEmpty() ? Map.of() : rootsOfPartitions.apply(partitioned);
    isRootsStale = false;
    List<Route> moved =
        routes.values().stream()
            .filter(route ->
                !route.roots().equals(roots.getOrDefault(route.relation().oid(), Set.of())))
            .toList();
    moved.forEach(route -> follow(route.relation()));
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
    if (!shape.doubt(new Shape.Doubt(reason, false, xid, commitLsn))) {
      drop.accept(shape, reason);
    }
  }

  /**
   * What these shapes depend on may have changed: they stop before the transaction at hand, or end
   * where that cannot be.
   */
  private void stir(List<Shape> shapes) {
    for (Shape shape : shapes) {
      if (isRepeated || shape.snapshotSees(xid, commitLsn)) {
        continue;
      }
      boolean isStopped = shape.isSuspended() && !isRegistered(shape);
      if (isStopped || shape.doubt(new Shape.Doubt(STIRRED, true, xid, commitLsn))) {
        continue;
      }
      // Two records may adjoin in Postgres' log: what is before a transaction may be where it is.
      long before = Long.compareUnsigned(streamed, commitLsn) < 0 ? streamed : commitLsn - 1;
      Optional<Mover> able =
          mover.filter(one ->
              !shape.isSuspended()
                  && one.canMove(shape)
                  && isUnshown(shape)
                  && shape.suspend(before));
      if (able.isPresent()) {
        leave(shape);
        able.get().begin(shape, commitLsn, xid);
      } else {
        drop.accept(shape, STIRRED);
      }
    }
  }

  @Override
  public void insert(int relation, Tuple row) {
    for (Branch branch : branchesOf(relation)) {
      for (Follower follower : branch.inserted(row)) {
        try {
          insert(branch, follower, row);
        } catch (RuntimeException e) {
          failed(follower.shape(), e);
        }
      }
      stir(branch.stirred());
    }
    dropFailed();
    op += 2;
  }

  /** Whether the shape has nothing of the transaction at hand, or not any more. */
  private boolean isUnshown(Shape shape) {
    if (!shape.isTouched()) {
      return true;
    }
    if (!shape.log().takeBack()) {
      return false;
    }
    shape.untouch();
    touched.remove(shape);
    return true;
  }

  private static List<Shape> watchers(Branch branch) {
    return branch.shapes().watches().stream().map(Watch::shape).distinct().toList();
  }

  private void insert(Branch branch, Follower follower, Tuple row) {
    if (!isConcerned(branch, follower)) {
      return;
    }
    Undecided undecided = follower.undecided();
    if (undecided != null) {
      setAside(undecided, new RowChanges(follower.encoder(), op).insert(row));
      return;
    }
    message.clear();
    follower.encoder().insert(message, row, op);
    append(follower, op);
  }

  private void setAside(Undecided undecided, UndecidedChange change) {
    undecided.add(change, decided.run(), commitLsn, xid);
  }

  @Override
  public void update(int relation, @Nullable Tuple old, boolean oldIsWhole, Tuple row) {
    for (Branch branch : branchesOf(relation)) {
      if (!oldIsWhole) {
        failFiltered(branch);
      }
      for (Follower follower :
          old != null && oldIsWhole ? branch.updated(old, row) : branch.unfiltered()) {
        try {
          update(branch, follower, old, oldIsWhole, row);
        } catch (RuntimeException e) {
          failed(follower.shape(), e);
        }
      }
      stir(old != null && oldIsWhole ? branch.stirred() : watchers(branch));
    }
    dropFailed();
    op += 2;
  }

  private void update(
      Branch branch, Follower follower, @Nullable Tuple old, boolean oldIsWhole, Tuple row) {
    if (!isConcerned(branch, follower)) {
      return;
    }
    MessageEncoder encoder = follower.encoder();
    encoder.requireOldRow(oldIsWhole);
    Undecided undecided = follower.undecided();
    if (undecided != null && old != null) {
      setAside(
          undecided,
          new RowChanges(encoder, op)
              .update(
                  branch.shapes().hadOld(follower), branch.shapes().hasNew(follower), old, row));
      return;
    }
    message.clear();
    if (old == null || (branch.shapes().hadOld(follower) && branch.shapes().hasNew(follower))) {
      change(follower, old, oldIsWhole, row);
    } else if (branch.shapes().hasNew(follower)) {
      encoder.enter(message, old, row, op);
      append(follower, op);
    } else {
      encoder.delete(message, old, true, op);
      append(follower, op);
    }
  }

  /** Tells of a row that was in the shape and still is. */
  private void change(Follower follower, @Nullable Tuple old, boolean oldIsWhole, Tuple row) {
    MessageEncoder encoder = follower.encoder();
    if (old != null && encoder.isKeyChanged(old, row)) {
      encoder.keyChangeDelete(message, old, oldIsWhole, row, op);
      append(follower, op);
      message.clear();
      encoder.keyChangeInsert(message, old, oldIsWhole, row, op + 1);
      append(follower, op + 1);
    } else if (encoder.update(message, oldIsWhole ? old : null, row, op)) {
      append(follower, op);
    }
  }

  @Override
  public void delete(int relation, Tuple old, boolean oldIsWhole) {
    for (Branch branch : branchesOf(relation)) {
      if (!oldIsWhole) {
        failFiltered(branch);
      }
      for (Follower follower : oldIsWhole ? branch.deleted(old) : branch.unfiltered()) {
        try {
          delete(branch, follower, old, oldIsWhole);
        } catch (RuntimeException e) {
          failed(follower.shape(), e);
        }
      }
      stir(oldIsWhole ? branch.stirred() : watchers(branch));
    }
    dropFailed();
    op += 2;
  }

  private void delete(Branch branch, Follower follower, Tuple old, boolean oldIsWhole) {
    if (!isConcerned(branch, follower)) {
      return;
    }
    follower.encoder().requireOldRow(oldIsWhole);
    Undecided undecided = follower.undecided();
    if (undecided != null) {
      setAside(undecided, new RowChanges(follower.encoder(), op).delete(old));
      return;
    }
    message.clear();
    follower.encoder().delete(message, old, oldIsWhole, op);
    append(follower, op);
  }

  /** Whether a row was in a shape cannot be told without the row. */
  private void failFiltered(Branch branch) {
    for (Follower follower : branch.shapes().filtered()) {
      if (isConcerned(branch, follower)) {
        failed(follower.shape(), new IncompleteRowException(branch.shapes().table().relation()));
      }
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
      default ->
          log.atError()
              .addKeyValue("shape", shape.handle())
              .addKeyValue("table", shape.definition().relation())
              .addKeyValue("lsn", new Lsn(commitLsn))
              .setCause(cause)
              .log("cannot bring a change to a shape");
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
      for (Branch branch : branchesOf(relation)) {
        List.copyOf(branch.shapes().shapes())
            .forEach(shape -> end(shape, "its table was truncated"));
        stir(watchers(branch));
      }
      op += 2;
    }
  }

  private boolean isConcerned(Branch branch, Follower follower) {
    Shape shape = follower.shape();
    Undecided undecided = follower.undecided();
    boolean isKnown = undecided == null ? isRepeated : undecided.has(commitLsn);
    if (isKnown || shape.snapshotSees(xid, commitLsn)) {
      return false;
    }
    follower.requireAnswer();
    MessageEncoder.Layout layout = branch.layout(follower.encoder());
    if (layout == null) {
      String reason = "its table was altered";
      if (!shape.doubt(new Shape.Doubt(reason, false, xid, commitLsn))) {
        failed.put(shape, reason);
      }
      return false;
    }
    if (undecided == null) {
      if (shape.touch()) {
        touched.add(shape);
        if (!shape.definition().dependencies().isEmpty()) {
          shape.log().mark();
        }
      }
    } else if (undecided.touch()) {
      touchedUndecided.add(undecided);
    }
    follower.encoder().begin(commitLsn, xid);
    follower.encoder().follow(layout);
    return true;
  }

  private void append(Follower follower, long messageOp) {
    gathered.gathered(message.size());
    follower.shape().log().append(message, commitLsn, messageOp, xid, follower.encoder().growth());
  }

  @Override
  public void commit(long endLsn) {
    try {
      recent.add(xid);
      for (Shape shape : touched) {
        shape.untouch();
        gathered.endTransaction(shape);
      }
      touched.clear();
      for (Undecided undecided : touchedUndecided) {
        delegation.holds().open(commitLsn, streamed);
        undecided.commit(decided.run(), commitLsn, xid, streamed);
      }
      touchedUndecided.clear();
      reached(endLsn);
      gathered.publishIfDue();
    } finally {
      lock.unlock();
    }
  }

  private void reached(long lsn) {
    streamed = lsn;
    if (Long.compareUnsigned(lsn, gathered.position()) >= 0) {
      gathered.reached(lsn);
      if (isRepeating) {
        isRepeating = false;
        delegation.reached();
      }
    }
  }

  @Override
  public void caughtUp(long lsn) {
    if (lsn == streamed) {
      return;
    }
    lock.lock();
    try {
      reached(lsn);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void pause() {
    decided.requireNoFailure();
    if (!gathered.isDueInQuiet()) {
      return;
    }
    lock.lock();
    try {
      gathered.publish();
    } finally {
      lock.unlock();
    }
  }
}
