import type { AnyEntity, Values } from "../entity.js";
import type { RowKey } from "../row-key.js";
import type { Store } from "../store/store.js";
import { REST } from "../store/stored.js";

/**
 * The merged rows of one entity in memory: synced rows without local ones, and the local ones. Read once, then only
 * rows that a transaction has touched, in this tab or another. It exists while somebody looks (decision 024).
 */
export class MergedView {
  readonly entity: AnyEntity;
  #store: Store;
  #rows: Map<RowKey, Values> | undefined;
  #list: readonly Values[] | undefined;
  readonly #listeners = new Set<() => void>();
  #due: Set<RowKey> | "all" | undefined = "all";
  #reading: Promise<void> | undefined;

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

  /** Another user's rows: none of the last one's are shown from now on. */
  rebind(store: Store): void {
    this.#store = store;
    this.#rows = undefined;
    this.#list = undefined;
    this.#due = "all";
    for (const listener of this.#listeners) listener();
    if (this.isWatched) void this.refreshed();
  }

  /** Rows have changed that it has read. */
  touched(keys: ReadonlySet<RowKey> | "all"): void {
    if (keys === "all" || this.#due === "all") this.#due = "all";
    else this.#due = new Set([...(this.#due ?? []), ...keys]);
    if (this.isWatched) void this.refreshed();
  }

  /** Fulfilled once it has what was stored before. */
  async refreshed(): Promise<void> {
    while (this.#due !== undefined) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
  }

  async #read(): Promise<void> {
    const due = this.#due;
    const store = this.#store;
    this.#due = undefined;
    if (due === undefined) return;
    try {
      const rows = due === "all" ? await this.#readAll(store) : await this.#readSome(store, due);
      if (store !== this.#store) return; // Somebody else's by now; they are read next.
      this.#rows = rows;
      this.#list = undefined;
      for (const listener of this.#listeners) listener();
    } catch (error) {
      if (store !== this.#store || !store.isOpen) return;
      throw error;
    }
  }

  #readAll(store: Store): Promise<Map<RowKey, Values>> {
    return store.read(async (tx) => {
      const rows = new Map<RowKey, Values>();
      const [keys, synced] = await Promise.all([
        tx.synced(this.entity).toCollection().primaryKeys(),
        tx.synced(this.entity).toArray(),
      ]);
      keys.forEach((key, i) => {
        const row = synced[i];
        if (row !== undefined) rows.set(key, shown(row));
      });
      await tx.local(this.entity).each(({ row }, { primaryKey }) => {
        if (row === null) rows.delete(primaryKey as RowKey);
        else rows.set(primaryKey as RowKey, shown(row));
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
