package dev.millrace.client;

import dev.millrace.client.transport.Scheduler;
import java.time.Duration;
import java.util.PriorityQueue;

/** Time that goes on when somebody says so, from one task to the next. One thread. */
final class SimulatedTime {

  private record Task(long at, long number, Lane lane, Runnable work) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>((a, b) -> {
        int byTime = Long.compare(a.at(), b.at());
        return byTime != 0 ? byTime : Long.compare(a.number(), b.number());
      });
  private long now;
  private long numbers;
  private Lane lastLane = lane();

  long nanos() {
    return now;
  }

  /** Somebody whose tasks come to nothing once it is dead. */
  final class Lane implements Scheduler {

    private boolean isDead;

    @Override
    public void execute(Runnable task) {
      after(Duration.ZERO, task);
    }

    @Override
    public Timer after(Duration delay, Runnable work) {
      Task task = new Task(now + delay.toNanos(), numbers++, this, work);
      tasks.add(task);
      return () -> tasks.remove(task);
    }

    @Override
    public void close() {
      isDead = true;
    }
  }

  Lane lane() {
    return new Lane();
  }

  /** Whose the last task was. */
  Lane lastLane() {
    return lastLane;
  }

  /** Runs the next task, if it is due by then; else goes to then and says that there was none. */
  boolean step(long until) {
    Task next = tasks.peek();
    if (next == null || next.at() > until) {
      now = Math.max(now, until);
      return false;
    }
    tasks.poll();
    now = Math.max(now, next.at());
    lastLane = next.lane();
    if (!next.lane().isDead) {
      next.work().run();
    }
    return true;
  }
}
