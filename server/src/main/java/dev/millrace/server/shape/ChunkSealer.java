package dev.millrace.server.shape;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves full chunks out of the journal into files of their own, one at a time, on the thread {@code
 * chunk-sealer}. The queue holds references only and is bounded by what the journal holds. A chunk
 * that cannot be written stays readable in the journal and is tried again.
 */
final class ChunkSealer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ChunkSealer.class);
  private static final long RETRY_MILLIS = 1000;

  private final BlockingQueue<Optional<Task>> tasks = new LinkedBlockingQueue<>();
  private final Thread thread = new Thread(this::run, "chunk-sealer");
  private volatile boolean closed;

  private record Task(ShapeLog log, TailChunk chunk) {}

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /** Asks for {@code chunk}, which is full, to be moved. */
  void seal(ShapeLog log, TailChunk chunk) {
    tasks.add(Optional.of(new Task(log, chunk)));
  }

  private void run() {
    try {
      Optional<Task> task = tasks.take();
      while (task.isPresent()) {
        while (!closed && !isDone(task.get())) {
          synchronized (this) {
            wait(RETRY_MILLIS);
          }
        }
        task = closed ? Optional.empty() : tasks.take();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isDone(Task task) {
    try {
      task.log.moveToFile(task.chunk);
      return true;
    } catch (IOException | UncheckedIOException e) {
      log.atWarn()
          .addKeyValue("folder", task.log.folder())
          .addKeyValue("cause", "disk")
          .log("cannot seal a chunk, trying again: {}", e.toString());
      return false;
    }
  }

  /** Stops after the chunk at hand; the others stay in the journal. */
  @Override
  public void close() {
    closed = true;
    synchronized (this) {
      notifyAll();
    }
    tasks.add(Optional.empty());
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
