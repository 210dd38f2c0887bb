package dev.millrace.server.shape;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code shape-upkeep}: removes the files of dropped shapes, and makes a round through
 * all shapes every minute and whenever it is asked to. An error in one task ends that task only.
 */
final class Upkeep implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final ScheduledExecutorService thread;
  private final Runnable round;
  private final AtomicBoolean isRoundDue = new AtomicBoolean();

  /**
   * @param round what is done again and again
   */
  Upkeep(Runnable round) {
    this.round = round;
    ScheduledThreadPoolExecutor one =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("shape-upkeep").factory());
    // What comes after the end is left to the next start.
    one.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    one.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.thread = one;
  }

  void start() {
    long every = INTERVAL.toMillis();
    var _ = thread.scheduleAtFixedRate(guarded(round), every, every, TimeUnit.MILLISECONDS);
  }

  /** Does {@code task} once, soon. */
  void run(Runnable task) {
    thread.execute(guarded(task));
  }

  /** Makes a round after {@code delay}, and not one for each call. */
  void makeRound(Duration delay) {
    if (isRoundDue.compareAndSet(false, true)) {
      var _ = thread.schedule(this::dueRound, delay.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void dueRound() {
    isRoundDue.set(false);
    guarded(round).run();
  }

  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        log.error("a task of upkeep failed", e);
      }
    };
  }

  /** Ends the thread after the tasks at hand; does not wait for them. */
  @Override
  public void close() {
    thread.shutdown();
  }
}
