import type { AnyEntity, InsertOf, KeyOf, RowOf, UpdateOf } from "../entity.js";
import type { LiveQuery } from "../query/live-query.js";
import type { Query } from "../query/query.js";
import type { SyncManager } from "../sync-manager.js";
import type { WriteHandle } from "../write-buffer/write-handle.js";
import { Cleanup } from "./cleanup.js";
import { Electric } from "./electric.js";
import { Local } from "./local.js";
import { Merged } from "./merged.js";

/** What an application does with the rows of an entity, in four parts: writes, stream, reads, cleaning up. */
export class Rows<E extends AnyEntity> {
  readonly entity: E;
  readonly local: Local<E>;
  readonly electric: Electric;
  readonly merged: Merged<E>;
  readonly cleanup: Cleanup;

  constructor(sync: SyncManager, entity: E) {
    this.entity = entity;
    this.local = new Local(sync, entity);
    this.electric = new Electric(sync, entity);
    this.merged = new Merged(sync, entity);
    this.cleanup = new Cleanup(sync, entity);
  }

  /** Makes a row. Rejected with a `TypeError` if a value does not fit its column. */
  create(row: InsertOf<E>): Promise<WriteHandle> {
    return this.local.create(row);
  }

  /** Changes columns of a row, given with its key. */
  update(changed: UpdateOf<E>): Promise<WriteHandle> {
    return this.local.update(changed);
  }

  delete(key: KeyOf<E>): Promise<WriteHandle> {
    return this.local.delete(key);
  }

  all(): Promise<readonly RowOf<E>[]> {
    return this.merged.all();
  }

  get(key: KeyOf<E>): Promise<RowOf<E> | undefined> {
    return this.merged.get(key);
  }

  query(query: Query<RowOf<E>>): Promise<readonly RowOf<E>[]> {
    return this.merged.query(query);
  }

  live(query?: Query<RowOf<E>>): LiveQuery<RowOf<E>> {
    return this.merged.live(query);
  }
}
