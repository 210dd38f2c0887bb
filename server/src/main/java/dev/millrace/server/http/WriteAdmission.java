package dev.millrace.server.http;

import java.util.HashMap;
import java.util.Map;

/**
 * Bounds how many batches are taken in at once, of each user and of all, so that no user keeps the
 * others out. Any thread.
 */
final class WriteAdmission {

  /** What becomes of a batch. */
  enum Verdict {
    ADMITTED,
    TOO_MANY_OF_USER,
    TOO_MANY
  }

  private final int limit;
  private final int limitPerUser;
  private final Map<String, Integer> byUser = new HashMap<>();
  private int all;

  WriteAdmission(WriteLimits limits) {
    this.limit = limits.batches();
    this.limitPerUser = limits.batchesPerUser();
  }

  /** Takes a batch of {@code user} in if it can, until {@link #leave}. */
  synchronized Verdict enter(String user) {
    int own = byUser.getOrDefault(user, 0);
    if (own >= limitPerUser) {
      return Verdict.TOO_MANY_OF_USER;
    }
    if (all >= limit) {
      return Verdict.TOO_MANY;
    }
    byUser.put(user, own + 1);
    all++;
    return Verdict.ADMITTED;
  }

  synchronized void leave(String user) {
    byUser.computeIfPresent(user, (name, own) -> own == 1 ? null : own - 1);
    all--;
  }

  /** Batches taken in now. */
  synchronized int admitted() {
    return all;
  }
}
