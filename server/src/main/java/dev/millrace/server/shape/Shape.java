package dev.millrace.server.shape;

import dev.millrace.protocol.ShapeHandle;
import dev.millrace.server.filter.Clause;
import dev.millrace.server.filter.CompiledFilter;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.filter.FilterCompiler;
import dev.millrace.server.postgres.DatabaseUser;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.postgres.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One life of a shape: its definition under one handle, with snapshot and log. */
public final class Shape {

  static final Comparator<Shape> BY_AGE = Comparator.comparingInt(Shape::number);

  private static final int MAX_DOUBTS = 100;

  private static final long NOWHERE = -1;

  /** Clients of one program write a clause in one way, or in few. */
  private static final int KNOWN_CLAUSES = 4;

  private final int number;
  private final ShapeHandle handle;
  private volatile ShapeDefinition definition;
  private final Path folder;
  private final Snapshot snapshot;
  private final ShapeLog log;
  private volatile List<Clause> clauses = List.of();
  private final Waiters waiters = new Waiters();
  private final CompletableFuture<Shape> started = new CompletableFuture<>();
  private volatile boolean dropped;
  private volatile long usedAt;
  private volatile long supersededAt;

  // Guarded by this.
  private long renewableAt;
  private volatile @Nullable Footing footing;

  private int suspensions;

  /** What a restart will find; null while that is nothing. Guarded by this. */
  private @Nullable ShapeFile saved;

  private volatile @Nullable CompiledFilter filter;
  private volatile List<CompiledFilter> dependencyFilters = List.of();
  private volatile @Nullable Undecided undecided;
  private volatile Optional<DatabaseUser> reader = Optional.empty();

  /** How far it shows the stream while it is being moved. */
  private volatile long suspendedAt = NOWHERE;

  // Of the router's thread, under its lock.
  private @Nullable PgSnapshot visibility;
  private long registeredAt;
  private boolean isTouched;
  private boolean isUnpublished;
  private final Set<Doubt> doubts = new LinkedHashSet<>();

  Shape(
      int number,
      ShapeHandle handle,
      ShapeDefinition definition,
      Path folder,
      Snapshot snapshot,
      ShapeLog log) {
    this.number = number;
    this.handle = handle;
    this.definition = definition;
    this.folder = folder;
    this.snapshot = snapshot;
    this.log = log;
  }

  int number() {
    return number;
  }

  public ShapeHandle handle() {
    return handle;
  }

  public ShapeDefinition definition() {
    return definition;
  }

  /**
   * How much of the stream the shape shows, up to {@code position}, to which others do. What is
   * after that may be undecided still. Any thread.
   */
  public long seenUpTo(long position) {
    Undecided changes = undecided;
    if (changes != null) {
      return changes.seenUpTo(position);
    }
    long stopped = suspendedAt;
    return stopped == NOWHERE || Long.compareUnsigned(position, stopped) < 0 ? position : stopped;
  }

  /** Where changes of the shape are set aside; under the router's lock. */
  void undecided(@Nullable Undecided changes) {
    undecided = changes;
  }

  /** Whether requests with that clause, of nobody in particular, are known to mean this shape. */
  public boolean isAskedFor(Optional<Clause> clause) {
    if (definition.audience().isPresent()) {
      return false;
    }
    return clause.isPresent() ? clauses.contains(clause.get()) : definition.filter().isEmpty();
  }

  /** From now on a request with that clause is known to mean this shape. */
  public synchronized void askedBy(Clause clause) {
    if (!clauses.contains(clause)) {
      clauses = Stream.concat(Stream.of(clause), clauses.stream()).limit(KNOWN_CLAUSES).toList();
    }
  }

  /** The clauses that are known to mean this shape, the newest first. */
  List<Clause> clauses() {
    return clauses;
  }

  /** Takes up how the catalogue describes the columns now. */
  synchronized void describe(ShapeDefinition now) {
    if (!now.equals(definition)) {
      throw new IllegalArgumentException(now + " is not " + definition);
    }
    definition = definition.showing(now.projection());
  }

  /** Whether this shape, not dropped, has that definition. */
  public boolean isOf(ShapeDefinition other) {
    return !dropped && definition.equals(other);
  }

  Path folder() {
    return folder;
  }

  public Snapshot snapshot() {
    return snapshot;
  }

  public ShapeLog log() {
    return log;
  }

