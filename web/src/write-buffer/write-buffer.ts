import Dexie from "dexie";
import { type AnyEntity, columnOf, hasColumn, type Values } from "../entity.js";
import type { Environment } from "../environment.js";
import type { Json, JsonMembers } from "../json.js";
import type { RowKey } from "../row-key.js";
import { localChange, readable } from "../store/local-change.js";
import {
  acknowledge,
  addToOverlay,
  keyValues,
  type NamedChange,
  removeFromOverlay,
  replaceInOverlay,
  restore,
  seenBefore,
} from "../store/overlay.js";
import type { Store } from "../store/store.js";
import type { BufferedChange, Op, OverlayChange } from "../store/stored.js";
import type { StoredConflict } from "../store/stored-conflict.js";
import type { Tx } from "../store/tx.js";
import { type BatchLimits, chooseBatch, rowOf } from "./next-batch.js";
import type { ToldConflict, WriteChange, WriteResult } from "./wire.js";
import type { WriteState } from "./write-handle.js";

/** A change that the server rejected. It stays, and stays shown, until somebody decides. */
export interface DeadLetter {
  readonly id: string;
  readonly entity: string;
  readonly key: RowKey;
  readonly op: Op;
  readonly payload: JsonMembers;
  readonly tx?: string;
  readonly code: string;
  readonly message: string;
  /** Epoch milliseconds. */
  readonly failedAt: number;
}

/** A value of the user's that met another. */
export interface EditConflict {
  readonly id: number;
  readonly changeId: string;
  readonly entity: string;
  /** The row's key, by column. */
  readonly key: Values;
  readonly column: string;
  /** Values of the column; what the user saw, if it was known, wrote, and met. */
  readonly base: unknown;
  readonly yours: unknown;
  readonly theirs: unknown;
  readonly kept: "yours" | "theirs";
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface WriteBufferStats {
  readonly pending: number;
  readonly syncing: number;
  readonly errors: number;
  /** When the oldest change was made that waits for the server; epoch milliseconds. */
  readonly oldest?: number;
}

/** What became of a batch. */
export interface Settled {
  readonly entities: ReadonlySet<string>;
  readonly toRetry: ReadonlySet<string>;
  readonly applied: number;
  readonly rejected: number;
}

/** Hears what the buffer's transactions came to. */
export interface WriteBufferListener {
  onEnqueued(): void;
  onTold(states: readonly Told[]): void;
}

const WANTS_NEW_ID: ReadonlySet<string> = new Set(["too_old", "clock_ahead"]);
const NEEDS_EARLIER: ReadonlySet<string> = new Set(["foreign_key_violation", "row_not_found"]);

/** As of {@link BufferedChange.bytes} per change, beside its payload and base. */
const OVERHEAD = 200;

/**
 * The queue of the user's changes on their way to Postgres: persistent, each change in one transaction with its place
 * in the overlay. A change is `pending`, then `syncing`, and gone when it is applied; or an `error`, which is a dead
 * letter. Any tab may add; the uploader of the leading tab empties it.
 */
export class WriteBuffer {
  readonly #store: Store;
  readonly #environment: Environment;
  readonly #listener: WriteBufferListener;

  constructor(store: Store, environment: Environment, listener: WriteBufferListener) {
    this.#store = store;
    this.#environment = environment;
    this.#listener = listener;
  }

  /**
   * Adds changes, in this order: stored, shown and queued when the transaction ends.
   *
   * @param isSent whether they are to be sent; a guest's are not
   */
  async add(tx: Tx, changes: readonly NamedChange[], isSent: boolean): Promise<void> {
    let run: (NamedChange & { readonly base: JsonMembers | undefined })[] = [];
    for (const added of changes) {
      // An update says what was seen, so what came before it has to be there.
      if (added.change.op === "update" && run.length > 0) {
        await this.#add(tx, run, isSent);
        run = [];
      }
      const base = added.change.op === "update" ? await seenBefore(tx, added.change) : undefined;
      run.push({ ...added, base });
    }
    await this.#add(tx, run, isSent);
  }

