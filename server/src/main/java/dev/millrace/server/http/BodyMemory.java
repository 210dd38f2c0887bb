package dev.millrace.server.http;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes of request bodies the server holds at once, and may hold. For any thread. */
final class BodyMemory {

  private final long limit;
  private final AtomicLong held = new AtomicLong();

  BodyMemory(long limit) {
    this.limit = limit;
  }

  /** Counts {@code bytes} more, unless that would be too many. */
  boolean take(long bytes) {
    if (held.addAndGet(bytes) <= limit) {
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  void giveBack(long bytes) {
    held.addAndGet(-bytes);
  }
}
