import { backoff } from "../backoff.js";
import type { AnyEntity, Values } from "../entity.js";
import { tellAll } from "../listeners.js";
import type { RowKey } from "../row-key.js";
import type { Store } from "../store/store.js";
import { REST } from "../store/stored.js";

/** Beyond these it is cheaper to read all. */
const MOST_KEYS = 2_000;

/**
 * The merged rows of one entity in memory: synced rows without local ones, and the local ones. Read once, then only
 * rows that a transaction has touched, in this tab or another. It exists while somebody looks (decision 024).
 */
export class MergedView {
  readonly entity: AnyEntity;
  #store: Store | undefined;
  #rows: Map<RowKey, Values> | undefined;
  #list: readonly Values[] | undefined;
  readonly #listeners = new Set<() => void>();
  #due: Set<RowKey> | "all" | undefined = "all";
  #reading: Promise<boolean> | undefined;
  #failures = 0;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(entity: AnyEntity, store: Store) {
    this.entity = entity;
    this.#store = store;
  }

  /** All rows, the same list as long as none has changed; undefined until they are read. */
  get rows(): readonly Values[] | undefined {
    if (this.#list === undefined && this.#rows !== undefined) this.#list = [...this.#rows.values()];
    return this.#list;
  }

  row(key: RowKey): Values | undefined {
    return this.#rows?.get(key);
  }

  get isRead(): boolean {
    return this.#rows !== undefined;
  }

  /** Calls a listener when rows have changed. Gives what ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    void this.refreshed();
    return () => this.#listeners.delete(listener);
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Nobody looks any more. */
  close(): void {
    clearTimeout(this.#again);
  }

  /** Another user's rows: none of the last one's are shown from now on. */
  rebind(store: Store | undefined): void {
    this.#store = store;
    this.#rows = undefined;
    this.#list = undefined;
    this.#due = "all";
    tellAll(this.#listeners);
    if (this.isWatched) void this.refreshed();
  }

  /** Rows have changed that it has read. */
  touched(keys: ReadonlySet<RowKey> | "all"): void {
    this.#owe(keys);
    if (this.isWatched) void this.refreshed();
  }

  #owe(keys: ReadonlySet<RowKey> | "all"): void {
    if (this.#due === "all") return;
    const due = this.#due ?? new Set();
    if (keys === "all" || due.size + keys.size > MOST_KEYS) {
      this.#due = "all";
      return;
    }
    for (const key of keys) due.add(key);
    this.#due = due;
  }

  /** Fulfilled once it has what was stored before, or that cannot be read now: it is tried again then. */
  async refreshed(): Promise<void> {
    while (this.#due !== undefined || this.#reading !== undefined) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined;
      });
      if (!(await this.#reading)) return;
    }
  }

  /** Whether it could be read. */
  async #read(): Promise<boolean> {
    const due = this.#due;
    const store = this.#store;
    if (store === undefined) return false; // Until it is known whose rows they are.
    this.#due = undefined;
    if (due === undefined) return true;
    try {
      const rows = due === "all" ? await this.#readAll(store) : await this.#readSome(store, due);
      if (store !== this.#store) return true; // Somebody else's by now; they are read next.
      this.#rows = rows;
      this.#list = undefined;
      tellAll(this.#listeners);
      this.#failures = 0;
      return true;
    } catch {
      if (store !== this.#store) return true;
      this.#owe(due);
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.refreshed(), backoff(Math.random, ++this.#failures));
      return false;
    }
  }

  #readAll(store: Store): Promise<Map<RowKey, Values>> {
    return store.read(async (tx) => {
      const rows = new Map<RowKey, Values>();
      const [keys, synced, localKeys, local] = await Promise.all([
        tx.synced(this.entity).toCollection().primaryKeys(),
        tx.synced(this.entity).toArray(),
        tx.local(this.entity).toCollection().primaryKeys(),
        tx.local(this.entity).toArray(),
      ]);
      keys.forEach((key, i) => {
        const row = synced[i];
        if (row !== undefined) rows.set(key, shown(row));
      });
      localKeys.forEach((key, i) => {
        const row = local[i]?.row;
        if (row === undefined || row === null) rows.delete(key);
        else rows.set(key, shown(row));
      });
      return rows;
    });
  }

  async #readSome(store: Store, keys: ReadonlySet<RowKey>): Promise<Map<RowKey, Values>> {
    const all = [...keys];
    const [local, synced] = await store.read((tx) =>
      Promise.all([tx.local(this.entity).bulkGet(all), tx.synced(this.entity).bulkGet(all)]),
    );
    const rows = this.#rows ?? new Map<RowKey, Values>();
    if (store !== this.#store) return rows;
    all.forEach((key, i) => {
      const changed = local[i];
      const row = changed === undefined ? synced[i] : changed.row;
      if (row === undefined || row === null) rows.delete(key);
      else rows.set(key, shown(row));
    });
    return rows;
  }
}

/** Without the columns that the application does not know. */
function shown(row: Values): Values {
  if (!Object.hasOwn(row, REST)) return row;
  const { [REST]: _, ...known } = row;
  return known;
}