  async #add(
    tx: Tx,
    added: readonly (NamedChange & { readonly base: JsonMembers | undefined })[],
    isSent: boolean,
  ): Promise<void> {
    const places = await addToOverlay(tx, added);
    if (!isSent) return;
    await tx.buffer.bulkAdd(
      added.map(({ id, change, base, group }, i) => {
        const { entity, key, op, payload } = change;
        const seq = places[i] ?? 0;
        return this.#buffered({
          seq,
          id,
          key,
          op,
          payload,
          base,
          group,
          entity: entity.name,
          table: entity.table,
        });
      }),
    );
    tx.afterCommit(() => this.#listener.onEnqueued());
  }

  /** Puts what was written as a guest on top of what the user has, and queues it; again does nothing. */
  async adopt(tx: Tx, changes: readonly NamedChange[]): Promise<void> {
    const ids = changes.map(({ id }) => id);
    const there = new Set((await tx.overlay.where("id").anyOf(ids).toArray()).map(({ id }) => id));
    const missing = changes.filter(({ id }) => !there.has(id));
    await this.#add(
      tx,
      missing.map((change) => ({ ...change, base: undefined })),
      true,
    );
  }

  /** The same for one that the entities of now cannot read: it is sent as it was written. */
  async adoptUnread(tx: Tx, change: OverlayChange): Promise<void> {
    if ((await tx.overlay.where("id").equals(change.id).first()) !== undefined) return;
    const { seq: _, ...rest } = change;
    const seq = await tx.overlay.add(rest);
    await tx.buffer.add(
      this.#buffered({ ...change, seq, table: change.entity, base: undefined, group: change.tx }),
    );
    tx.afterCommit(() => this.#listener.onEnqueued());
  }

  #buffered(added: {
    seq: number;
    id: string;
    entity: string;
    key: RowKey;
    op: Op;
    table: string;
    payload: JsonMembers;
    base: JsonMembers | undefined;
    group: string | undefined;
  }): BufferedChange {
    const { seq, id, entity, key, op, table, payload, base, group } = added;
    const bytes =
      OVERHEAD + JSON.stringify(payload).length + (base === undefined ? 0 : JSON.stringify(base).length);
    return {
      seq,
      id,
      entity,
      key,
      op,
      table,
      ...(base === undefined ? {} : { base }),
      ...(group === undefined ? {} : { tx: group }),
      createdAt: this.#environment.now(),
      bytes,
      status: "pending",
      attempts: 0,
    };
  }

  /** How many changes wait for the server, dead letters not counted. */
  size(): Promise<number> {
    return this.#store.read((tx) => tx.buffer.where("status").anyOf("pending", "syncing").count());
  }

  stats(): Promise<WriteBufferStats> {
    return this.#store.read(async (tx) => {
      const count = (status: string) => tx.buffer.where("status").equals(status).count();
      const oldest = await tx.buffer
        .orderBy("seq")
        .filter((change) => change.status !== "error")
        .first();
      return {
        pending: await count("pending"),
        syncing: await count("syncing"),
        errors: await count("error"),
        ...(oldest === undefined ? {} : { oldest: oldest.createdAt }),
      };
    });
  }

  /** The changes that are next, in their order, as they would be sent. */
  peek(most: number): Promise<readonly WriteChange[]> {
    return this.#store.read(async (tx) => {
      const next = await tx.buffer
        .orderBy("seq")
        .filter((change) => change.status !== "error")
        .limit(most)
        .toArray();
      return toSend(tx, next);
    });
  }

  /**
   * Takes the next batch: marks its changes as syncing and notes the attempt, stored, before anything is sent. What
   * was syncing before is pending again: there is one sender.
   *
   * @param waiting ids of changes that are not to be sent now
   */
  async take(limits: BatchLimits, waiting: ReadonlySet<string>): Promise<readonly WriteChange[]> {
    if ((await this.size()) === 0) return [];
    const batch = await this.#store.write(async (tx) => {
      await tx.buffer.where("status").equals("syncing").modify({ status: "pending" });
      const chosen = await nextBatch(tx, limits, waiting);
      // What goes out says how often it went out before.
      const changes = await toSend(tx, chosen);
      await tx.buffer.bulkPut(
        chosen.map((change) => ({ ...change, status: "syncing", attempts: change.attempts + 1, sent: 1 })),
      );
      return changes;
    }, true);
    this.#tell(batch.map(({ id }) => ({ id, state: { kind: "sent" } })));
    return batch;
  }

  /** Takes the server's answer to changes that were sent, also to some of them only. */
  async settle(sent: readonly WriteChange[], results: readonly WriteResult[]): Promise<Settled> {
    const ids = new Set(sent.map(({ id }) => id));
    const ours = results.filter(({ id }) => ids.has(id));
    const { told, ...settled } = await this.#store.write((tx) => this.#settle(tx, ours), true);
    this.#tell(told);
    return settled;
  }

  async #settle(tx: Tx, results: readonly WriteResult[]): Promise<Settled & { told: readonly Told[] }> {
    const changes = await byId(
      tx,
      results.map(({ id }) => id),
    );
    const applied: (WriteResult & { status: "applied" | "duplicate" | "merged" })[] = [];
    const waiting: BufferedChange[] = [];
    const rejected: { readonly change: BufferedChange; readonly code: string; readonly message: string }[] =
      [];
    const toRetry = new Set<string>();
    for (const result of results) {
      if (result.status === "retry" && changes.has(result.id)) toRetry.add(result.id);
    }
    for (const id of await earlyChanges(tx, results, changes, toRetry)) toRetry.add(id);
    const rejectedInserts = new Set<string>();
    for (const result of results) {
      const change = changes.get(result.id);
      if (change === undefined) continue;
      switch (result.status) {
        case "applied":
        case "duplicate":
        case "merged":
          applied.push(result);
          break;
        case "retry":
          waiting.push(change);
          break;
        case "rejected":
          // Some wait for an earlier change, some for the row whose insert was rejected.
          if (
            toRetry.has(result.id) ||
            (result.code === "row_not_found" && rejectedInserts.has(rowOf(change)))
          ) {
            waiting.push(change);
          } else {
            rejected.push({ change, code: result.code, message: result.message });
            if (change.op === "insert") rejectedInserts.add(rowOf(change));
          }
          break;
      }
    }
    const isSettled = new Set([...applied.map(({ id }) => id), ...rejected.map(({ change }) => change.id)]);
    for (const { id, conflicts } of results) {
      const change = changes.get(id);
      if (change !== undefined && isSettled.has(id)) await this.#noteConflicts(tx, change, conflicts);
    }
    await tx.buffer.bulkPut(waiting.map((change) => ({ ...change, status: "pending" })));
    await tx.buffer.bulkPut(rejected.map(({ change, code, message }) => this.#failed(change, code, message)));
    const inDatabase = applied.flatMap((result) => changes.get(result.id) ?? []);
    await tx.buffer.bulkDelete(inDatabase.map(({ seq }) => seq));
    const written = await tx.overlay.bulkGet(inDatabase.map(({ seq }) => seq));
    await acknowledge(
      tx,
      this.#store,
      applied.flatMap(({ txid, lsn }, i) => {
        const change = written[i];
        return change === undefined ? [] : [{ change, txid, lsn }];
      }),
    );
    return {
      entities: new Set(inDatabase.map(({ entity }) => entity)),
      toRetry,
      applied: applied.length,
      rejected: rejected.length,
      told: [
        ...applied.map(({ id }): Told => ({ id, state: { kind: "confirmed" } })),
        ...rejected.map(
          ({ change, code, message }): Told => ({
            id: change.id,
            state: { kind: "rejected", code, message },
          }),
        ),
      ],
    };
  }

  #failed(change: BufferedChange, code: string, error: string): BufferedChange {
    const { sent: _, ...rest } = change;
    return { ...rest, status: "error", code, error, failedAt: this.#environment.now() };
  }

  async #noteConflicts(tx: Tx, change: BufferedChange, conflicts: readonly ToldConflict[]): Promise<void> {
    const { id: changeId, entity, key } = change;
    for (const conflict of conflicts) {
      const isKnown = (known: StoredConflict) =>
        known.changeId === changeId && known.column === conflict.column;
      if ((await tx.conflicts.filter(isKnown).count()) > 0) continue; // The same answer has come before.
      await tx.conflicts.add({ changeId, entity, key, ...conflict, at: this.#environment.now() });
    }
  }

  /** Makes changes dead letters that no server would take as they are. */
  async markFailed(ids: readonly string[], code: string, message: string): Promise<void> {
    await this.#store.write(async (tx) => {
      const changes = [...(await byId(tx, ids)).values()];
      await tx.buffer.bulkPut(changes.map((change) => this.#failed(change, code, message)));
    }, true);
    this.#tell(ids.map((id) => ({ id, state: { kind: "rejected", code, message } })));
  }

  /** What was rejected, the oldest first. */
  deadLetters(): Promise<readonly DeadLetter[]> {
    return this.#store.read(async (tx) => {
      const dead = await tx.buffer.where("status").equals("error").sortBy("seq");
      const written = await tx.overlay.bulkGet(dead.map(({ seq }) => seq));
      return dead.map((change, i) => ({
        id: change.id,
        entity: change.entity,
        key: change.key,
        op: change.op,
        payload: written[i]?.payload ?? {},
        ...(change.tx === undefined ? {} : { tx: change.tx }),
        code: change.code ?? "",
        message: change.error ?? "",
        failedAt: change.failedAt ?? 0,
      }));
    });
  }

  /**
   * Sends a dead letter again, as it is, and what belongs together with it.
   *
   * @returns whether there was such a dead letter
   */
  async retry(id: string): Promise<boolean> {
    const retried = await this.#store.write(async (tx) => {
      const ids: string[] = [];
      for (const member of await deadGroup(tx, id)) ids.push(await this.#retry(tx, member));
      return ids;
    });
    this.#tell(retried.map((one) => ({ id: one, state: { kind: "local" } })));
    if (retried.length > 0) this.#listener.onEnqueued();
    return retried.length > 0;
  }

  async #retry(tx: Tx, change: BufferedChange): Promise<string> {
    // Refused for its time: the server has it not, and will not have it under that time.
    const next = WANTS_NEW_ID.has(change.code ?? "") ? await this.#renew(tx, change) : change;
    const { code: _, error: __, failedAt: ___, ...rest } = next;
    await tx.buffer.put({ ...rest, status: "pending", ...(next.attempts > 0 ? { sent: 1 } : {}) });
    await restore(tx, this.#store, next.id);
    return next.id;
  }

  /** The same change under another id and time: for the server another change. */
  async #renew(tx: Tx, change: BufferedChange): Promise<BufferedChange> {
    const fresh = {
      ...change,
      id: this.#environment.uuid(),
      createdAt: this.#environment.now(),
      attempts: 0,
    };
    await tx.overlay.update(change.seq, { id: fresh.id });
    await tx.buffer.put(fresh);
    return fresh;
  }

  /**
   * Changes what a dead letter says and sends it again, under another id: what was said before may still be on its
   * way.
   *
   * @param values as for the change itself, key included; the key stays as it was
   * @returns the id it has now; undefined if there was no such dead letter
   * @throws TypeError if the values do not fit the entity or are of another row
   */
  async edit(id: string, values: Values): Promise<string | undefined> {
    const edited = await this.#store.write(async (tx) => {
      const dead = await tx.buffer.where("id").equals(id).first();
      const entity = dead === undefined ? undefined : this.#store.entity(dead.entity);
      if (dead?.status !== "error" || entity === undefined) return undefined;
      const change = localChange(entity, dead.op, values);
      if (change.key !== dead.key) throw new TypeError("These are values of another row");
      const group = await deadGroup(tx, id);
      await replaceInOverlay(tx, id, change);
      const fresh = await this.#renew(tx, dead);
      for (const member of group) await this.#retry(tx, member.id === id ? fresh : member);
      return fresh.id;
    });
    if (edited !== undefined) this.#listener.onEnqueued();
    return edited;
  }

  /**
   * Gives a dead letter up: its change, what belongs together with it, and for an insert what was done to the row
   * since, with what belongs together with that, go from the merged view too.
   *
   * @returns what was given up, for whoever wants to keep it elsewhere
   */
  async discard(id: string): Promise<readonly WriteChange[]> {
    const gone = await this.#store.write(async (tx) => {
      const doomed = await doomedChanges(tx, id);
      const changes = await toSend(tx, doomed);
      const places = doomed.map(({ seq }) => seq);
      await tx.buffer.bulkDelete(places);
      const written = await tx.overlay.bulkGet(places);
      await removeFromOverlay(
        tx,
        this.#store,
        written.filter((change) => change !== undefined),
      );
      return changes;
    });
    this.#tell(gone.map((change) => ({ id: change.id, state: { kind: "discarded" } })));
    return gone;
  }

  /** Values that met others, the oldest first. */
  conflicts(): Promise<readonly EditConflict[]> {
    return this.#store.read(async (tx) => {
      const all: EditConflict[] = [];
      for (const stored of await tx.conflicts.orderBy("id").toArray()) {
        const entity = this.#store.entity(stored.entity);
        const value = (json: Json) =>
          entity === undefined || !hasColumn(entity, stored.column)
            ? json
            : readable(entity, stored.column, json);
        all.push({
          ...stored,
          key: keyOfConflict(entity, stored.key),
          base: stored.base === undefined ? undefined : value(stored.base),
          yours: value(stored.yours),
          theirs: value(stored.theirs),
        });
      }
      return all;
    });
  }

  /** Forgets a conflict; whoever wants the other value writes it first, as any change. */
  async settleConflict(id: number): Promise<void> {
    await this.#store.write((tx) => tx.conflicts.delete(id));
    this.#listener.onTold([]);
  }

  #tell(states: readonly Told[]): void {
    if (states.length > 0) this.#listener.onTold(states);
  }
}

