import type { AnyEntity } from "../entity.js";
import type { SyncManager } from "../sync-manager.js";

/** The user's changes of one entity that its stream has not shown; they go by themselves once it has. */
export class Cleanup {
  readonly #sync: SyncManager;
  readonly #entity: AnyEntity;

  constructor(sync: SyncManager, entity: AnyEntity) {
    this.#sync = sync;
    this.#entity = entity;
  }

  /** How many there are. */
  unshown(): Promise<number> {
    return this.#sync.unshown(this.#entity);
  }

  /** Asks the server at once for what it has applied, which happens by itself after a second. */
  cleanUp(): void {
    this.#sync.nudge(this.#entity);
  }
}
