import type { AnyEntity, InsertOf, KeyOf, UpdateOf, Values } from "../entity.js";
import type { SyncManager } from "../sync-manager.js";
import type { WriteHandle } from "../write-buffer/write-handle.js";

/** Writes of one entity: stored and shown when they return, queued for the server unless by a guest. */
export class Local<E extends AnyEntity> {
  readonly #sync: SyncManager;
  readonly #entity: E;

  constructor(sync: SyncManager, entity: E) {
    this.#sync = sync;
    this.#entity = entity;
  }

  create(row: InsertOf<E>): Promise<WriteHandle> {
    return this.#sync.write(this.#entity, "insert", row as Values);
  }

  update(changed: UpdateOf<E>): Promise<WriteHandle> {
    return this.#sync.write(this.#entity, "update", changed as Values);
  }

  delete(key: KeyOf<E>): Promise<WriteHandle> {
    return this.#sync.write(this.#entity, "delete", key as Values);
  }
}
