package dev.millrace.server.postgres;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a connection last heard from its peer, and the waiting for it to be heard again. The driver
 * keeps Postgres' keepalives to itself, and can wait for a millisecond only or until a message of
 * another kind comes, so both are done where bytes come in. Any thread, but {@link #await} is for
 * the one that reads.
 */
final class Hearing {

  /** Where bytes come in. */
  interface Source {

    /** Waits until there is something to read, or its end, or that time is over. */
    void await(int millis) throws IOException;
  }

  private volatile @Nullable Source source;
  private volatile long lastNanos = System.nanoTime();

  /** From now on everything that comes in there is noted here. */
  void listenTo(Source opened) {
    source = opened;
    heard();
  }

  void heard() {
    lastNanos = System.nanoTime();
  }

  /** For how long nothing has come; none if nobody notes what comes. */
  Duration silence() {
    return source == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - lastNanos);
  }

  /** Waits until something comes; that it is broken is found by who reads then. */
  void await(Duration most) {
    Source waited = source;
    try {
      if (waited != null) {
        waited.await((int) most.toMillis());
      }
    } catch (IOException e) {
      return;
    }
  }
}
