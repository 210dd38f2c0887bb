/**
 * Which transactions a snapshot sees: `pg_current_snapshot()` with its 64-bit ids. All below `xmin` had ended, none
 * from `xmax` on is seen, nor those `running` between.
 */
export interface SeenTransactions {
  readonly xmin: bigint;
  readonly xmax: bigint;
  readonly running: readonly bigint[];
}

const EPOCH = 2n ** 32n;

/** Whether the snapshot sees a transaction that has committed, of whose id these are the last 32 bits. */
export function sees(snapshot: SeenTransactions, txid: number): boolean {
  const full = widened(snapshot.xmax, BigInt(txid));
  return full < snapshot.xmin || (full < snapshot.xmax && !snapshot.running.includes(full));
}

/** The 64-bit id nearest to `xmax` that ends in these 32 bits. */
function widened(xmax: bigint, txid: bigint): bigint {
  const full = (xmax & -EPOCH) | (txid & (EPOCH - 1n));
  if (full > xmax + EPOCH / 2n && full >= EPOCH) return full - EPOCH;
  return full < xmax - EPOCH / 2n ? full + EPOCH : full;
}
