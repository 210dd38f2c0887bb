package dev.millrace.server.postgres;

import java.time.Duration;

/**
 * When a connection last heard from its peer. The driver keeps Postgres' keepalives to itself, so
 * this is noted where bytes come in. Any thread.
 */
final class Hearing {

  private volatile boolean isListening;
  private volatile long lastNanos = System.nanoTime();

  /** From now on everything that comes in is noted here. */
  void listen() {
    isListening = true;
    heard();
  }

  void heard() {
    lastNanos = System.nanoTime();
  }

  /** For how long nothing has come; none if nobody notes what comes. */
  Duration silence() {
    return isListening ? Duration.ofNanos(System.nanoTime() - lastNanos) : Duration.ZERO;
  }
}