  /** Wakes when the log has grown or the shape was dropped. */
  public Waiters waiters() {
    return waiters;
  }

  /** Whether the shape has been replaced: its readers have to begin anew. */
  public boolean isDropped() {
    return dropped;
  }

  /** A request has found the shape, or waits for it, at this time in milliseconds since 1970. */
  void used(long millis) {
    usedAt = millis;
  }

  /** When somebody used the shape last, in milliseconds since 1970. */
  long usedAt() {
    return usedAt;
  }

  /** Whether a client waits for more of the shape. */
  boolean hasReaders() {
    return waiters.hasAny() || snapshot.growth().hasAny();
  }

  /**
   * Another shape of the same definition is given to new clients from now on; those of this one go
   * on with it.
   */
  void supersede(long millis) {
    supersededAt = millis;
  }

  boolean isSuperseded() {
    return supersededAt != 0;
  }

  /** Since when new clients get another shape, in milliseconds since 1970; 0 if they do not. */
  long supersededAt() {
    return supersededAt;
  }

  /** Whether a successor may be made now; if so, nobody else may until {@link #renewableAt}. */
  synchronized boolean beginRenewal(long now) {
    if (now < renewableAt) {
      return false;
    }
    renewableAt = Long.MAX_VALUE;
    return true;
  }

  /** The successor could not be made; it may be tried again then. */
  synchronized void renewableAt(long millis) {
    renewableAt = millis;
  }

  /**
   * Makes the shape known to a restart, unless it was dropped or suspended meanwhile.
   *
   * @param known how often it had been suspended when {@code file} was true
   */
  synchronized void save(ShapeFile file, int known) throws IOException {
    if (!dropped && suspensions == known) {
      file.write(folder);
      saved = file;
    }
  }

  /** What the shape rests on; empty until its snapshot has begun. */
  Optional<Footing> footing() {
    return Optional.ofNullable(footing);
  }

