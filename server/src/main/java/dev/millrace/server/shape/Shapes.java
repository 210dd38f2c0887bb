package dev.millrace.server.shape;

import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.ShapeHandle;
import dev.millrace.server.filter.FilterCompiler;
import dev.millrace.server.policy.Audience;
import dev.millrace.server.policy.RowSecurity;
import dev.millrace.server.policy.Scope;
import dev.millrace.server.policy.View;
import dev.millrace.server.policy.WhereQueries;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.DatabaseUser;
import dev.millrace.server.postgres.Publication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All shapes of the server: finds them, has them made, drops them. Any thread.
 *
 * <p>{@link ShapeRegistry} says which there are, {@link ShapeMaker} makes them, {@link ShapeStore}
 * keeps them over a restart, {@link ShapeMover} brings those on whose rows depend on other tables,
 * {@link Successors} replaces those that have grown too long, {@link SubsetReader} reads parts of
 * them.
 */
public final class Shapes implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Shapes.class);

  private static final long NOTE_USE_MILLIS = 50_000;

  /** Up to here a new client reads the log of a small table (protocol section 10.2). */
  private static final long REPLAY_BYTES = 16 << 20;

  private static final int REPLAY_CHUNKS = 4;

  private final Settings settings;
  private final InstantSource clock;
  private final Journal journal;
  private final ChunkSealer sealer = new ChunkSealer();
  private final FilterCompiler filters;
  private final PostgresEvaluator evaluator;
  private final Delegation delegation;
  private final ChangeRouter router;
  private final ShapeRegistry registry = new ShapeRegistry();
  private final ShapeStore store;
  private final ShapeMaker maker;
  private final ShapeMover mover;
  private final Successors successors;
  private final SubsetReader subsets;
  private final ShapeExpiry expiry;
  private final Upkeep upkeep = new Upkeep(this::makeRound);
  private final ShapeCounts counts = new ShapeCounts();
  private long useNotedAt;

  /**
   * Where shapes are kept and how large they may grow.
   *
   * @param chunkBytes where a chunk ends; the message that crosses it is its last
   * @param hotBytes how much of the newest log messages stays in memory
   * @param maxShapes above it those nobody has used for longest go
   */
  public record Settings(Path folder, long chunkBytes, long hotBytes, int maxShapes) {

    Path undecided() {
      return folder.resolve("undecided");
    }

    Path subsets() {
      return folder.resolve("subsets");
    }

    long replayBytes() {
      return Math.min(REPLAY_BYTES, REPLAY_CHUNKS * chunkBytes);
    }
  }

  private Shapes(
      Settings settings,
      Database database,
      Publication publication,
      Redefinition redefinition,
      InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    this.filters = new FilterCompiler(database);
    this.journal = Journal.open(settings.folder().resolve("journal"));
    this.evaluator = new PostgresEvaluator(database);
    this.delegation = new Delegation(settings.undecided(), evaluator);
    this.router =
        new ChangeRouter(
            journal,
            (shape, reason) -> drop(shape, DropCause.TABLE, reason),
            publication::rootsOfPartitions,
            delegation);
    var logs =
        new ShapeLog.LogContext(
            journal, new HotMessages(settings.hotBytes()), sealer, settings.chunkBytes());
    this.store =
        new ShapeStore(settings.folder(), logs, clock, () -> upkeep.run(router::tidyJournal));
    this.maker =
        new ShapeMaker(
            settings.chunkBytes(),
            database,
            filters,
            publication,
            router,
            store,
            counts,
            this::drop);
    this.mover =
        new ShapeMover(
            settings.chunkBytes(),
            database,
            filters,
            redefinition,
            router,
            store,
            maker,
            this::drop);
    router.moveBy(mover);
    this.successors =
        new Successors(settings.replayBytes(), registry, store, maker, this::dropSuperseded, clock);
    this.subsets = new SubsetReader(database, settings.subsets());
    this.expiry = new ShapeExpiry(settings.maxShapes());
  }

  /** Opens the shapes kept in the settings' folder, each as it was. */
  public static Shapes open(
      Settings settings,
      Database database,
      Publication publication,
      Catalog catalog,
      RowSecurity security,
      WhereQueries queries,
      InstantSource clock) {
    Redefinition redefinition = new Redefinition(catalog, security, queries);
    Shapes shapes = new Shapes(settings, database, publication, redefinition, clock);
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
    Disk.delete(settings.undecided());
    Collection<Shape> restored = store.restore();
    for (Shape shape : restored) {
      registry.addSuccessor(shape);
      registry.makeCurrent(shape, clock.millis());
      router.register(shape);
    }
    router.startAt(journal.committedPosition());
    log.atInfo()
        .addKeyValue("shapes", restored.size())
        .addKeyValue("lsn", new Lsn(journal.committedPosition()))
        .log("restored the shapes");
  }

  public ChangeRouter router() {
    return router;
  }

  /** The log position up to which everything is on disk, and Postgres may forget. */
  public long durablePosition() {
    return delegation.holds().confirmable(journal.durablePosition(), journal.forcedCommits());
  }

  /** The log position from which the stream has to go on. */
  public long committedPosition() {
    return journal.committedPosition();
  }

  /** How many shapes there are. */
  public int count() {
    return registry.count();
  }

  public ShapeCounts counts() {
    return counts;
  }

  /** How many rows Postgres was asked about, for filters that only it can evaluate. */
  public long delegatedRows() {
    return evaluator.evaluatedRows();
  }

  /** How many transactions wait for its answers. */
  public int undecidedTransactions() {
    return delegation.holds().count();
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
    return registry.find(definition);
  }

  public Optional<Shape> find(ShapeHandle handle) {
    Optional<Shape> found = registry.find(handle);
    found.ifPresent(shape -> shape.used(clock.millis()));
    return found;
  }

  /**
   * The shape of that definition; begins to make it if there is none.
   *
   * @param reading how the request named its filter, and for whom
   * @param check whether what the definition rests on still is as it was
   */
  public Shape findOrCreate(ShapeDefinition definition, Reading reading, View.Check check) {
    ShapeRegistry.Found found = registry.findOrAdd(definition, store::create);
    Shape shape = found.shape();
    if (reading.user().isEmpty()) {
      reading.clause().ifPresent(shape::askedBy);
    }
    if (found.isNew()) {
      maker.begin(shape, new SnapshotAs(reading.user(), check), isMade -> {});
      if (expiry.isExceeded(registry.count())) {
        upkeep.makeRound(Duration.ZERO);
      }
    } else {
      describe(shape, definition);
      shape.used(clock.millis());
      successors.makeIfNeeded(shape, definition, new SnapshotAs(reading.user(), check));
    }
    return shape;
  }

  /** Takes up how the catalogue describes the columns of a shape now. */
  void describe(Shape shape, ShapeDefinition now) {
    if (!now.projection().equals(shape.definition().projection())) {
      shape.describe(store.sharing(shape.definition().showing(now.projection())));
    }
  }

  /**
   * Makes the filters of restored shapes ready; before the stream is followed. Blocks.
   *
   * @throws DatabaseException if Postgres cannot be asked
   */
  public void prepareFilters() {
    for (Shape shape : router.unprepared()) {
      try {
        shape.prepareFilter(filters);
        router.prepared(shape);
      } catch (DatabaseException e) {
        if (e.kind() != DatabaseException.Kind.UNDEFINED) {
          throw e;
        }
        drop(shape, DropCause.TABLE, "what its filter names is gone");
      }
    }
  }

  /**
   * Reads some rows of a shape as they are now; blocks.
   *
   * @param user as whom; empty for the server itself
   * @throws SubsetException if the subset cannot be
   * @throws ShapeException if the table is no longer the shape's
   */
  public SubsetRows read(Shape shape, Subset subset, Optional<DatabaseUser> user)
      throws InterruptedException {
    return subsets.read(shape, subset, user);
  }

  /** The shapes that can be compared with the catalogue. */
  List<Shape> standing() {
    return registry.all().stream().filter(shape -> shape.footing().isPresent()).toList();
  }

  /**
   * Removes a shape; its readers are told to begin anew. When this returns, a restart will not find
   * the shape again: the caller may let the stream go on past what it has missed.
   */
  public void drop(Shape shape, DropCause cause, String reason) {
    shape.drop();
    if (!registry.remove(shape)) {
      return;
    }
    log.atInfo()
        .addKeyValue("shape", shape.handle())
        .addKeyValue("table", shape.definition().relation())
        .addKeyValue("cause", cause.code())
        .log("dropping a shape: {}", reason);
    counts.shapeDropped(cause.code());
    router.unregister(shape);
    shape.waiters().wakeAll();
    upkeep.run(() -> store.delete(shape));
  }

  /** For whom there are shapes. */
  Set<Scope> scopes() {
    return registry.audiences().scopes();
  }

  /**
   * Removes the shapes of users who may see something else now.
   *
   * @param versions of what may be seen
   */
  void dropOutdated(Map<Scope, String> versions) {
    if (!registry.audiences().areOutdated(versions)) {
      return;
    }
    for (Shape shape : registry.all()) {
      Optional<Audience> audience = shape.definition().audience();
      if (audience.isPresent()) {
        String now = versions.get(new Scope(shape.definition().oid(), audience.get().role()));
        if (now != null && !now.equals(audience.get().version())) {
          drop(shape, DropCause.POLICY, "its users may see something else now");
        }
      }
    }
  }

  private void dropSuperseded(Shape shape) {
    upkeep.run(() -> drop(shape, DropCause.EXPIRY, "newer shapes have taken its place"));
  }

  /** Removes every shape, when what they were made of can no longer be followed. */
  public void dropAll(String reason) {
    try {
      store.forgetAll();
    } catch (IOException e) {
      throw new UncheckedIOException("dropping all shapes", e);
    }
    List.copyOf(registry.all()).forEach(shape -> drop(shape, DropCause.HISTORY, reason));
    upkeep.makeRound(Duration.ZERO);
  }

  /**
   * Removes every shape and follows another history, from {@code position} on. Shapes that clients
   * ask for meanwhile are made of that: none has to begin anew twice.
   */
  public void beginAnew(String reason, long position) {
    router.beginAnew(position, () -> dropAll(reason));
  }

  // --- upkeep: its own thread ---

  private void makeRound() {
    long now = clock.millis();
    store.deleteLeftovers();
    if (now - useNotedAt >= NOTE_USE_MILLIS) {
      noteUse(now);
    }
    expiry
        .unusedSuperseded(registry.all(), now)
        .forEach(shape -> drop(shape, DropCause.EXPIRY, "it was superseded, and nobody uses it"));
    List<Shape> surplus = expiry.surplus(registry.all(), now);
    surplus.forEach(
        shape -> drop(shape, DropCause.EXPIRY, "there are too many, and nobody uses it"));
    if (!surplus.isEmpty() || expiry.isExceeded(registry.count())) {
      upkeep.makeRound(ShapeExpiry.IN_USE);
    }
  }

  /** Keeps on disk which shapes were used since the last time, for the order after a restart. */
  private synchronized void noteUse(long now) {
    for (Shape shape : registry.all()) {
      if (shape.hasReaders()) {
        shape.used(now);
      }
      if (shape.usedAt() >= useNotedAt) {
        ShapeStore.noteUse(shape);
      }
    }
    useNotedAt = now;
  }

  @Override
  public void close() {
    maker.close();
    mover.close();
    delegation.close();
    sealer.close();
    journal.close();
    noteUse(clock.millis());
    upkeep.close();
  }
}
