package dev.millrace.client.writebuffer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one change: local, then sent, then confirmed or rejected. It follows for as long as the
 * process lives; afterwards {@link WriteBuffer} has what is left to do. May be used from any
 * thread.
 */
public final class WriteHandle {

  private static final Logger LOG = LoggerFactory.getLogger(WriteHandle.class);

  private final String id;
  private final List<Consumer<WriteState>> listeners = new ArrayList<>();
  private WriteState state = new WriteState.Local();

  WriteHandle(String id) {
    this.id = id;
  }

  /** Of the change: a UUID. */
  public String id() {
    return id;
  }

  public synchronized WriteState state() {
    return state;
  }

  /**
   * Calls {@code listener} with each further state, on the thread that brings it. What it throws is
   * logged.
   */
  public synchronized void onChange(Consumer<WriteState> listener) {
    listeners.add(listener);
  }

  /**
   * Waits until the change is settled and gives what it is then, or what it is when the time is
   * over. Not for a user interface's thread.
   *
   * @throws InterruptedException if the thread is interrupted
   */
  public synchronized WriteState await(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    for (long left = limit.toNanos();
        left > 0 && !state.isSettled();
        left = end - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return state;
  }

  void become(WriteState next) {
    List<Consumer<WriteState>> called;
    synchronized (this) {
      if (state.equals(next)) {
        return;
      }
      state = next;
      notifyAll();
      called = new ArrayList<>(listeners);
    }
    called.forEach(listener -> tell(listener, next));
  }

  private void tell(Consumer<WriteState> listener, WriteState next) {
    try {
      listener.accept(next);
    } catch (RuntimeException e) {
      LOG.error("a listener to the write {} failed", id, e);
    }
  }
}
