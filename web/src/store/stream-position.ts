import type { SeenTransactions } from "./seen-transactions.js";

/** Which copy of an entity: the one that is shown, or the one in the making. */
export type Slot = "synced" | "next";

/** A place in the log, by numbers. */
export interface LogPlace {
  readonly tx: bigint;
  readonly op: number;
}

/** Where a copy stands; in one transaction with its rows. */
export interface StreamPosition {
  readonly entity: string;
  readonly slot: Slot;
  readonly handle?: string;
  /** What the next request says; `-1` before anything came. */
  readonly offset: string;
  /** Of the last change that was applied: what is sent again is known by it. */
  readonly last: LogPlace;
  /** All transactions up to here have been shown. */
  readonly lsn: bigint;
  /** Of the copy's snapshot, as long as it may be asked for. */
  readonly snapshot?: SeenTransactions;
  /** Epoch milliseconds of the last up-to-date. */
  readonly upToDateAt?: number;
}

export function beginning(entity: string, slot: Slot): StreamPosition {
  return { entity, slot, offset: "-1", last: { tx: 0n, op: -1 }, lsn: 0n };
}

export function isAfter(place: LogPlace, other: LogPlace): boolean {
  return place.tx === other.tx ? place.op > other.op : place.tx > other.tx;
}

/** The `tx` of an offset like `123_4`; 0 within a snapshot, -1 before all. */
export function offsetTx(offset: string): bigint {
  const tx = /^(\d+)_/.exec(offset)?.[1];
  return tx === undefined ? -1n : BigInt(tx);
}

/** The lesser of two offsets of the form `123_4` or `123_inf`. */
export function lesserOffset(one: string, other: string): string {
  const [oneTx, otherTx] = [offsetTx(one), offsetTx(other)];
  if (oneTx !== otherTx) return oneTx < otherTx ? one : other;
  const op = (offset: string) => Number(offset.slice(offset.indexOf("_") + 1).replace("inf", "Infinity"));
  return op(one) <= op(other) ? one : other;
}