function keyOfConflict(entity: AnyEntity | undefined, key: RowKey): Values {
  if (entity === undefined) return { key };
  const texts: Json[] = entity.key.length === 1 ? [key] : JSON.parse(key);
  const payload = Object.fromEntries(entity.key.map((name: string, i: number) => [name, texts[i] ?? null]));
  const values = keyValues(entity, payload);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, columnOf(entity, name).type.read(String(value))]),
  );
}

async function toSend(tx: Tx, changes: readonly BufferedChange[]): Promise<readonly WriteChange[]> {
  const written = await tx.overlay.bulkGet(changes.map(({ seq }) => seq));
  return changes.map((change, i) => ({
    id: change.id,
    table: change.table,
    op: change.op,
    payload: written[i]?.payload ?? {},
    created_at: change.createdAt,
    ...(change.base === undefined ? {} : { base: change.base }),
    ...(change.tx === undefined ? {} : { tx: change.tx }),
    status: "pending",
    retry_count: change.attempts,
  }));
}

/** How much of the queue is read at a time; all of it is, if it takes that to fill a batch. */
const PAGE = 4_000;

async function nextBatch(
  tx: Tx,
  limits: BatchLimits,
  waiting: ReadonlySet<string>,
): Promise<readonly BufferedChange[]> {
  const heldRows = [...(await rowsOfDeadInserts(tx))];
  for (let most = PAGE; ; most *= 4) {
    // Changes of one status lie in the order of their places.
    const pending = await tx.buffer.where("status").equals("pending").limit(most).toArray();
    const chosen = chooseBatch(pending, limits, heldRows, waiting, await sizes(tx, pending));
    if (pending.length < most || chosen.length >= limits.changes / 2) return chosen;
  }
}

