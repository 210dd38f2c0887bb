package dev.millrace.examples.library.desktop;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** A task that runs once for all who asked for it before it began. Any thread. */
final class Coalesced {

  private final Executor executor;
  private final Runnable task;
  private final AtomicBoolean isDue = new AtomicBoolean();

  Coalesced(Executor executor, Runnable task) {
    this.executor = executor;
    this.task = task;
  }

  void ask() {
    if (isDue.compareAndSet(false, true)) {
      executor.execute(() -> {
        isDue.set(false);
        task.run();
      });
    }
  }
}
