package dev.millrace.client.query;

import dev.millrace.client.store.Row;
import dev.millrace.client.transport.Scheduler;
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
 * again and comparing.
 *
 * <p>May be used from any thread. Listeners are called one after the other on the scheduler that
 * all live queries share; one that throws is logged and stops no other.
 */
public final class LiveQuery<T> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LiveQuery.class);

  private final Question question;
  private final Set<String> entities;
  private final Function<Row, T> reader;
  private final Function<Question, List<Row>> runner;
  private final Scheduler scheduler;
  private final Consumer<LiveQuery<?>> onClose;
  private final List<Consumer<ChangeSet<T>>> listeners = new CopyOnWriteArrayList<>();
  private final AtomicBoolean isDue = new AtomicBoolean();
  private volatile boolean isClosed;
  private volatile Result<T> result;

  /** Rows by their keys, as read and as told. */
  private record Result<T>(Map<List<@Nullable Object>, Row> rows, Map<Row, T> told, List<T> all) {}

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
    this.result = read(new Result<>(Map.of(), Map.of(), List.of()));
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

  /** The rows as they were told last; before that, as they were when this was made. */
  public List<T> rows() {
    return result.all();
  }

  /** Calls {@code listener} with each change from now on. */
  public void onChange(Consumer<ChangeSet<T>> listener) {
    listeners.add(listener);
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
    Result<T> before = result;
    Result<T> now;
    try {
      now = read(before);
    } catch (RuntimeException e) {
      LOG.warn("a live query of {} cannot be read", entities, e);
      return;
    }
    result = now;
    ChangeSet<T> changes = compare(before, now);
    boolean isSame =
        changes.added().isEmpty()
            && changes.changed().isEmpty()
            && changes.removed().isEmpty()
            && before.all().equals(now.all());
    if (!isSame) {
      listeners.forEach(listener -> tell(listener, changes));
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

  private void tell(Consumer<ChangeSet<T>> listener, ChangeSet<T> changes) {
    try {
      listener.accept(changes);
    } catch (RuntimeException e) {
      LOG.error("a listener of a live query failed; the others go on", e);
    }
  }

  /** No listener is called after the one that runs now. */
  @Override
  public void close() {
    isClosed = true;
    listeners.clear();
    onClose.accept(this);
  }
}
