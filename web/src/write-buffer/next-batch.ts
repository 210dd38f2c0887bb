import type { BufferedChange } from "../store/stored.js";

/**
 * How large a batch may be. A change that is larger by itself, and changes that belong together, are sent all the
 * same. The server takes 1000 changes and 4 MiB at most.
 */
export interface BatchLimits {
  readonly changes: number;
  readonly bytes: number;
}

export const DEFAULT_LIMITS: BatchLimits = { changes: 500, bytes: 1024 * 1024 };

/** A part of them, after the server has found a batch too large. */
export function shrunk({ changes, bytes }: BatchLimits, halvings: number): BatchLimits {
  return { changes: Math.max(1, changes >> halvings), bytes: Math.max(1, bytes >> halvings) };
}

export const rowOf = (change: { entity: string; key: string }): string => `${change.entity} ${change.key}`;

/**
 * Chooses what is sent next, in order. Left out are changes that wait until later, whatever follows them on the same
 * row or belongs together with them, changes of a row whose insert was rejected, and a transaction that is not there
 * as a whole.
 *
 * @param pending all of them, in their order
 * @param heldRows rows whose insert was rejected
 * @param waiting ids of changes that are not to be sent now
 * @param sizes how many changes of a transaction there are, pending or not
 */
export function chooseBatch(
  pending: readonly BufferedChange[],
  limits: BatchLimits,
  heldRows: Iterable<string>,
  waiting: ReadonlySet<string>,
  sizes: ReadonlyMap<string, number>,
): readonly BufferedChange[] {
  const held = new Set(heldRows);
  const heldTxs = new Set<string>();
  const chosen: BufferedChange[] = [];
  let bytes = 0;
  for (const group of groups(pending)) {
    const tx = group[0]?.tx;
    const isHeld = group.some(
      (one) => waiting.has(one.id) || held.has(rowOf(one)) || (tx !== undefined && heldTxs.has(tx)),
    );
    if (isHeld || (tx !== undefined && sizes.get(tx) !== group.length)) {
      for (const one of group) held.add(rowOf(one));
      if (tx !== undefined) heldTxs.add(tx);
      continue;
    }
    const more = group.reduce((sum, one) => sum + one.bytes, 0);
    const fits = chosen.length + group.length <= limits.changes && bytes + more <= limits.bytes;
    if (!fits && chosen.length > 0) break;
    chosen.push(...group);
    bytes += more;
  }
  return chosen;
}

/** Neighbours of one transaction together, as they were written. */
function* groups(pending: readonly BufferedChange[]): Generator<readonly BufferedChange[]> {
  let group: BufferedChange[] = [];
  for (const one of pending) {
    const isSame = group.length > 0 && one.tx !== undefined && one.tx === group[0]?.tx;
    if (!isSame && group.length > 0) {
      yield group;
      group = [];
    }
    group.push(one);
  }
  if (group.length > 0) yield group;
}
