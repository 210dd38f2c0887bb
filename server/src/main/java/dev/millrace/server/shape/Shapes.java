package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import dev.millrace.protocol.ShapeHandle;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.postgres.Publication;
import dev.millrace.server.postgres.PublicationException;
import dev.millrace.server.postgres.PublishedTable;
import dev.millrace.server.postgres.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All shapes of the server: creates, finds, restores and drops them. Any thread.
 *
 * <p>A shape is made in this order, which leaves no gap between snapshot and log: the table is
 * published; the shape is registered with the router, whose changes it keeps aside; the snapshot
 * begins and says which transactions it sees; of the changes kept aside those are dropped.
 */
public final class Shapes implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Shapes.class);

  private static final int SNAPSHOT_THREADS = 8;
  private static final int WAITING_SNAPSHOTS = 10_000;
  private static final int SNAPSHOT_ATTEMPTS = 50;
  private static final long SNAPSHOT_RETRY_MILLIS = 100;
  private static final Duration SUBSET_TIMEOUT = Duration.ofSeconds(30);

  /** Subsets read at once: they must not take all connections, however long they take. */
  private static final int SUBSETS_AT_ONCE = 8;

  private static final long SUBSET_WAIT_MILLIS = 10_000;
  private static final long NOTE_USE_MILLIS = 50_000;

  /** Up to here a new client reads the log of a small table (protocol section 10.2). */
  private static final long REPLAY_BYTES = 16 << 20;

  private static final int REPLAY_CHUNKS = 4;

  /** After this a failed attempt to make a successor is repeated. */
  private static final long RENEWAL_RETRY_MILLIS = 10_000;

  /** How many shapes of one definition may have been superseded and still be there. */
  private static final int MOST_SUPERSEDED = 3;

  private final Settings settings;
  private final Database database;
  private final Publication publication;
  private final InstantSource clock;
  private final Journal journal;
  private final ChunkSealer sealer = new ChunkSealer();
  private final ShapeLog.LogContext logContext;
  private final ChangeRouter router;
  private final TablePublisher publisher;
  private final ExecutorService snapshots;
  private final ShapeExpiry expiry;
  private final Upkeep upkeep = new Upkeep(this::makeRound);

  private final Map<ShapeHandle, Shape> byHandle = new ConcurrentHashMap<>();
  private final Map<ShapeDefinition, Shape> byDefinition = new ConcurrentHashMap<>();

  /** Dropped shapes some of whose files are still there. */
  private final Set<Shape> undeleted = ConcurrentHashMap.newKeySet();

  private final AtomicInteger lastNumber = new AtomicInteger();
  private final ShapeCounts counts = new ShapeCounts();
  private final Semaphore subsets = new Semaphore(SUBSETS_AT_ONCE, true);
  private long useNotedAt;

  /**
   * Where shapes are kept and how large they may grow.
   *
   * @param chunkBytes where a chunk ends; the message that crosses it is its last
   * @param hotBytes how much of the newest log messages stays in memory
   * @param maxShapes above it those nobody has used for longest go
   */
  public record Settings(Path folder, long chunkBytes, long hotBytes, int maxShapes) {

    Path shapes() {
      return folder.resolve("shapes");
    }

    Path subsets() {
      return folder.resolve("subsets");
    }

    long replayBytes() {
      return Math.min(REPLAY_BYTES, REPLAY_CHUNKS * chunkBytes);
    }
  }

  private Shapes(
      Settings settings, Database database, Publication publication, InstantSource clock) {
    this.settings = settings;
    this.database = database;
    this.publication = publication;
    this.clock = clock;
    this.journal = Journal.open(settings.folder().resolve("journal"));
    this.logContext =
        new ShapeLog.LogContext(
            journal, new HotMessages(settings.hotBytes()), sealer, settings.chunkBytes());
    this.router =
        new ChangeRouter(
            journal,
            (shape, reason) -> drop(shape, DropCause.TABLE, reason),
            publication::rootsOfPartitions);
    this.publisher = new TablePublisher(publication);
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            SNAPSHOT_THREADS,
            SNAPSHOT_THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING_SNAPSHOTS),
            Thread.ofPlatform().daemon().name("snapshot-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    this.snapshots = pool;
    this.expiry = new ShapeExpiry(settings.maxShapes());
  }

  /** Opens the shapes kept in the settings' folder, each as it was. */
  public static Shapes open(
      Settings settings, Database database, Publication publication, InstantSource clock) {
    Shapes shapes = new Shapes(settings, database, publication, clock);
    try {
      shapes.restore();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    shapes.sealer.start();
    shapes.upkeep.start();
    shapes.upkeep.makeRound(Duration.ZERO);
    return shapes;
  }

  private void restore() throws IOException {
    Disk.delete(settings.subsets());
    Files.createDirectories(settings.shapes());
    Map<Integer, Shape> restored = new TreeMap<>();
    for (Path folder : folders()) {
      restore(folder).ifPresent(shape -> restored.put(shape.number(), shape));
    }
    journal.recover((number, batch) -> {
      lastNumber.accumulateAndGet(number, Math::max);
      Shape shape = restored.get(number);
      if (shape != null) {
        shape.recovered(batch);
      }
    });
    restored.values().forEach(this::add);
    router.startAt(journal.committedPosition());
    log.info("restored {} shapes, log position {}", restored.size(), journal.committedPosition());
  }

  private List<Path> folders() throws IOException {
    try (Stream<Path> folders = Files.list(settings.shapes())) {
      return folders.toList();
    }
  }

  private Optional<Shape> restore(Path folder) throws IOException {
    try {
      ShapeFile file = ShapeFile.read(folder);
      lastNumber.accumulateAndGet(file.number(), Math::max);
      Shape shape =
          new Shape(
              file.number(),
              file.handle(),
              file.definition(),
              folder,
              Snapshot.restore(
                  folder.resolve("snapshot"), file.snapshotChunks(), file.snapshotRows()),
              ShapeLog.restore(file.number(), logContext, folder.resolve("log")));
      shape.restored(file);
      shape.used(ShapeFile.lastUse(folder));
      return Optional.of(shape);
    } catch (IOException e) {
      log.info("removing the unfinished shape in {}: {}", folder.getFileName(), e.toString());
      Disk.delete(folder);
      return Optional.empty();
    }
  }

  /** Older shapes come before newer ones, so the newest of a definition is for new clients. */
  private void add(Shape shape) {
    byHandle.put(shape.handle(), shape);
    Shape older = byDefinition.put(shape.definition(), shape);
    if (older != null) {
      older.supersede(clock.millis());
    }
    router.register(shape);
  }

  public ChangeRouter router() {
    return router;
  }

  /** The log position up to which everything is on disk, and Postgres may forget. */
  public long durablePosition() {
    return journal.durablePosition();
  }

  /** The log position from which the stream has to go on. */
  public long committedPosition() {
    return journal.committedPosition();
  }

  /** How many shapes there are. */
  public int count() {
    return byHandle.size();
  }

  public ShapeCounts counts() {
    return counts;
  }

  /**
   * Whether what comes from Postgres cannot be kept at the moment, in a word for {@code health}.
   */
  public Optional<String> diskTrouble() {
    return Optional.ofNullable(journal.failure())
        .map(failure -> Disk.isFull(failure) ? "disk_full" : "disk_failed");
  }

  /** The shape of that definition; one that is just being dropped does not count any more. */
  public Optional<Shape> find(ShapeDefinition definition) {
    return Optional.ofNullable(byDefinition.get(definition)).filter(shape -> !shape.isDropped());
  }

  public Optional<Shape> find(ShapeHandle handle) {
    Shape found = byHandle.get(handle);
    if (found != null) {
      found.used(clock.millis());
    }
    return Optional.ofNullable(found);
  }

  /** The shape of that definition; begins to make it if there is none. */
  public Shape findOrCreate(ShapeDefinition definition) {
    Optional<Shape> found = find(definition);
    if (found.isPresent()) {
      found.get().describe(definition);
      found.get().used(clock.millis());
      renewIfNeeded(found.get());
      return found.get();
    }
    Shape created;
    synchronized (this) {
      found = find(definition);
      if (found.isPresent()) {
        return found.get();
      }
      created = create(definition);
      byHandle.put(created.handle(), created);
      byDefinition.put(definition, created);
    }
    begin(created, () -> make(created), () -> {});
    if (expiry.isExceeded(byHandle.size())) {
      upkeep.makeRound(Duration.ZERO);
    }
    return created;
  }

  // --- successors (docs/decisions/008-resnapshot.md) ---

  /**
   * Begins to make a successor of a shape whose log has outgrown its table. Until that is there,
   * new clients get the old one; its own clients stay with it.
   */
  private void renewIfNeeded(Shape old) {
    if (!Download.of(old).isExcessive(settings.replayBytes())
        || !old.snapshot().isFinished()
        || !old.beginRenewal(clock.millis())) {
      return;
    }
    if (!makeWayForSuccessor(old)) {
      old.renewableAt(clock.millis() + RENEWAL_RETRY_MILLIS);
      return;
    }
    Shape next = create(old.definition());
    byHandle.put(next.handle(), next);
    begin(
        next, () -> renew(old, next), () -> old.renewableAt(clock.millis() + RENEWAL_RETRY_MILLIS));
  }

  /** False if too many were superseded a short time ago. */
  private boolean makeWayForSuccessor(Shape old) {
    List<Shape> earlier =
        byHandle.values().stream()
            .filter(shape -> shape.isSuperseded() && shape.definition().equals(old.definition()))
            .sorted(Comparator.comparingInt(Shape::number))
            .toList();
    if (earlier.size() < MOST_SUPERSEDED) {
      return true;
    }
    Shape oldest = earlier.getFirst();
    if (clock.millis() - oldest.supersededAt() < ShapeExpiry.SUPERSEDED_IDLE.toMillis()) {
      return false;
    }
    upkeep.run(() -> drop(oldest, DropCause.EXPIRY, "newer shapes have taken its place"));
    return true;
  }

  private void renew(Shape old, Shape next) {
    make(next);
    if (next.isDropped()) {
      old.renewableAt(clock.millis() + RENEWAL_RETRY_MILLIS);
    } else {
      takePlace(old, next);
    }
  }

  private void takePlace(Shape old, Shape next) {
    log.info("shape {} takes the place of {}", next.handle(), old.handle());
    synchronized (this) {
      Shape current = byDefinition.put(next.definition(), next);
      if (current != null) {
        // The old one, or one made anew after that was dropped.
        current.supersede(clock.millis());
      }
    }
    if (next.isDropped()) {
      byDefinition.remove(next.definition(), next);
    }
  }

  /** A thread for snapshots is taken only once nobody keeps us from reading the table. */
  private void begin(Shape shape, Runnable work, Runnable onFailure) {
    Consumer<Throwable> failed =
        e -> {
          fail(shape, failure(shape, e));
          onFailure.run();
        };
    try {
      publisher.publish(
          TablePublisher.Wanted.by(shape.definition()), () -> snapshots.execute(work), failed);
    } catch (RejectedExecutionException e) {
      failed.accept(e);
    }
  }

  /** What a failure to make a shape means to its clients. */
  private static ShapeException failure(Shape shape, Throwable cause) {
    return switch (cause) {
      case ShapeException e -> e;
      case PublicationException e -> tryLater(e.reason(), e);
      case RejectedExecutionException e -> tryLater("too many new shapes", e);
      case InterruptedException e -> tryLater("the server is stopping", e);
      case DatabaseException e when e.kind() == DatabaseException.Kind.UNDEFINED ->
          new ShapeException(ShapeException.Kind.REFETCH, "the table was altered", e);
      case DatabaseException e when e.isLockTimeout() ->
          tryLater("Snapshot timed out while waiting for a table lock", e);
      case DatabaseException e -> tryLater("Unable to create initial snapshot: " + e.reason(), e);
      default -> {
        log.warn("cannot make the snapshot of shape {}", shape.handle(), cause);
        yield tryLater("Failed to create shape, please retry", cause);
      }
    };
  }

  private static ShapeException tryLater(String message, Throwable cause) {
    return new ShapeException(ShapeException.Kind.TRY_LATER, message, cause);
  }

  private Shape create(ShapeDefinition definition) {
    int number = lastNumber.incrementAndGet();
    ShapeHandle handle = ShapeHandle.of(number, clock.instant());
    Path folder = settings.shapes().resolve(handle.text());
    Shape shape =
        new Shape(
            number,
            handle,
            definition,
            folder,
            Snapshot.begin(folder.resolve("snapshot")),
            new ShapeLog(number, logContext, folder.resolve("log")));
    shape.used(clock.millis());
    return shape;
  }

  private void make(Shape shape) {
    counts.shapeCreated();
    long begun = System.nanoTime();
    try {
      router.register(shape);
      PgSnapshot visibility = takeSnapshot(shape);
      shape.snapshot().force();
      shape.save(
          new ShapeFile(
              shape.number(),
              shape.handle(),
              shape.definition(),
              visibility,
              shape.snapshot().chunkCount(),
              shape.snapshot().rows(),
              shape.footing().orElseThrow()));
      counts.snapshotTaken(System.nanoTime() - begun);
    } catch (IOException | RuntimeException e) {
      fail(shape, failure(shape, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(shape, failure(shape, e));
    } finally {
      if (shape.isDropped()) {
        // It may have been dropped, and its files removed, while more were written.
        deleteFiles(shape);
      }
    }
  }

  private PgSnapshot takeSnapshot(Shape shape) throws InterruptedException {
    for (int attempt = 0; attempt < SNAPSHOT_ATTEMPTS; attempt++) {
      Optional<PgSnapshot> taken =
          database.inSnapshot(
              "taking the snapshot of " + shape.definition().relation(),
              connection -> takeSnapshot(connection, shape));
      if (taken.isPresent()) {
        return taken.get();
      }
      Thread.sleep(SNAPSHOT_RETRY_MILLIS);
    }
    throw new ShapeException(
        ShapeException.Kind.TRY_LATER,
        "a committed transaction is not visible yet, perhaps for want of a synchronous standby",
        null);
  }

  /** Empty if the snapshot misses a transaction that the shape cannot get from the stream. */
  private Optional<PgSnapshot> takeSnapshot(Connection connection, Shape shape)
      throws SQLException {
    ShapeDefinition definition = shape.definition();
    SnapshotQuery query = new SnapshotQuery(connection, definition);
    query.lock();
    PgSnapshot visibility = query.visibility();
    shape.standOn(footing(connection, definition));
    if (!router.decide(shape, visibility)) {
      return Optional.empty();
    }
    if (shape.isDropped()) {
      throw new ShapeException(ShapeException.Kind.REFETCH, "the table was altered", null);
    }
    try (Snapshot.Writer writer = shape.snapshot().new Writer(settings.chunkBytes())) {
      shape.started().complete(shape);
      if (definition.logMode() == ShapeDefinition.LogMode.FULL) {
        query.copyTo(writer);
      }
      MessageEncoder.snapshotEnd(writer.buffer(), visibility);
      writer.finish();
    }
    return Optional.of(visibility);
  }

  /**
   * Reads some rows of a shape as they are now; blocks.
   *
   * @throws SubsetException if the subset cannot be
   * @throws ShapeException if the table is no longer the shape's
   */
  public SubsetRows read(Shape shape, Subset subset) throws InterruptedException {
    if (!subsets.tryAcquire(SUBSET_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
      throw new ShapeException(
          ShapeException.Kind.TRY_LATER, "Too many subset queries, please retry", null);
    }
    try {
      // Before the snapshot: a client may go on from there and miss nothing.
      Offset logEnd = shape.log().end();
      return database.inSnapshot(
          "reading a subset of " + shape.definition().relation(),
          connection -> read(connection, shape.definition(), subset, logEnd));
    } finally {
      subsets.release();
    }
  }

  private SubsetRows read(
      Connection connection, ShapeDefinition definition, Subset subset, Offset logEnd)
      throws SQLException {
    SnapshotQuery query = new SnapshotQuery(connection, definition);
    PgSnapshot visibility = query.visibility();
    query.limitTime(SUBSET_TIMEOUT);
    subset.check(table(connection, definition), connection);
    int mark = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
    Spool rows = new Spool(settings.subsets());
    try {
      query.copyTo(rows, subset, mark);
      rows.finish();
      return new SubsetRows(visibility, logEnd, mark, rows);
    } catch (SQLException | RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  private static Table table(Connection connection, ShapeDefinition definition)
      throws SQLException {
    return Catalog.read(connection, definition.relation())
        .filter(found -> definition.in(found).equals(definition))
        .orElseThrow(
            () -> new ShapeException(ShapeException.Kind.REFETCH, "the table was altered", null));
  }

  /** What the snapshot rests on; it must be of the very table that the shape is to be of. */
  private Footing footing(Connection connection, ShapeDefinition definition) throws SQLException {
    Optional<PublishedTable> table = publication.read(connection, definition.oid());
    if (table.filter(found -> definition.in(found.table()).equals(definition)).isEmpty()) {
      throw new ShapeException(ShapeException.Kind.REFETCH, "the table was altered", null);
    }
    if (table.get().entries().isEmpty()) {
      throw new ShapeException(
          ShapeException.Kind.TRY_LATER, "the table was taken out of the publication", null);
    }
    return Footing.of(table.get());
  }

  /** The shapes that can be compared with the catalogue. */
  List<Shape> standing() {
    return byHandle.values().stream().filter(shape -> shape.footing().isPresent()).toList();
  }

  private void fail(Shape shape, ShapeException cause) {
    shape.started().completeExceptionally(cause);
    shape.snapshot().fail(cause);
    drop(shape, DropCause.SNAPSHOT, cause.reason());
  }

  /**
   * Removes a shape; its readers are told to begin anew. When this returns, a restart will not find
   * the shape again: the caller may let the stream go on past what it has missed.
   */
  public void drop(Shape shape, DropCause cause, String reason) {
    shape.drop();
    if (!byHandle.remove(shape.handle(), shape)) {
      return;
    }
    log.atInfo()
        .addKeyValue("shape", shape.handle())
        .addKeyValue("table", shape.definition().relation())
        .addKeyValue("cause", cause.code())
        .log("dropping a shape: {}", reason);
    counts.shapeDropped(cause.code());
    byDefinition.remove(shape.definition(), shape);
    router.unregister(shape);
    shape.waiters().wakeAll();
    upkeep.run(() -> deleteFiles(shape));
  }

  private void deleteFiles(Shape shape) {
    try {
      Disk.delete(shape.folder());
      undeleted.remove(shape);
      upkeep.run(router::tidyJournal);
    } catch (IOException e) {
      // A chunk may have been moved there meanwhile.
      log.info("cannot remove all files of shape {} yet: {}", shape.handle(), e.toString());
      undeleted.add(shape);
    }
  }

  /** Removes every shape, when what they were made of can no longer be followed. */
  public void dropAll(String reason) {
    List.copyOf(byHandle.values()).forEach(shape -> drop(shape, DropCause.HISTORY, reason));
  }

  // --- upkeep: its own thread ---

  private void makeRound() {
    long now = clock.millis();
    undeleted.forEach(this::deleteFiles);
    if (now - useNotedAt >= NOTE_USE_MILLIS) {
      noteUse(now);
    }
    expiry
        .unusedSuperseded(byHandle.values(), now)
        .forEach(shape -> drop(shape, DropCause.EXPIRY, "it was superseded, and nobody uses it"));
    List<Shape> surplus = expiry.surplus(byHandle.values(), now);
    surplus.forEach(
        shape -> drop(shape, DropCause.EXPIRY, "there are too many, and nobody uses it"));
    if (!surplus.isEmpty() || expiry.isExceeded(byHandle.size())) {
      upkeep.makeRound(ShapeExpiry.IN_USE);
    }
  }

  /** Keeps on disk which shapes were used since the last time, for the order after a restart. */
  private synchronized void noteUse(long now) {
    for (Shape shape : byHandle.values()) {
      if (shape.hasReaders()) {
        shape.used(now);
      }
      if (shape.usedAt() >= useNotedAt) {
        noteUse(shape);
      }
    }
    useNotedAt = now;
  }

  private static void noteUse(Shape shape) {
    try {
      ShapeFile.noteUse(shape.folder(), shape.usedAt());
    } catch (IOException e) {
      log.warn("cannot note the use of shape {}: {}", shape.handle(), e.toString());
    }
  }

  @Override
  public void close() {
    publisher.close();
    snapshots.shutdownNow();
    sealer.close();
    journal.close();
    noteUse(clock.millis());
    upkeep.close();
  }
}
