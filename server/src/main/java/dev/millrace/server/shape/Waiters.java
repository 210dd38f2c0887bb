package dev.millrace.server.shape;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

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

  private Set<Waiter> waiting = new LinkedHashSet<>();

  /** Adds {@code waiter}; who adds must look once more afterwards, or may miss what came before. */
  public synchronized void add(Waiter waiter) {
    waiting.add(waiter);
  }

  public synchronized void remove(Waiter waiter) {
    waiting.remove(waiter);
  }

  synchronized boolean hasAny() {
    return !waiting.isEmpty();
  }

  /** Wakes and forgets all who wait. */
  void wakeAll() {
    Set<Waiter> woken;
    synchronized (this) {
      if (waiting.isEmpty()) {
        return;
      }
      woken = waiting;
      waiting = new LinkedHashSet<>();
    }
    Map<Executor, List<Waiter>> tasks = new HashMap<>();
    woken.forEach(w -> tasks.computeIfAbsent(w.executor(), e -> new ArrayList<>()).add(w));
    tasks.forEach((executor, some) -> executor.execute(() -> some.forEach(Waiter::wake)));
  }
}