/** How many changes each transaction has that one of these belongs to. */
async function sizes(tx: Tx, changes: readonly BufferedChange[]): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { tx: group } of changes) {
    if (group !== undefined && !counts.has(group)) {
      counts.set(group, await tx.buffer.where("tx").equals(group).count());
    }
  }
  return counts;
}

async function rowsOfDeadInserts(tx: Tx): Promise<ReadonlySet<string>> {
  const dead = await tx.buffer.where("status").equals("error").toArray();
  return new Set(dead.filter(({ op }) => op === "insert").map(rowOf));
}

/** A dead letter with the dead ones of its transaction, in order; empty if it is none. */
async function deadGroup(tx: Tx, id: string): Promise<readonly BufferedChange[]> {
  const dead = await tx.buffer.where("id").equals(id).first();
  if (dead?.status !== "error") return [];
  if (dead.tx === undefined) return [dead];
  const group = await tx.buffer.where("tx").equals(dead.tx).sortBy("seq");
  return group.filter((change) => change.status === "error");
}

/** What goes with a dead letter that is given up, and with what goes with it; in order. */
async function doomedChanges(tx: Tx, id: string): Promise<readonly BufferedChange[]> {
  const doomed = new Map((await deadGroup(tx, id)).map((change) => [change.seq, change]));
  // A map gives what is added while it is walked.
  for (const change of doomed.values()) {
    const together = change.tx === undefined ? [] : await tx.buffer.where("tx").equals(change.tx).toArray();
    const after =
      change.op === "insert"
        ? await tx.buffer.where({ entity: change.entity, key: change.key }).toArray()
        : [];
    for (const more of [...together, ...after.filter(({ seq }) => seq > change.seq)]) {
      if (more.status !== "syncing" && !doomed.has(more.seq)) doomed.set(more.seq, more);
    }
  }
  return [...doomed.values()].sort((one, other) => one.seq - other.seq);
}

