package dev.millrace.server.http;

import java.util.concurrent.atomic.AtomicInteger;

/** Bounds how many requests of a kind are served at once (protocol section 2). Any thread. */
final class Admission {

  private final String kind;
  private final int limit;
  private final AtomicInteger admitted = new AtomicInteger();

  /**
   * Admits nobody yet.
   *
   * @param kind what the client is told of it
   */
  Admission(String kind, int limit) {
    this.kind = kind;
    this.limit = limit;
  }

  String kind() {
    return kind;
  }

  int limit() {
    return limit;
  }

  /** Requests being served. */
  int admitted() {
    return admitted.get();
  }

  /** Takes a request in, until {@link #leave}; false if there are too many. */
  boolean enter() {
    if (admitted.incrementAndGet() <= limit) {
      return true;
    }
    leave();
    return false;
  }

  void leave() {
    admitted.decrementAndGet();
  }
}
