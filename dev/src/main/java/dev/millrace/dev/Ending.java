package dev.millrace.dev;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The person's wish to end this process, by Ctrl-C or SIGTERM. The JVM then waits until this is
 * closed, so that the thread that started things also ends them, in its own order; a minute at
 * most.
 */
final class Ending implements AutoCloseable {
  private static final int LIMIT_SECONDS = 60;

  private final CountDownLatch wished = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  private Ending() {}

  static Ending watch() {
    Ending ending = new Ending();
    Runtime.getRuntime().addShutdownHook(new Thread(ending::wish, "ending"));
    return ending;
  }

  private void wish() {
    wished.countDown();
    try {
      boolean _ = closed.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void await() throws InterruptedException {
    wished.await();
  }

  boolean isWished() {
    return wished.getCount() == 0;
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