  /** From now on compares with this footing, also after a restart. */
  void standOn(Footing now) {
    try {
      synchronized (this) {
        boolean isNew = !now.equals(footing);
        footing = now;
        if (isNew && saved != null) {
          save(saved.on(now), suspensions);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("saving shape " + handle, e);
    }
  }

  /** Ends the shape, also for a restart. */
  synchronized void drop() {
    dropped = true;
    try {
      ShapeFile.remove(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("dropping shape " + handle, e);
    }
  }

  /** As whom its rows are read; empty for the server itself. */
  Optional<DatabaseUser> reader() {
    return reader;
  }

  void readAs(Optional<DatabaseUser> user) {
    reader = user;
  }

  CompletableFuture<Shape> started() {
    return started;
  }

  /**
   * Waits until the first rows can be read.
   *
   * @throws ShapeException if the shape cannot be made, or not in that time
   */
  public void awaitStart(long timeoutMillis) throws InterruptedException {
    try {
      started.get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | CompletionException e) {
      if (e.getCause() instanceof ShapeException cause) {
        throw cause;
      }
      throw new ShapeException(ShapeException.Kind.TRY_LATER, "Failed to create shape", e);
    } catch (TimeoutException e) {
      throw new ShapeException(
          ShapeException.Kind.TRY_LATER,
          "Snapshot query took too long to start reading from the database",
          e);
    }
  }

  // --- the router's view ---

  /** Null if the shape has all rows of its table, or while its filter is not ready. */
  @Nullable CompiledFilter filter() {
    return filter;
  }

  /** Makes the filter ready, if the shape has one; before the router brings it changes. Blocks. */
  void prepareFilter(FilterCompiler compiler) {
    prepareFilter(compiler::compile);
  }

  void prepareFilter(BiFunction<Filter, Table, CompiledFilter> compiler) {
    definition
        .filter()
        .ifPresent(named -> filter = compiler.apply(named, definition.projection().filterTable()));
    dependencyFilters =
        definition.dependencies().stream()
            .map(values ->
                compiler.apply(values.filter().orElseThrow(), values.projection().filterTable()))
            .toList();
  }

  /** Of each of the definition's dependencies; empty while they are not ready. */
  List<CompiledFilter> dependencyFilters() {
    return dependencyFilters;
  }

  /** Whether the snapshot already has what this transaction changed. */
  boolean snapshotSees(int xid, long commitLsn) {
    PgSnapshot seen = visibility;
    return seen != null && seen.sees(xid, commitLsn);
  }

  /**
   * The snapshot is known.
   *
   * @return a doubt that has come true: the shape has to begin anew
   */
  Optional<Doubt> decide(PgSnapshot seen) {
    visibility = seen;
    log.decide(seen);
    Optional<Doubt> unseen =
        doubts.stream().filter(doubt -> !seen.sees(doubt.xid(), doubt.commitLsn())).findFirst();
    doubts.clear();
    return unseen;
  }

  // --- what its rows depend on changes; under the router's lock, but for become ---

  /**
   * Stops before a transaction, with what the stream brought up to {@code position}; a restart will
   * not find the shape until it is saved again.
   *
   * @return false if it was dropped
   */
  synchronized boolean suspend(long position) {
    if (dropped) {
      return false;
    }
    try {
      ShapeFile.remove(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("suspending shape " + handle, e);
    }
    saved = null;
    suspensions++;
    suspendedAt = position;
    return true;
  }

  /** How often it was. */
  synchronized int suspensions() {
    return suspensions;
  }

  boolean isSuspended() {
    return suspendedAt != NOWHERE;
  }

  /** Takes up which rows it has now; the router brings it no changes meanwhile. Blocks. */
  void become(ShapeDefinition now, FilterCompiler compiler) {
    if (!now.equals(definition)) {
      throw new IllegalArgumentException(now + " is not " + definition);
    }
    synchronized (this) {
      definition = definition.withRowsOf(now);
    }
    prepareFilter(compiler);
  }

  /** It is about to get changes again, of which its rows have some already. */
  void resume() {
    visibility = null;
    doubts.clear();
    log.setAside();
  }

  /**
   * Its rows have been read anew, and their difference is in {@code chunks}: they and the changes
   * since are shown, up to the first transaction that again changes what they depend on.
   *
   * @return that transaction, before which it is suspended again
   */
  Optional<Doubt> moved(PgSnapshot seen, List<SealedChunk> chunks) {
    Optional<Doubt> next =
        doubts.stream()
            .filter(doubt -> doubt.isStirring() && !seen.sees(doubt.xid(), doubt.commitLsn()))
            .min((one, other) -> Long.compareUnsigned(one.commitLsn(), other.commitLsn()));
    doubts.removeIf(Doubt::isStirring);
    next.ifPresent(doubt -> log.forgetAsideFrom(doubt.commitLsn()));
    log.add(chunks);
    return next;
  }

  /** All is shown that comes before {@code next}, or all. */
  void goesOnUntil(Optional<Doubt> next) {
    suspendedAt = next.map(doubt -> doubt.commitLsn() - 1).orElse(NOWHERE);
  }

  /**
   * A transaction that ends the shape, unless its snapshot turns out to have seen it.
   *
   * @param isStirring whether it only changes what the rows depend on
   */
  record Doubt(String reason, boolean isStirring, int xid, long commitLsn) {}

  /** Keeps a doubt until the snapshot is known; false if it is, or if there are too many. */
  boolean doubt(Doubt doubt) {
    if (visibility != null || (doubts.size() >= MAX_DOUBTS && !doubts.contains(doubt))) {
      return false;
    }
    doubts.add(doubt);
    return true;
  }

  /** The shape was there before, with its snapshot. */
  synchronized void restored(ShapeFile file) {
    saved = file;
    clauses = file.clauses();
    footing = file.footing();
    reader = file.reader();
    visibility = file.visibility();
    started.complete(this);
  }

  /** Takes up a batch found in the journal. */
  void recovered(Batch batch) {
    if (visibility != null) {
      log.recovered(batch, visibility);
    }
  }

  void registeredAt(long transactions) {
    registeredAt = transactions;
  }

  long registeredAt() {
    return registeredAt;
  }

  /** Notes that the transaction at hand touches this shape; true the first time. */
  boolean touch() {
    boolean first = !isTouched;
    isTouched = true;
    return first;
  }

  boolean isTouched() {
    return isTouched;
  }

  void untouch() {
    isTouched = false;
  }

  /** Whether something in its log is not published. */
  boolean isEnqueued() {
    return isUnpublished;
  }

  boolean enqueue() {
    boolean first = !isUnpublished;
    isUnpublished = true;
    return first;
  }

  void dequeue() {
    isUnpublished = false;
  }
}
