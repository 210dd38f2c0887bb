package dev.millrace.server.shape;

import dev.millrace.server.postgres.PgSnapshot;

/**
 * The transactions that came through the stream last. Needed because a transaction can be streamed
 * before it is visible to others: Postgres sends it once its commit is in the log, and shows it
 * only when the committing session is done waiting, for a synchronous standby for instance. A
 * snapshot taken in between has not seen a transaction that a shape registered later has missed.
 */
final class RecentTransactions {

  private static final int KEPT = 1 << 16;

  private final int[] xids = new int[KEPT];
  private long count;

  void add(int xid) {
    xids[(int) (count++ % KEPT)] = xid;
  }

  /** How many there have been. */
  long count() {
    return count;
  }

  /** Whether {@code snapshot} misses one of those that came before the {@code until}-th. */
  boolean isAnyMissingIn(PgSnapshot snapshot, long until) {
    for (long i = Math.max(0, count - KEPT); i < until; i++) {
      if (!snapshot.sees(xids[(int) (i % KEPT)], 0)) {
        return true;
      }
    }
    return false;
  }
}
