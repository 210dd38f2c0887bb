package dev.millrace.server.shape;

import dev.millrace.server.filter.DelegatedQuery;
import dev.millrace.server.postgres.DatabaseException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Postgres evaluates for shapes whose filters we cannot evaluate ourselves: their changes are
 * set aside, decided group by group, and shown later than those of other shapes, in their order.
 *
 * <p>Nothing undecided is written to the journal. Instead Postgres is not told that it may forget
 * it ({@link Holds}), and when the stream breaks off, or the server was stopped, it is followed
 * again from where that begins; to all other shapes those transactions are old.
 */
final class Delegation implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Delegation.class);

  private static final long MEMORY_BYTES = 64 << 20;

  private final Path folder;
  private final Evaluator evaluator;
  private final ChangeQueue.Budget budget = new ChangeQueue.Budget(MEMORY_BYTES);
  private final Holds holds = new Holds();
  private final ExecutorService workers =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("filter-", 0).factory());

  // Guarded by the router's lock.
  private final Map<DelegatedQuery, FilterGroup> groups = new HashMap<>();

  private @Nullable DecidedChanges decided;

  /** Says which rows meet the conditions of a query. */
  @FunctionalInterface
  interface Evaluator {

    /**
     * Blocks until there is an answer.
     *
     * @throws ShapeException if there never will be one
     * @throws DatabaseException if Postgres is stopping: it waits for us to confirm what is
     *     undecided, and so has to be let go
     */
    boolean[] evaluate(DelegatedQuery query, List<List<@Nullable String>> rows)
        throws InterruptedException;
  }

  /**
   * @param folder where changes are set aside when they are many
   */
  Delegation(Path folder, Evaluator evaluator) {
    this.folder = folder;
    this.evaluator = evaluator;
  }

  /** From now on what is decided goes there. */
  void showTo(DecidedChanges shown) {
    decided = shown;
  }

  private DecidedChanges decided() {
    if (decided == null) {
      throw new IllegalStateException("nobody to show to");
    }
    return decided;
  }

  Holds holds() {
    return holds;
  }

  ChangeQueue newQueue() {
    return new ChangeQueue(folder, budget);
  }

  void execute(Runnable worker) {
    workers.execute(worker);
  }

  // --- under the router's lock ---

  /** Sets the changes of {@code shape} aside from now on. */
  Undecided follow(Shape shape, List<String> conditions) {
    Projection projection = shape.definition().projection();
    DelegatedQuery query =
        new DelegatedQuery(projection.oid(), projection.identity().filterColumns(), conditions);
    return groups.computeIfAbsent(query, q -> new FilterGroup(this, q)).follow(shape);
  }

  void unfollow(Undecided undecided) {
    FilterGroup group = undecided.group();
    if (group.unfollow(undecided.shape())) {
      groups.remove(group.query(), group);
    }
  }

  boolean isAnyFollowed() {
    return !groups.isEmpty();
  }

  /** The stream broke off, and may bring again what is undecided. */
  void rewind(long position) {
    for (FilterGroup group : groups.values()) {
      group.rewind();
      group.shapes().forEach(undecided -> undecided.rewind(position));
    }
  }

  /** The stream will bring again, from {@code start} on, what is undecided. */
  void repeatFrom(long start) {
    holds.rewind(start);
    groups.values().forEach(group -> group.shapes().forEach(one -> one.repeatFrom(start)));
  }

  /** The stream has brought again what was undecided. */
  void reached() {
    holds.reached();
    groups.values().forEach(group -> group.shapes().forEach(Undecided::reached));
  }

  // --- the workers ---

  boolean[] evaluate(FilterGroup group, List<List<@Nullable String>> rows)
      throws InterruptedException {
    boolean[] none = new boolean[rows.size()];
    try {
      return rows.isEmpty() ? none : evaluator.evaluate(group.query(), rows);
    } catch (ShapeException e) {
      group.shapes().forEach(undecided -> decided().drop(undecided.shape(), e.reason()));
      return Arrays.copyOf(none, rows.size());
    }
  }

  void show(Undecided undecided, UndecidedPart last, ChangeQueue messages) {
    decided().decided(undecided, last, messages);
  }

  /** The shape of a transaction is gone. */
  void forget(UndecidedPart last) {
    decided().forgotten(last);
  }

  void failed(RuntimeException cause) {
    if (!(cause instanceof DatabaseException)) {
      log.error("changes could not be decided; the stream is followed anew", cause);
    }
    decided().failed(cause);
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
