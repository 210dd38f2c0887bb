package dev.millrace.protocol;

import java.util.Set;

/**
 * Which transactions a snapshot sees: {@code pg_current_snapshot()} with its 64-bit ids.
 *
 * @param xmin all below had ended
 * @param xmax none from here on is seen
 * @param running those between that had not ended
 * @see <a href="https://www.postgresql.org/docs/current/functions-info.html">Snapshots</a>
 */
public record SeenTransactions(long xmin, long xmax, Set<Long> running) {

  private static final long EPOCH = 1L << 32;

  public SeenTransactions {
    running = Set.copyOf(running);
  }

  /**
   * Whether the snapshot sees a transaction that has committed.
   *
   * @param txid its 32-bit id, of a transaction less than 2^31 away from the snapshot
   */
  public boolean sees(long txid) {
    long full = widened(txid);
    return full < xmin || (full < xmax && !running.contains(full));
  }

  /** The 64-bit id nearest to {@link #xmax} that ends in these 32 bits. */
  private long widened(long txid) {
    long full = (xmax & -EPOCH) | (txid & (EPOCH - 1));
    if (full > xmax + EPOCH / 2 && full >= EPOCH) {
      return full - EPOCH;
    }
    return full < xmax - EPOCH / 2 ? full + EPOCH : full;
  }
}
