package dev.millrace.server.shape;

import dev.millrace.server.postgres.PgSnapshot;

/**
 * The transactions that came through the stream last. Needed because a transaction can be streamed
 * before it is visible to others: Postgres sends it once its commit is in the log, and shows it
 * only when the committing session is done waiting, for a synchronous standby for instance. A
 * snapshot taken in between has not seen a transaction that a shape registered later has missed.
 *
 * <p>The journal keeps them, so that this holds across a restart too. Guarded by the router's lock.
 */
final class RecentTransactions {

  private static final int KEPT = 1 << 16;

  private final int[] xids = new int[KEPT];
  private long count;

  /** All before this one are visible to everybody. */
  private long firstUncertain;

  void add(int xid) {
    xids[(int) (count++ % KEPT)] = xid;
    firstUncertain = Math.max(firstUncertain, count - KEPT);
  }

  void addAll(int[] added) {
    for (int xid : added) {
      add(xid);
    }
  }

  /** Forgets all: they were of another history. */
  void clear() {
    firstUncertain = count;
  }

  /** How many there have been. */
  long count() {
    return count;
  }

  /** Those from the {@code place}-th on that may not be visible yet. */
  int[] from(long place) {
    int start = (int) (count - Math.max(place, firstUncertain));
    int[] found = new int[start];
    for (int i = 0; i < start; i++) {
      found[i] = xids[(int) ((count - start + i) % KEPT)];
    }
    return found;
  }

  /** Whether {@code snapshot} misses one of those that came before the {@code until}-th. */
  boolean isAnyMissingIn(PgSnapshot snapshot, long until) {
    for (long i = firstUncertain; i < until; i++) {
      if (!snapshot.sees(xids[(int) (i % KEPT)], 0)) {
        return true;
      }
    }
    firstUncertain = Math.max(firstUncertain, until);
    return false;
  }
}
