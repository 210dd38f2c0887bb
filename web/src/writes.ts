import {
  type AnyEntity,
  columnOf,
  type InsertOf,
  type KeyOf,
  requireKnown,
  type UpdateOf,
  type Values,
} from "./entity.js";
import type { Environment } from "./environment.js";
import { canOwn } from "./session/guest-move.js";
import type { Session } from "./session/session.js";
import { type LocalChange, localChange } from "./store/local-change.js";
import type { Op } from "./store/stored.js";
import type { Tx } from "./store/tx.js";
import type { WriteHandle, WriteHandles } from "./write-buffer/write-handle.js";

/** What a server takes at once. */
const MOST_TOGETHER = 1_000;

/** Writes that belong together; each throws a `TypeError` if a value does not fit its column. */
export interface Together {
  create<E extends AnyEntity>(entity: E, row: InsertOf<E>): WriteHandle;
  update<E extends AnyEntity>(entity: E, changed: UpdateOf<E>): WriteHandle;
  delete<E extends AnyEntity>(entity: E, key: KeyOf<E>): WriteHandle;
}

/** A write that somebody asks for. */
interface Wish {
  readonly id: string;
  readonly entity: AnyEntity;
  readonly op: Op;
  readonly values: Values;
}

/** Runs something in a transaction for who is signed in. */
type InStore = <T>(work: (session: Session, tx: Tx) => Promise<T>) => Promise<T>;

/** Makes writes for who is signed in, of an application's entities, and gives their handles. */
export class Writes {
  readonly #environment: Environment;
  readonly #entities: readonly AnyEntity[];
  readonly #handles: WriteHandles;
  readonly #session: () => Session;
  readonly #inStore: InStore;

  constructor(
    environment: Environment,
    entities: readonly AnyEntity[],
    handles: WriteHandles,
    session: () => Session,
    inStore: InStore,
  ) {
    this.#environment = environment;
    this.#entities = entities;
    this.#handles = handles;
    this.#session = session;
    this.#inStore = inStore;
  }

  async write(entity: AnyEntity, op: Op, values: Values): Promise<WriteHandle> {
    const { wish, handle } = this.#wish(entity, op, values);
    await this.#writeAll([wish], undefined);
    return handle;
  }

  /** Notes what `work` writes, and makes all of it, or none, when that has ended. */
  async together<T>(work: (together: Together) => T | Promise<T>): Promise<T> {
    const wishes: Wish[] = [];
    let isOver = false;
    const note = (entity: AnyEntity, op: Op, values: Values): WriteHandle => {
      if (isOver) throw new Error("What these writes belong to has ended");
      if (wishes.length === MOST_TOGETHER) {
        throw new RangeError(`More than ${MOST_TOGETHER} writes cannot belong together`);
      }
      const { wish, handle } = this.#wish(entity, op, values);
      wishes.push(wish);
      return handle;
    };
    try {
      const result = await work({
        create: (entity, row) => note(entity, "insert", row as Values),
        update: (entity, changed) => note(entity, "update", changed as Values),
        delete: (entity, key) => note(entity, "delete", key as Values),
      });
      isOver = true;
      await this.#writeAll(wishes, this.#environment.uuid());
      return result;
    } catch (error) {
      isOver = true;
      for (const { id } of wishes) this.#handles.forget(id);
      throw error;
    }
  }

  #wish(entity: AnyEntity, op: Op, given: Values): { readonly wish: Wish; readonly handle: WriteHandle } {
    requireKnown(this.#entities, entity);
    const values = op === "insert" ? this.#withKey(entity, given) : given;
    const { key } = this.#changed(this.#session(), { entity, op, values });
    const id = this.#environment.uuid();
    // Before the sender can have anything to tell of it.
    return { wish: { id, entity, op, values }, handle: this.#handles.open(id, key) };
  }

  #withKey(entity: AnyEntity, values: Values): Values {
    const all: Record<string, unknown> = { ...values };
    for (const name of entity.key) {
      if (all[name] === undefined && columnOf(entity, name).type.name === "uuid")
        all[name] = this.#environment.uuid();
    }
    return all;
  }

  /** The change that a wish is for who is signed in: new rows without an owner are theirs. */
  #changed(session: Session, { entity, op, values }: Omit<Wish, "id">): LocalChange {
    const { owner } = entity;
    if (op !== "insert" || owner === undefined || (values[owner] ?? undefined) !== undefined) {
      return localChange(entity, op, values);
    }
    const { [owner]: _, ...rest } = values;
    return localChange(
      entity,
      op,
      canOwn(entity, session.owner) ? { ...rest, [owner]: session.owner } : rest,
    );
  }

  async #writeAll(wishes: readonly Wish[], group: string | undefined): Promise<void> {
    if (wishes.length === 0) return;
    try {
      await this.#inStore((session, tx) => {
        const changes = wishes.map((wish) => ({ id: wish.id, change: this.#changed(session, wish), group }));
        return session.buffer.add(tx, changes, session.user !== undefined);
      });
    } catch (error) {
      for (const { id } of wishes) this.#handles.forget(id);
      throw error;
    }
  }
}
