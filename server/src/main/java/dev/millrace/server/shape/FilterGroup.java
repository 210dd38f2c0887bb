package dev.millrace.server.shape;

import dev.millrace.server.filter.DelegatedQuery;
import dev.millrace.server.shape.UndecidedChange.Texts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The shapes whose filters have the same part that only Postgres evaluates, and what is to be
 * decided for them, in the order of the stream. They wait while Postgres is slow; others do not.
 * The router adds; one virtual thread decides, as long as there is anything.
 */
final class FilterGroup {

  /** How many changes one query is about, and some more. */
  private static final int MOST_CHANGES = 500;

  private final Delegation delegation;
  private final DelegatedQuery query;
  private final ChangeQueue queue;

  // Guarded by this.
  private final Map<Integer, Undecided> shapes = new HashMap<>();

  private Begun begun = new Begun();

  private @Nullable Worker worker;

  FilterGroup(Delegation delegation, DelegatedQuery query) {
    this.delegation = delegation;
    this.query = query;
    this.queue = delegation.newQueue();
  }

  DelegatedQuery query() {
    return query;
  }

  synchronized Undecided follow(Shape shape) {
    Undecided undecided = new Undecided(shape, this);
    shapes.put(shape.number(), undecided);
    return undecided;
  }

  /** Forgets a shape; true if there is none left. */
  synchronized boolean unfollow(Shape shape) {
    shapes.remove(shape.number());
    closeIfOver();
    return shapes.isEmpty();
  }

  private void closeIfOver() {
    if (shapes.isEmpty() && worker == null) {
      queue.close();
      begun.close();
    }
  }

  synchronized List<Undecided> shapes() {
    return List.copyOf(shapes.values());
  }

  private synchronized @Nullable Undecided find(int shape) {
    return shapes.get(shape);
  }

  void add(UndecidedPart part) {
    queue.add(part.toBytes());
    synchronized (this) {
      if (worker == null) {
        worker = new Worker(begun);
        delegation.execute(worker);
      }
    }
  }

  /** Forgets what is not decided: the stream brings it again. */
  synchronized void rewind() {
    queue.close();
    if (worker == null || worker.isOver) {
      begun.close();
    }
    begun = new Begun();
    worker = null;
  }

  /** A worker has ended; what it leaves is for the next, unless the stream has begun anew. */
  private synchronized void ended(Worker one) {
    one.isOver = true;
    if (one.decided != begun) {
      one.decided.close();
    }
  }

  /** What was decided of transactions that are not complete, by shape; of one worker at a time. */
  private static final class Begun {

    private final Map<Integer, ChangeQueue> queues = new HashMap<>();

    void close() {
      queues.values().forEach(ChangeQueue::close);
      queues.clear();
    }
  }

  /** Whether the stream has not begun anew since. */
  private synchronized boolean isCurrent(Worker one) {
    return worker == one;
  }

  private synchronized List<UndecidedPart> take(Worker taker) {
    List<UndecidedPart> parts = new ArrayList<>();
    if (worker != taker) {
      return parts;
    }
    for (int changes = 0; changes < MOST_CHANGES; changes += parts.getLast().changes().size() + 1) {
      byte[] record = queue.poll();
      if (record == null) {
        break;
      }
      parts.add(UndecidedPart.of(record));
    }
    if (parts.isEmpty()) {
      worker = null;
      closeIfOver();
    }
    return parts;
  }

  /** Decides what there is, in order, until there is nothing or the stream begins anew. */
  private final class Worker implements Runnable {

    private final Begun decided;
    private boolean isOver;

    Worker(Begun decided) {
      this.decided = decided;
    }

    @Override
    public void run() {
      try {
        for (List<UndecidedPart> parts = take(this); !parts.isEmpty(); parts = take(this)) {
          decide(parts);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        if (isCurrent(this)) {
          delegation.failed(e);
        }
      } finally {
        ended(this);
      }
    }

    private void decide(List<UndecidedPart> parts) throws InterruptedException {
      List<List<@Nullable String>> rows = new ArrayList<>();
      for (UndecidedPart part : parts) {
        part.changes().forEach(change -> addRows(change, rows));
      }
      Verdicts verdicts = new Verdicts(delegation.evaluate(FilterGroup.this, rows));
      for (UndecidedPart part : parts) {
        decide(part, verdicts);
      }
    }

    private void decide(UndecidedPart part, Verdicts verdicts) {
      ChangeQueue messages =
          decided.queues.computeIfAbsent(part.shape(), shape -> delegation.newQueue());
      for (UndecidedChange change : part.changes()) {
        boolean hadOld = change.old() != null && verdicts.next();
        boolean hasNew = change.row() != null && verdicts.next();
        change.outcome(hadOld, hasNew).forEach(message -> messages.add(message.toBytes()));
      }
      if (part.isLast()) {
        decided.queues.remove(part.shape());
        Undecided undecided = find(part.shape());
        if (undecided == null) {
          delegation.forget(part);
        } else {
          delegation.show(undecided, part, messages);
        }
        messages.close();
      }
    }
  }

  private static void addRows(UndecidedChange change, List<List<@Nullable String>> rows) {
    Texts old = change.old();
    Texts row = change.row();
    if (old != null) {
      rows.add(old.values());
    }
    if (row != null) {
      rows.add(row.values());
    }
  }

  /** Which rows are in, one after another. */
  private static final class Verdicts {

    private final boolean[] met;
    private int next;

    Verdicts(boolean[] met) {
      this.met = met;
    }

    boolean next() {
      return met[next++];
    }
  }
}
