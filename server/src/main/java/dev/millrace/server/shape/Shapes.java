package dev.millrace.server.shape;

import dev.millrace.protocol.ShapeHandle;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.postgres.Publication;
import dev.millrace.server.postgres.PublicationException;
import dev.millrace.server.postgres.PublishedTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
  private final ExecutorService deletions;

  private final Map<ShapeHandle, Shape> byHandle = new ConcurrentHashMap<>();
  private final Map<ShapeDefinition, Shape> byDefinition = new ConcurrentHashMap<>();
  private final AtomicInteger lastNumber = new AtomicInteger();

  /**
   * Where shapes are kept and how large they may grow.
   *
   * @param chunkBytes where a chunk ends; the message that crosses it is its last
   * @param hotBytes how much of the newest log messages stays in memory
   */
  public record Settings(Path folder, long chunkBytes, long hotBytes) {

    Path shapes() {
      return folder.resolve("shapes");
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
    this.router = new ChangeRouter(journal, this::drop, publication::rootsOfPartitions);
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
    this.deletions =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("shape-delete").factory());
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
    return shapes;
  }

  private void restore() throws IOException {
    Files.createDirectories(settings.shapes());
    Map<Integer, Shape> restored = new HashMap<>();
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
              Snapshot.restore(folder.resolve("snapshot"), file.snapshotChunks()),
              ShapeLog.restore(file.number(), logContext, folder.resolve("log")));
      shape.restored(file);
      return Optional.of(shape);
    } catch (IOException e) {
      log.info("removing the unfinished shape in {}: {}", folder.getFileName(), e.toString());
      Disk.delete(folder);
      return Optional.empty();
    }
  }

  private void add(Shape shape) {
    byHandle.put(shape.handle(), shape);
    byDefinition.put(shape.definition(), shape);
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

  /** Whether nothing can be made durable any more. */
  public boolean isDiskBroken() {
    return journal.failure() != null;
  }

  public Optional<Shape> find(ShapeHandle handle) {
    return Optional.ofNullable(byHandle.get(handle));
  }

  /** The shape of that definition; begins to make it if there is none. */
  public Shape findOrCreate(ShapeDefinition definition) {
    Shape found = byDefinition.get(definition);
    if (found != null) {
      found.describe(definition);
      return found;
    }
    Shape created;
    synchronized (this) {
      found = byDefinition.get(definition);
      if (found != null) {
        return found;
      }
      created = create(definition);
      byHandle.put(created.handle(), created);
      byDefinition.put(definition, created);
    }
    begin(created);
    return created;
  }

  /** A thread for snapshots is taken only once nobody keeps us from reading the table. */
  private void begin(Shape shape) {
    try {
      publisher.publish(
          TablePublisher.Wanted.by(shape.definition()),
          () -> snapshots.execute(() -> make(shape)),
          e -> fail(shape, failure(shape, e)));
    } catch (RejectedExecutionException e) {
      fail(shape, failure(shape, e));
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
    return new Shape(
        number,
        handle,
        definition,
        folder,
        Snapshot.begin(folder.resolve("snapshot")),
        new ShapeLog(number, logContext, folder.resolve("log")));
  }

  private void make(Shape shape) {
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
              shape.footing().orElseThrow()));
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
    drop(shape, cause.reason());
  }

  /**
   * Removes a shape; its readers are told to begin anew. When this returns, a restart will not find
   * the shape again: the caller may let the stream go on past what it has missed.
   */
  public void drop(Shape shape, String reason) {
    if (!byHandle.remove(shape.handle(), shape)) {
      return;
    }
    log.info("dropping shape {} on {}: {}", shape.handle(), shape.definition().relation(), reason);
    byDefinition.remove(shape.definition(), shape);
    shape.drop();
    router.unregister(shape);
    shape.waiters().wakeAll();
    deletions.execute(() -> deleteFiles(shape));
  }

  private static void deleteFiles(Shape shape) {
    try {
      Disk.delete(shape.folder());
    } catch (IOException e) {
      log.warn("cannot remove the files of shape {}: {}", shape.handle(), e.toString());
    }
  }

  /** Removes every shape, when what they were made of can no longer be followed. */
  public void dropAll(String reason) {
    List.copyOf(byHandle.values()).forEach(shape -> drop(shape, reason));
  }

  @Override
  public void close() {
    publisher.close();
    snapshots.shutdownNow();
    sealer.close();
    journal.close();
    deletions.shutdown();
  }
}
