package dev.millrace.server.shape;

import dev.millrace.protocol.Lsn;
import dev.millrace.server.filter.CompiledFilter;
import dev.millrace.server.filter.FilterCompiler;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.DatabaseUser;
import dev.millrace.server.postgres.PgSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a shape on when what its rows depend on has changed elsewhere, such as who is in which
 * team (docs/decisions/020-moves.md). The router has stopped the shape before the transaction that
 * did it. Here the shape is registered anew with the values of now, its rows are read once more,
 * and what they differ by from what its clients were told is put into its log; then it goes on.
 *
 * <p>A shape that cannot be brought on so is dropped, and its clients begin anew. Any thread; the
 * work is done by the threads {@code move-N}, few because each holds the rows of a shape.
 */
final class ShapeMover implements ChangeRouter.Mover, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ShapeMover.class);

  private static final int THREADS = 2;
  private static final int MOST_WAITING = 10_000;
  private static final int ATTEMPTS = 50;

  /** Times that Postgres could not answer. */
  private static final int MOST_FAILURES = 5;

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);

  /** Something may change in the moment between two questions. */
  private static final int QUICK_ATTEMPTS = 20;

  private static final long MOST_RETRY_MILLIS = 1_000;
  private static final Duration SEAL_TIMEOUT = Duration.ofSeconds(30);

  /** Of messages, whose rows take several times that in memory. */
  private static final long MOST_BYTES = Math.min(32L << 20, Runtime.getRuntime().maxMemory() / 32);

  private final long chunkBytes;
  private final Database database;
  private final FilterCompiler filters;
  private final Redefinition redefinition;
  private final ChangeRouter router;
  private final ShapeStore store;
  private final ShapeMaker maker;
  private final ShapeMaker.Drop drop;
  private final ThreadPoolExecutor threads;
  private volatile boolean isClosing;

  ShapeMover(
      long chunkBytes,
      Database database,
      FilterCompiler filters,
      Redefinition redefinition,
      ChangeRouter router,
      ShapeStore store,
      ShapeMaker maker,
      ShapeMaker.Drop drop) {
    this.chunkBytes = chunkBytes;
    this.database = database;
    this.filters = filters;
    this.redefinition = redefinition;
    this.router = router;
    this.store = store;
    this.maker = maker;
    this.drop = drop;
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name("move-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
  }

  /** Whether all that is needed is there, and not too large. */
  @Override
  public boolean canMove(Shape shape) {
    ShapeDefinition definition = shape.definition();
    long bytes = shape.snapshot().bytes() + shape.log().size().bytes();
    CompiledFilter filter = shape.filter();
    return shape.snapshot().isFinished()
        && (filter == null || filter.isNative())
        && bytes <= MOST_BYTES
        && definition.logMode() == ShapeDefinition.LogMode.FULL
        && definition.projection().hasPrimaryKey();
  }

  @Override
  public void begin(Shape shape, long tx, int xid) {
    try {
      threads.execute(() -> move(shape, tx, xid));
    } catch (RejectedExecutionException e) {
      drop.drop(shape, DropCause.TABLE, "too many shapes have to be looked at anew");
    }
  }

  // --- the threads move-N ---

  private void move(Shape shape, long tx, int xid) {
    long begun = System.nanoTime();
    int known = shape.suspensions();
    try {
      router.settle(shape);
      shape.log().awaitSealed(SEAL_TIMEOUT);
      ToldRows told = new ToldRows(shape.definition().columns());
      told.add(shape.snapshot());
      for (SealedChunk chunk : shape.log().sealed()) {
        told.add(chunk.messages());
      }
      Moved moved = move(shape, told, tx, xid);
      if (moved.next().isPresent()) {
        // Others first.
        begin(shape, moved.next().get().commitLsn(), moved.next().get().xid());
        return;
      }
      shape.save(ShapeFile.of(shape, moved.seen()), known);
      log.atInfo()
          .addKeyValue("shape", shape.handle())
          .addKeyValue("table", shape.definition().relation())
          .addKeyValue("lsn", new Lsn(tx))
          .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun))
          .log("what a shape depends on has changed");
    } catch (IOException | RuntimeException | Error e) {
      // Whatever it is: a shape that stays suspended would wait for ever.
      fail(shape, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (shape.isDropped()) {
        router.unregister(shape);
        store.delete(shape);
      }
    }
  }

  private void fail(Shape shape, Throwable cause) {
    boolean isOurs = !(cause instanceof ShapeException || cause instanceof DatabaseException);
    if (isOurs) {
      log.atWarn()
          .addKeyValue("shape", shape.handle())
          .addKeyValue("table", shape.definition().relation())
          .setCause(cause)
          .log("cannot bring a shape on");
    }
    drop.drop(shape, DropCause.TABLE, "what its rows depend on has changed: " + cause.getMessage());
  }

  /**
   * A shape has been brought on.
   *
   * @param seen by its rows
   * @param next a transaction because of which it has to be moved again
   */
  private record Moved(PgSnapshot seen, Optional<Shape.Doubt> next) {}

  /**
   * Tries until it succeeds.
   *
   * @param tx commit LSN of the transaction that made it necessary
   * @param xid its number
   */
  private Moved move(Shape shape, ToldRows told, long tx, int xid)
      throws IOException, InterruptedException {
    int failures = 0;
    for (int attempt = 0; attempt < ATTEMPTS && !isClosing; attempt++) {
      try {
        Optional<Moved> moved = attempt(shape, told, tx, xid);
        if (moved.isPresent()) {
          return moved.get();
        }
      } catch (DatabaseException e) {
        if (!isPassing(e) || ++failures > MOST_FAILURES) {
          throw e;
        }
        log.atInfo()
            .addKeyValue("shape", shape.handle())
            .log("cannot look at a shape's rows anew yet: {}", e.reason());
      }
      router.suspend(shape);
      Thread.sleep(Math.min(MOST_RETRY_MILLIS, 1L << Math.max(0, attempt - QUICK_ATTEMPTS)));
    }
    throw new ShapeException(ShapeException.Kind.REFETCH, "again and again", null);
  }

  /** Others wait meanwhile. */
  private static boolean isPassing(DatabaseException cause) {
    return switch (cause.kind()) {
      case UNDEFINED, FORBIDDEN, DATA -> false;
      case UNREACHABLE, TIMEOUT, OTHER -> true;
    };
  }

  /** Empty if more has changed meanwhile. */
  private Optional<Moved> attempt(Shape shape, ToldRows told, long tx, int xid)
      throws IOException, InterruptedException {
    // The next move may begin while this one is tidied up.
    Path folder = shape.folder().resolve("move-" + Long.toUnsignedString(tx));
    try {
      Redefinition.Redefined now = redefinition.of(shape);
      shape.become(now.definition(), filters);
      CompiledFilter filter = shape.filter();
      if (filter != null && !filter.isNative()) {
        throw new ShapeException(
            ShapeException.Kind.REFETCH, "only Postgres can evaluate its filter", null);
      }
      router.resume(shape);
      Snapshot rows = Snapshot.begin(folder);
      Optional<PgSnapshot> seen =
          database.inSnapshot(
              "looking at " + shape.definition().relation() + " anew",
              connection -> read(connection, shape, now, rows));
      // What has made it necessary may have been streamed before others can see it.
      if (seen.isEmpty() || !seen.get().sees(xid, tx)) {
        return Optional.empty();
      }
      List<SealedChunk> chunks = difference(shape, told, rows, seen.get(), tx, xid);
      return Optional.of(new Moved(seen.get(), router.moved(shape, seen.get(), chunks)));
    } finally {
      Disk.delete(folder);
    }
  }

  private List<SealedChunk> difference(
      Shape shape, ToldRows told, Snapshot rows, PgSnapshot seen, long tx, int xid)
      throws IOException {
    if (rows.bytes() > MOST_BYTES) {
      throw new ShapeException(ShapeException.Kind.REFETCH, "it is large", null);
    }
    ToldRows found = new ToldRows(shape.definition().columns());
    found.add(rows);
    List<Difference.Part> parts =
        new Difference(shape.definition().projection(), tx, xid, chunkBytes)
            .between(told, found, seen);
    List<SealedChunk> chunks = new ArrayList<>();
    for (Difference.Part part : parts) {
      chunks.add(SealedChunk.write(shape.log().folder(), part.messages(), part.growth()));
    }
    return chunks;
  }

  /** Reads the rows; empty if the snapshot lacks what came before, or more has changed. */
  private Optional<PgSnapshot> read(
      Connection connection, Shape shape, Redefinition.Redefined now, Snapshot rows)
      throws SQLException {
    SnapshotQuery query = new SnapshotQuery(connection, shape.definition());
    query.lock();
    PgSnapshot seen = query.visibility();
    shape.standOn(maker.footing(connection, shape.definition()));
    if (router.isAnyMissing(shape, seen)) {
      return Optional.empty();
    }
    Optional<DatabaseUser> reader = shape.reader();
    if (reader.isPresent()) {
      reader.get().become(connection);
      query.requireAllowed();
    }
    if (!now.check().holds(connection)) {
      return Optional.empty();
    }
    try (Snapshot.Writer writer = rows.new Writer(chunkBytes)) {
      query.copyTo(writer);
      writer.finish();
    } catch (UncheckedIOException e) {
      throw new ShapeException(ShapeException.Kind.TRY_LATER, "the disk fails", e);
    }
    return Optional.of(seen);
  }

  @Override
  public void close() {
    isClosing = true;
    // Not interrupted: that would close the journal under them.
    threads.getQueue().clear();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        log.debug("a shape is still being moved");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
