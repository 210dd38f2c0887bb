import type { AnyEntity } from "../entity.js";
import type { StreamStatus } from "../stream/shape-follower.js";
import type { SyncManager } from "../sync-manager.js";

/** The subscription of one entity, which the leading tab holds. */
export class Electric {
  readonly #sync: SyncManager;
  readonly #entity: AnyEntity;

  constructor(sync: SyncManager, entity: AnyEntity) {
    this.#sync = sync;
    this.#entity = entity;
  }

  /** How far its copy is. */
  get status(): StreamStatus {
    const { name } = this.#entity;
    const all = this.#sync.status.streams;
    return all.find(({ entity }) => entity === name) ?? { entity: name, phase: "stopped", differences: [] };
  }
}
