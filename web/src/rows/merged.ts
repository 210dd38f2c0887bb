import { type AnyEntity, askedKey, type KeyOf, type RowOf, type Values } from "../entity.js";
import type { LiveQuery } from "../query/live-query.js";
import { type Query, runQuery } from "../query/query.js";
import type { SyncManager } from "../sync-manager.js";

/** Reads of one entity: what the server sent, with the user's changes on top. */
export class Merged<E extends AnyEntity> {
  readonly #sync: SyncManager;
  readonly #entity: E;

  constructor(sync: SyncManager, entity: E) {
    this.#sync = sync;
    this.#entity = entity;
  }

  all(): Promise<readonly RowOf<E>[]> {
    return this.query({});
  }

  async query(query: Query<RowOf<E>>): Promise<readonly RowOf<E>[]> {
    const view = this.#sync.view(this.#entity);
    await view.refreshed();
    return runQuery((view.rows ?? []) as unknown as readonly RowOf<E>[], query, this.#entity);
  }

  async get(key: KeyOf<E>): Promise<RowOf<E> | undefined> {
    const view = this.#sync.view(this.#entity);
    await view.refreshed();
    return view.row(askedKey(this.#entity, key as Values)) as RowOf<E> | undefined;
  }

  /** Answered anew when rows change. */
  live(query: Query<RowOf<E>> = {}): LiveQuery<RowOf<E>> {
    return this.#sync.live(this.#entity, query);
  }
}
