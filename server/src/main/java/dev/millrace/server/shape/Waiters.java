package dev.millrace.server.shape;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for something to happen once: more log, more of a snapshot, the end of a shape.
 * Any thread. Being woken means to look again, nothing more.
 */
public final class Waiters {

  /** Somebody who waits; woken on a thread of its own choice. */
  public interface Waiter {

    /** Where {@link #wake} runs; waiters of one executor are woken by one task. */
    Executor executor();

    void wake();
  }

  /** Null while nobody waits: there may be many shapes, most of them idle. */
  private volatile @Nullable Set<Waiter> waiting;

  /** Adds {@code waiter}; who adds must look once more afterwards, or may miss what came before. */
  public synchronized void add(Waiter waiter) {
    if (waiting == null) {
      waiting = new LinkedHashSet<>();
    }
    waiting.add(waiter);
  }

  public synchronized void remove(Waiter waiter) {
    if (waiting != null && waiting.remove(waiter) && waiting.isEmpty()) {
      waiting = null;
    }
  }

  boolean hasAny() {
    return waiting != null;
  }

  /** Wakes and forgets all who wait. */
  void wakeAll() {
    if (!hasAny()) {
      return;
    }
    Set<Waiter> woken;
    synchronized (this) {
      if (waiting == null) {
        return;
      }
      woken = waiting;
      waiting = null;
    }
    Map<Executor, List<Waiter>> tasks = new HashMap<>();
    woken.forEach(w -> tasks.computeIfAbsent(w.executor(), e -> new ArrayList<>()).add(w));
    tasks.forEach((executor, some) -> executor.execute(() -> some.forEach(Waiter::wake)));
  }
}
