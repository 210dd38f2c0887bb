import type { MergedView } from "./merged-view.js";
import { type Query, runQuery } from "./query.js";

/** A query that is answered anew when its entity's rows change. */
export class LiveQuery<Row> {
  readonly #view: MergedView;
  readonly #query: Query<Row>;
  readonly #ends = new Set<() => void>();
  #of: readonly unknown[] | undefined;
  #rows: readonly Row[] | undefined;

  constructor(view: MergedView, query: Query<Row>) {
    this.#view = view;
    this.#query = query;
  }

  /** The same list as long as no row of the entity has changed; undefined until they are read. */
  get rows(): readonly Row[] | undefined {
    const all = this.#view.rows;
    if (all !== this.#of) {
      this.#of = all;
      this.#rows =
        all === undefined ? undefined : runQuery(all as readonly Row[], this.#query, this.#view.entity);
    }
    return this.#rows;
  }

  /** Calls a listener when rows may have changed. Gives what ends it. */
  subscribe(listener: () => void): () => void {
    const end = this.#view.subscribe(listener);
    this.#ends.add(end);
    return () => {
      this.#ends.delete(end);
      end();
    };
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#ends.clear();
  }
}
