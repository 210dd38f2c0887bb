package dev.millrace.client.query;

import dev.millrace.client.store.ErrorCode;
import dev.millrace.client.store.Row;
import dev.millrace.client.store.SyncClientException;
import dev.millrace.client.transport.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A question whose rows are told anew when they have changed: after a transaction that touched an
 * entity of it, once for several that came in a row. Whether anything changed is found by asking
 * again and comparing. A read that fails is tried again.
 *
 * <p>May be used from any thread. Listeners are called one after the other on the scheduler that
 * all live queries share; one that throws is logged and stops no other.
 */
public final class LiveQuery<T> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LiveQuery.class);

  private static final int MOST_DOUBLINGS = 6;

  private final Question question;
  private final Set<String> entities;
  private final Function<Row, T> reader;
  private final Function<Question, List<Row>> runner;
  private final Scheduler scheduler;
  private final Consumer<LiveQuery<?>> onClose;
  private final List<Listening<T>> listeners = new CopyOnWriteArrayList<>();
  private final AtomicBoolean isDue = new AtomicBoolean();
  private volatile boolean isClosed;

  private volatile Result<T> result;

  /** Grows with each change of the store; what was read before that is no result any more. */
  private long generation;

  /** What the application has seen without a listener. */
  private volatile Result<T> given;

  /** Reads in a row that failed; touched on the scheduler alone. */
  private int failures;

  /** Whether a read is to be tried again; touched on the scheduler alone. */
  private boolean isWaiting;

  /** Rows by their keys, as read and as told. */
  private record Result<T>(Map<List<@Nullable Object>, Row> rows, Map<Row, T> told, List<T> all) {

    static <T> Result<T> empty() {
      return new Result<>(Map.of(), Map.of(), List.of());
    }
  }

  /** A listener and what it knows; touched on the scheduler alone. */
  private static final class Listening<T> {

    private final Consumer<ChangeSet<T>> listener;
    private Result<T> known;

    Listening(Consumer<ChangeSet<T>> listener, Result<T> known) {
      this.listener = listener;
      this.known = known;
    }

    void tell(Result<T> now) {
      Result<T> before = known;
      known = now;
      ChangeSet<T> changes = compare(before, now);
      boolean isSame =
          changes.added().isEmpty()
              && changes.changed().isEmpty()
              && changes.removed().isEmpty()
              && before.all().equals(now.all());
      if (isSame) {
        return;
      }
      try {
        listener.accept(changes);
      } catch (RuntimeException e) {
        LOG.error("a listener of a live query failed; the others go on", e);
      }
    }
  }

  /**
   * Asks for the first time, on the calling thread.
   *
   * @param entities names of those whose rows it depends on
   * @param reader makes of a row what is told; it is called once for each state of a row
   * @param runner answers the query from the store of now
   */
  public LiveQuery(
      Question question,
      Set<String> entities,
      Function<Row, T> reader,
      Function<Question, List<Row>> runner,
      Scheduler scheduler,
      Consumer<LiveQuery<?>> onClose) {
    this.question = question;
    this.entities = Set.copyOf(entities);
    this.reader = reader;
    this.runner = runner;
    this.scheduler = scheduler;
    this.onClose = onClose;
    this.given = read(Result.empty());
    this.result = given;
  }

  private Result<T> read(Result<T> before) {
    Map<List<@Nullable Object>, Row> rows = new LinkedHashMap<>();
    Map<Row, T> told = new LinkedHashMap<>();
    List<T> all = new ArrayList<>();
    for (Row row : runner.apply(question)) {
      List<@Nullable Object> key = question.key(row);
      while (rows.containsKey(key)) {
        key = new ArrayList<>(key);
        key.add("again"); // Plain SQL may find the same twice.
      }
      T known = before.told().get(row);
      T value = known == null ? reader.apply(row) : known;
      rows.put(key, row);
      told.put(row, value);
      all.add(value);
    }
    return new Result<>(rows, told, List.copyOf(all));
  }

  /** The rows as they were read last; after a change of user none, until they are read. */
  public List<T> rows() {
    Result<T> now = result;
    given = now;
    return now.all();
  }

  /**
   * Calls {@code listener} with each change from now on; first with what has changed since {@link
   * #rows} was asked last, or since this was made.
   */
  public void onChange(Consumer<ChangeSet<T>> listener) {
    listeners.add(new Listening<>(listener, given));
    scheduler.execute(this::tell);
  }

  /** The store is another now: no row that was read before is given or told any more. */
  public void forget() {
    synchronized (this) {
      generation++;
      result = Result.empty();
    }
    touched(entities);
  }

  private synchronized long generation() {
    return generation;
  }

  private synchronized void replace(long asked, Result<T> now) {
    if (asked == generation) {
      result = now;
    }
  }

  /** A transaction has touched these entities. */
  public void touched(Set<String> touched) {
    if (!isClosed && isTouchedBy(touched) && isDue.compareAndSet(false, true)) {
      scheduler.execute(this::refresh);
    }
  }

  private boolean isTouchedBy(Set<String> touched) {
    return entities.stream().anyMatch(touched::contains);
  }

  private void refresh() {
    isDue.set(false);
    if (isClosed) {
      return;
    }
    long asked = generation();
    try {
      replace(asked, read(result));
      failures = 0;
    } catch (RuntimeException e) {
      failed(e);
    }
    tell();
  }

  private void failed(RuntimeException e) {
    if (e instanceof SyncClientException failure && failure.code() == ErrorCode.CLOSED) {
      LOG.debug("a live query of {} has no store", entities, e);
      return;
    }
    LOG.warn("a live query of {} cannot be read; it is tried again", entities, e);
    Duration delay = Duration.ofSeconds(1L << Math.min(failures++, MOST_DOUBLINGS));
    if (!isWaiting) {
      isWaiting = true;
      scheduler.after(
          delay,
          () -> {
            isWaiting = false;
            touched(entities);
          });
    }
  }

  private void tell() {
    for (Listening<T> listening : listeners) {
      if (isClosed) {
        return;
      }
      listening.tell(result);
    }
  }

  private static <T> ChangeSet<T> compare(Result<T> before, Result<T> now) {
    List<T> added = new ArrayList<>();
    List<T> changed = new ArrayList<>();
    List<T> removed = new ArrayList<>();
    now.rows()
        .forEach((key, row) -> {
          Row old = before.rows().get(key);
          if (old == null) {
            added.add(value(now, row));
          } else if (!old.equals(row)) {
            changed.add(value(now, row));
          }
        });
    before
        .rows()
        .forEach((key, row) -> {
          if (!now.rows().containsKey(key)) {
            removed.add(value(before, row));
          }
        });
    return new ChangeSet<>(now.all(), added, changed, removed);
  }

  private static <T> T value(Result<T> result, Row row) {
    T value = result.told().get(row);
    if (value == null) {
      throw new IllegalStateException("a row that was read is not told");
    }
    return value;
  }

  /** No listener is called after the one that runs now. */
  @Override
  public void close() {
    isClosed = true;
    listeners.clear();
    onClose.accept(this);
  }
}
