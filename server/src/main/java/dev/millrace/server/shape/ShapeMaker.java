package dev.millrace.server.shape;

import dev.millrace.protocol.Lsn;
import dev.millrace.server.filter.FilterCompiler;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.postgres.Publication;
import dev.millrace.server.postgres.PublicationException;
import dev.millrace.server.postgres.PublishedTable;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes shapes, in this order, which leaves no gap between snapshot and log: the table is
 * published; the shape is registered with the router, whose changes it keeps aside; the snapshot
 * begins and says which transactions it sees; of the changes kept aside those are dropped. Any
 * thread; the work is done by the threads {@code publish-N} and {@code snapshot-N}.
 */
final class ShapeMaker implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ShapeMaker.class);

  private static final int SNAPSHOT_THREADS = 8;
  private static final int WAITING_SNAPSHOTS = 10_000;
  private static final int SNAPSHOT_ATTEMPTS = 50;
  private static final long SNAPSHOT_RETRY_MILLIS = 100;

  private final long chunkBytes;
  private final Database database;
  private final FilterCompiler filters;
  private final Publication publication;
  private final ChangeRouter router;
  private final ShapeStore store;
  private final ShapeCounts counts;
  private final Drop drop;
  private final TablePublisher publisher;
  private final ExecutorService snapshots;

  /** Removes a shape that cannot be. */
  @FunctionalInterface
  interface Drop {
    void drop(Shape shape, DropCause cause, String reason);
  }

  ShapeMaker(
      long chunkBytes,
      Database database,
      FilterCompiler filters,
      Publication publication,
      ChangeRouter router,
      ShapeStore store,
      ShapeCounts counts,
      Drop drop) {
    this.chunkBytes = chunkBytes;
    this.database = database;
    this.filters = filters;
    this.publication = publication;
    this.router = router;
    this.store = store;
    this.counts = counts;
    this.drop = drop;
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
  }

  /**
   * Begins to make {@code shape} and returns; a shape that cannot be made is dropped.
   *
   * @param reader as whom the rows are read
   * @param whenOver told whether it was made, at the end
   */
  void begin(Shape shape, SnapshotAs reader, Consumer<Boolean> whenOver) {
    shape.readAs(reader.user());
    Consumer<Throwable> failed =
        e -> {
          fail(shape, failure(shape, e));
          whenOver.accept(false);
        };
    Runnable work =
        () -> {
          make(shape, reader);
          whenOver.accept(!shape.isDropped());
        };
    try {
      // A thread for snapshots is taken only once nobody keeps us from reading the table.
      publish(
          TablePublisher.Wanted.allBy(shape.definition()), () -> snapshots.execute(work), failed);
    } catch (RejectedExecutionException e) {
      failed.accept(e);
    }
  }

  /** One table after the other. */
  private void publish(
      List<TablePublisher.Wanted> wanted, Runnable then, Consumer<Throwable> failed) {
    Runnable next =
        wanted.size() == 1 ? then : () -> publish(wanted.subList(1, wanted.size()), then, failed);
    publisher.publish(wanted.getFirst(), next, failed);
  }

  private void fail(Shape shape, ShapeException cause) {
    shape.started().completeExceptionally(cause);
    shape.snapshot().fail(cause);
    drop.drop(shape, DropCause.SNAPSHOT, cause.reason());
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
      case DatabaseException e
          when e.kind() == DatabaseException.Kind.FORBIDDEN
              && shape.definition().audience().isPresent() ->
          new ShapeException(ShapeException.Kind.FORBIDDEN, e.message(), e);
      case DatabaseException e when isOfFilter(shape, e) ->
          new ShapeException(ShapeException.Kind.INVALID, e.message(), e);
      case DatabaseException e -> tryLater("Unable to create initial snapshot: " + e.reason(), e);
      default -> {
        log.atWarn()
            .addKeyValue("shape", shape.handle())
            .addKeyValue("table", shape.definition().relation())
            .setCause(cause)
            .log("cannot make the snapshot of a shape");
        yield tryLater("Failed to create shape, please retry", cause);
      }
    };
  }

  /** Only the filter computes anything. */
  private static boolean isOfFilter(Shape shape, DatabaseException cause) {
    return cause.kind() == DatabaseException.Kind.DATA && shape.definition().filter().isPresent();
  }

  private static ShapeException tryLater(String message, Throwable cause) {
    return new ShapeException(ShapeException.Kind.TRY_LATER, message, cause);
  }

  // --- the threads snapshot-N ---

  private void make(Shape shape, SnapshotAs reader) {
    counts.shapeCreated();
    long begun = System.nanoTime();
    try {
      requireKept(shape);
      shape.prepareFilter(filters);
      router.register(shape);
      PgSnapshot visibility = takeSnapshot(shape, reader);
      shape.snapshot().force();
      shape.save(ShapeFile.of(shape, visibility), 0);
      long nanos = System.nanoTime() - begun;
      counts.snapshotTaken(nanos);
      log.atInfo()
          .addKeyValue("shape", shape.handle())
          .addKeyValue("table", shape.definition().relation())
          .addKeyValue("lsn", new Lsn(visibility.takenBefore()))
          .addKeyValue("rows", shape.snapshot().rows())
          .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(nanos))
          .log("made a shape");
    } catch (IOException | RuntimeException e) {
      fail(shape, failure(shape, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(shape, failure(shape, e));
    } finally {
      if (shape.isDropped()) {
        // It may have been dropped before it was registered, and its files removed while more were
        // written.
        router.unregister(shape);
        store.delete(shape);
      }
    }
  }

  private static void requireKept(Shape shape) {
    if (shape.isDropped()) {
      throw new ShapeException(ShapeException.Kind.REFETCH, "the table was altered", null);
    }
  }

  private PgSnapshot takeSnapshot(Shape shape, SnapshotAs reader) throws InterruptedException {
    for (int attempt = 0; attempt < SNAPSHOT_ATTEMPTS; attempt++) {
      Optional<PgSnapshot> taken =
          database.inSnapshot(
              "taking the snapshot of " + shape.definition().relation(),
              connection -> takeSnapshot(connection, shape, reader));
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
  private Optional<PgSnapshot> takeSnapshot(Connection connection, Shape shape, SnapshotAs reader)
      throws SQLException {
    ShapeDefinition definition = shape.definition();
    SnapshotQuery query = new SnapshotQuery(connection, definition);
    query.lock();
    PgSnapshot visibility = query.visibility();
    shape.standOn(footing(connection, definition));
    if (!router.decide(shape, visibility)) {
      return Optional.empty();
    }
    requireKept(shape);
    if (reader.user().isPresent()) {
      reader.user().get().become(connection);
      query.requireAllowed();
    }
    if (!reader.check().holds(connection)) {
      throw new ShapeException(
          ShapeException.Kind.REFETCH, "what its rows depend on has changed", null);
    }
    try (Snapshot.Writer writer = shape.snapshot().new Writer(chunkBytes)) {
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
  Footing footing(Connection connection, ShapeDefinition definition) throws SQLException {
    Optional<PublishedTable> table = publication.read(connection, definition.oid());
    if (table.filter(found -> definition.in(found.table()).equals(definition)).isEmpty()) {
      throw new ShapeException(ShapeException.Kind.REFETCH, "the table was altered", null);
    }
    if (table.get().entries().isEmpty()) {
      throw new ShapeException(
          ShapeException.Kind.TRY_LATER, "the table was taken out of the publication", null);
    }
    List<PublishedTable> read = new ArrayList<>();
    for (ShapeDefinition values : definition.dependencies()) {
      publication.read(connection, values.oid()).ifPresent(read::add);
    }
    return Footing.of(table.get()).reading(read);
  }

  @Override
  public void close() {
    publisher.close();
    snapshots.shutdownNow();
  }
}
