import type { Table, Transaction } from "dexie";
import type { AnyEntity, Values } from "../entity.js";
import type { RowKey } from "../row-key.js";
import { BUFFER, CONFLICT, localName, META, nextName, OVERLAY, SEEN, STREAM, syncedName } from "./schema.js";
import type { BufferedChange, LocalRow, OverlayChange } from "./stored.js";
import type { StoredConflict } from "./stored-conflict.js";
import type { StreamPosition } from "./stream-position.js";

/** Rows of entities that have changed; `all` where it is not known which. */
export type Touched = ReadonlyMap<string, ReadonlySet<RowKey> | "all">;

/** Beyond these it is cheaper to read the entity anew. */
const MOST_KEYS = 2_000;

/** An open transaction on a store. Good until it ends. */
export class Tx {
  readonly #transaction: Transaction;
  readonly #touched = new Map<string, Set<RowKey> | "all">();
  readonly #afterCommit: (() => void)[] = [];

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  get overlay(): Table<OverlayChange, number, Omit<OverlayChange, "seq">> {
    return this.#transaction.table(OVERLAY);
  }

  get buffer(): Table<BufferedChange, number> {
    return this.#transaction.table(BUFFER);
  }

  get stream(): Table<StreamPosition, [string, string]> {
    return this.#transaction.table(STREAM);
  }

  get seen(): Table<{ entity: string; slot: string; txid: number }, [string, string, number]> {
    return this.#transaction.table(SEEN);
  }

  get conflicts(): Table<StoredConflict, number, Omit<StoredConflict, "id">> {
    return this.#transaction.table(CONFLICT);
  }

  get meta(): Table<{ name: string; value: unknown }, string> {
    return this.#transaction.table(META);
  }

  synced(entity: AnyEntity): Table<Values, RowKey> {
    return this.#transaction.table(syncedName(entity));
  }

  local(entity: AnyEntity): Table<LocalRow, RowKey> {
    return this.#transaction.table(localName(entity));
  }

  next(entity: AnyEntity): Table<Values, RowKey> {
    return this.#transaction.table(nextName(entity));
  }

  touch(entity: AnyEntity, key: RowKey): void {
    const keys = this.#touched.get(entity.name);
    if (keys === "all") return;
    if (keys === undefined) this.#touched.set(entity.name, new Set([key]));
    else if (keys.size < MOST_KEYS) keys.add(key);
    else this.touchAll(entity);
  }

  touchAll(entity: AnyEntity): void {
    this.#touched.set(entity.name, "all");
  }

  get touched(): Touched {
    return this.#touched;
  }

  /** Runs something once all of this is stored. */
  afterCommit(work: () => void): void {
    this.#afterCommit.push(work);
  }

  get worksAfterCommit(): readonly (() => void)[] {
    return this.#afterCommit;
  }
}