type Told = { readonly id: string; readonly state: WriteState };

async function byId(tx: Tx, ids: readonly string[]): Promise<Map<string, BufferedChange>> {
  const found = await tx.buffer.where("id").anyOf(ids).toArray();
  return new Map(found.map((change) => [change.id, change]));
}

/**
 * Rejected changes that have perhaps come before what they need: an earlier one is to be tried again. With them goes
 * what belongs together with them.
 */
async function earlyChanges(
  tx: Tx,
  results: readonly WriteResult[],
  changes: ReadonlyMap<string, BufferedChange>,
  toRetry: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const early = new Set<string>();
  const groups = new Set<string>();
  for (const result of results) {
    const change = changes.get(result.id);
    if (result.status !== "rejected" || change === undefined || !NEEDS_EARLIER.has(result.code)) continue;
    if (!(await isEarlierWaiting(tx, change, toRetry))) continue;
    early.add(result.id);
    if (change.tx !== undefined) groups.add(change.tx);
  }
  for (const result of results) {
    const group = changes.get(result.id)?.tx;
    const failedWithThem = result.status === "rejected" && result.code === "tx_failed";
    if (failedWithThem && group !== undefined && groups.has(group)) early.add(result.id);
  }
  return early;
}

/** Whether an earlier change was sent and waits; what waits for a dead letter does not count. */
async function isEarlierWaiting(
  tx: Tx,
  change: BufferedChange,
  toRetry: ReadonlySet<string>,
): Promise<boolean> {
  const deadInserts = await rowsOfDeadInserts(tx);
  const earlier = await tx.buffer
    .where("[entity+sent]")
    .between([Dexie.minKey, 1], [Dexie.maxKey, 1], true, true)
    .filter(
      (one) =>
        (one.status === "pending" || toRetry.has(one.id)) &&
        one.seq < change.seq &&
        !deadInserts.has(rowOf(one)),
    )
    .first();
  return earlier !== undefined;
}
