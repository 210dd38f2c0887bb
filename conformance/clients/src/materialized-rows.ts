import type { ChangeMessage, Row } from "@electric-sql/client";
import type { KeyedRow } from "./event.js";

/**
 * Rows by key, put together from the messages of one handle. Unlike the client's own class it minds what cannot
 * be: a row that appears twice, a change of a row that is not there.
 */
export class MaterializedRows {
  readonly #rows = new Map<string, Row<unknown>>();

  get size(): number {
    return this.#rows.size;
  }

  /** Returns what is wrong with the change, if anything; it is applied as far as it makes sense. */
  apply(change: ChangeMessage<Row<unknown>>): string | undefined {
    const { key, value } = change;
    const before = this.#rows.get(key);
    switch (change.headers.operation) {
      case "insert":
        this.#rows.set(key, value);
        return before && `insert of ${key}, which is there already`;
      case "update":
        this.#rows.set(key, { ...before, ...value });
        return before ? undefined : `update of ${key}, which is not there`;
      case "delete":
        this.#rows.delete(key);
        return before ? undefined : `delete of ${key}, which is not there`;
    }
  }

  clear(): void {
    this.#rows.clear();
  }

  sorted(): readonly KeyedRow[] {
    return sortedByKey(this.#rows);
  }
}

export function sortedByKey(rows: ReadonlyMap<string, Row<unknown>>): readonly KeyedRow[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
