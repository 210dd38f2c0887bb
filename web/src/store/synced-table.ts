import type { Table } from "dexie";
import type { StreamText } from "../column.js";
import { type AnyEntity, columnOf, hasColumn, keyOf, type Values } from "../entity.js";
import type { RowKey } from "../row-key.js";
import type { ShapeMessage, TextRow } from "../stream/shape-message.js";
import { arrive, awaitedChanges, isAwaiting, isInFlight, refold, refoldAll, withChanges } from "./overlay.js";
import type { Store } from "./store.js";
import { REST } from "./stored.js";
import { isAfter, offsetTx, type StreamPosition } from "./stream-position.js";
import { beginNext, forgetSeen, readPosition, shownPosition } from "./stream-table.js";
import type { Tx } from "./tx.js";

/** Where an answer leads. */
export interface Answer {
  readonly handle: string;
  readonly offset: string;
  /** Whether it was waited for, so that no cache can have made it old. */
  readonly isLive: boolean;
}

/** What became of an answer: it is stored, or nothing of it is. */
export type Taken =
  | {
      readonly kind: "stored";
      readonly position: StreamPosition;
      readonly isUpToDate: boolean;
      readonly changes: number;
    }
  /** It does not fit what is there. */
  | { readonly kind: "misfit"; readonly reason: string }
  /** The copy does not stand where the request was made: another tab has gone on with it, or begun anew. */
  | { readonly kind: "moved" };

class Misfit extends Error {}
class Moved extends Error {}

/**
 * The copy of what the server sent of an entity, with its place in the stream: both change in one transaction, and so
 * does what of the user's overlay has arrived with it.
 */
export class SyncedTable {
  readonly entity: AnyEntity;
  readonly #store: Store;

  constructor(store: Store, entity: AnyEntity) {
    this.#store = store;
    this.entity = entity;
  }

  /** Where the copy stands that is being read. */
  position(): Promise<StreamPosition> {
    return this.#store.read((tx) => readPosition(tx, this.entity));
  }

  /** Where the copy stands that is shown. */
  shown(): Promise<StreamPosition> {
    return this.#store.read((tx) => shownPosition(tx, this.entity));
  }

  /** Begins a copy from nothing; the one that is shown stays. */
  beginNext(): Promise<StreamPosition> {
    return this.#store.write((tx) => beginNext(tx, this.entity), true);
  }

  /** How many of the user's changes the server has applied and this has not shown. */
  awaited(): Promise<number> {
    return this.#store.read(async (tx) => (await awaitedChanges(tx, this.entity)).length);
  }

  /** Takes an answer to a request that was made at `asked`. */
  async take(
    asked: StreamPosition,
    answer: Answer,
    messages: readonly ShapeMessage[],
    now: number,
  ): Promise<Taken> {
    try {
      return await this.#store.write((tx) => this.#take(tx, asked, answer, messages, now), true);
    } catch (error) {
      if (error instanceof Misfit) return { kind: "misfit", reason: error.message };
      if (error instanceof Moved) return { kind: "moved" };
      throw error;
    }
  }

  async #take(
    tx: Tx,
    asked: StreamPosition,
    answer: Answer,
    messages: readonly ShapeMessage[],
    now: number,
  ): Promise<Taken> {
    if (!isSamePlace(asked, await readPosition(tx, this.entity))) throw new Moved();
    if (asked.handle !== undefined && asked.handle !== answer.handle) throw new Misfit("is of another shape");
    const from = await this.#begun(tx);
    requireFit(from, messages);
    const isShown = from.slot === "synced";
    const table = isShown ? tx.synced(this.entity) : tx.next(this.entity);
    const read = new Reading(this.entity, from);
    await read.load(table, messages);
    for (const message of messages) read.take(message);
    await read.store(table);
    if (isShown) await this.#refoldPending(tx, read.touched);
    const position = await this.#finish(tx, from, read, answer, now);
    return { kind: "stored", position, isUpToDate: read.upToDate !== undefined, changes: read.changes };
  }

  /**
   * What was taken of an answer that broke off before any place was reached may be of another shape. What is shown of
   * it stays until there is all of this one.
   */
  async #begun(tx: Tx): Promise<StreamPosition> {
    const from = await readPosition(tx, this.entity);
    if (from.offset !== "-1") return from;
    if (from.slot === "synced" && (await tx.synced(this.entity).count()) > 0)
      return beginNext(tx, this.entity);
    if (from.slot === "next") await tx.next(this.entity).clear();
    return from;
  }

  async #refoldPending(tx: Tx, touched: ReadonlySet<RowKey>): Promise<void> {
    if (touched.size === 0) return;
    for (const key of touched) tx.touch(this.entity, key);
    await refold(tx, this.entity, await withChanges(tx, this.entity, [...touched]));
  }

  async #finish(
    tx: Tx,
    from: StreamPosition,
    read: Reading,
    answer: Answer,
    now: number,
  ): Promise<StreamPosition> {
    const { entity } = this;
    const isUpToDate = read.upToDate !== undefined;
    let to: StreamPosition = {
      ...from,
      handle: answer.handle,
      offset: answer.offset,
      last: read.last,
      lsn: (read.upToDate ?? 0n) > from.lsn ? (read.upToDate ?? 0n) : from.lsn,
      ...(read.snapshot === undefined ? {} : { snapshot: read.snapshot }),
      ...(isUpToDate ? { upToDateAt: now } : {}),
    };
    const isInTheAir = await isInFlight(tx, entity);
    if (isInTheAir || (to.slot === "next" && (await isAwaiting(tx, entity)))) {
      await tx.seen.bulkPut([...read.ended].map((txid) => ({ entity: entity.name, slot: to.slot, txid })));
    }
    const shownTxids = new Set(read.ended);
    if (to.slot === "next") {
      if (!isWhole(await shownPosition(tx, entity), read.upToDate, answer)) {
        await tx.stream.put(to);
        return to;
      }
      to = await this.#show(tx, to, shownTxids);
    }
    await arrive(tx, this.#store, entity, to, shownTxids);
    if (isUpToDate && !isInTheAir && !(await isAwaiting(tx, entity))) {
      // What is sent from now on is known by its place in the log. A snapshot must not be asked for ever: 32 bits name
      // another transaction some day.
      const { snapshot: _, ...rest } = to;
      to = rest;
    }
    await tx.stream.put(to);
    if (!isInTheAir) await forgetSeen(tx, entity, "synced");
    return to;
  }

  /** The next copy takes the place of the one that is shown. */
  async #show(tx: Tx, next: StreamPosition, shownTxids: Set<number>): Promise<StreamPosition> {
    const { entity } = this;
    const rows = tx.synced(entity);
    const keys = (await tx.next(entity).toCollection().primaryKeys()) as RowKey[];
    const isKept = new Set(keys);
    const gone = ((await rows.toCollection().primaryKeys()) as RowKey[]).filter((key) => !isKept.has(key));
    await rows.bulkDelete(gone);
    for (let i = 0; i < keys.length; i += PAGE) {
      const page = keys.slice(i, i + PAGE);
      await rows.bulkPut((await tx.next(entity).bulkGet(page)) as Values[], page);
    }
    await tx.next(entity).clear();
    for (const { txid } of await tx.seen.where({ entity: entity.name, slot: "next" }).toArray()) {
      shownTxids.add(txid);
    }
    await forgetSeen(tx, entity, "synced");
    await forgetSeen(tx, entity, "next");
    if (await isInFlight(tx, entity)) {
      await tx.seen.bulkPut([...shownTxids].map((txid) => ({ entity: entity.name, slot: "synced", txid })));
    }
    await tx.stream.delete([entity.name, "next"]);
    await refoldAll(tx, entity);
    return { ...next, slot: "synced" };
  }
}

const PAGE = 5_000;

/** A copy begins with a snapshot, and has no other later. */
function requireFit(from: StreamPosition, messages: readonly ShapeMessage[]): void {
  const first = messages.find(({ kind }) => kind === "change" || kind === "snapshot-end");
  const isOfLog = first?.kind === "change" && first.place !== undefined;
  if (from.offset === "-1" && isOfLog) throw new Misfit("begins in the middle");
  const isInSnapshot = from.offset === "-1" || /^0_\d+$/.test(from.offset);
  if (!isInSnapshot && first?.kind === "change" && !isOfLog) throw new Misfit("has another snapshot");
}

function isSamePlace(one: StreamPosition, other: StreamPosition): boolean {
  return one.slot === other.slot && one.handle === other.handle && one.offset === other.offset;
}

/** A cache may have answered with less than was shown already; what was waited for is new. */
function isWhole(shown: StreamPosition, upToDate: bigint | undefined, answer: Answer): boolean {
  if (upToDate === undefined) return false;
  return answer.isLive || (shown.lsn <= upToDate && offsetTx(shown.offset) <= upToDate);
}

/** The value of a text; null if the server's column has another type, of which the status tells. */
function readOr(entity: AnyEntity, column: string, text: StreamText): unknown {
  try {
    const value = columnOf(entity, column).type.read(text);
    return Number.isNaN(value) && text !== "NaN" ? null : value;
  } catch {
    return null;
  }
}

/** Applies messages to rows in memory, and stores what came of them at once. */
class Reading {
  readonly touched = new Set<RowKey>();
  readonly ended = new Set<number>();
  last: StreamPosition["last"];
  snapshot: StreamPosition["snapshot"];
  upToDate: bigint | undefined;
  changes = 0;
  readonly #entity: AnyEntity;
  /** What the batch made of rows; null is gone. */
  readonly #rows = new Map<RowKey, Values | null>();
  readonly #before = new Map<RowKey, Values>();

  constructor(entity: AnyEntity, from: StreamPosition) {
    this.#entity = entity;
    this.last = from.last;
    this.snapshot = from.snapshot;
  }

  /** Reads the rows that messages change in part. */
  async load(table: Table<Values, RowKey>, messages: readonly ShapeMessage[]): Promise<void> {
    const keys = new Set<RowKey>();
    for (const message of messages) {
      if (message.kind === "change" && message.op === "update") keys.add(this.#key(message.value));
    }
    if (keys.size === 0) return;
    const all = [...keys];
    const rows = await table.bulkGet(all);
    rows.forEach((row, i) => {
      const key = all[i];
      if (row !== undefined && key !== undefined) this.#before.set(key, row);
    });
  }

  take(message: ShapeMessage): void {
    switch (message.kind) {
      case "change":
        this.#change(message);
        return;
      case "snapshot-end":
        this.snapshot = message.snapshot;
        return;
      case "up-to-date":
        this.upToDate = message.lsn ?? 0n;
        return;
      case "must-refetch":
        throw new Misfit("asks to begin anew");
      case "unknown":
        return;
    }
  }

  #change(change: ShapeMessage & { kind: "change" }): void {
    if (change.place !== undefined) {
      if (!isAfter(change.place, this.last)) return; // Sent again.
      this.last = change.place;
      for (const txid of change.ended) this.ended.add(txid);
    }
    this.changes++;
    const key = this.#key(change.value);
    this.touched.add(key);
    switch (change.op) {
      case "insert":
        this.#rows.set(key, this.#whole(change.value));
        return;
      case "update": {
        const before = this.#rows.has(key) ? this.#rows.get(key) : this.#before.get(key);
        if (before === undefined || before === null) throw new Misfit("changes a row that is not there");
        this.#rows.set(key, this.#changed(before, change.value));
        return;
      }
      case "delete":
        this.#rows.set(key, null);
        return;
    }
  }

  #key(value: TextRow): RowKey {
    return keyOf(this.#entity, this.#values(value, this.#entity.key));
  }

  #whole(value: TextRow): Values {
    const row: Record<string, unknown> = this.#values(value, Object.keys(this.#entity.columns));
    const rest = this.#rest(value);
    return rest === undefined ? row : { ...row, [REST]: rest };
  }

  #changed(before: Values, value: TextRow): Values {
    const known = Object.keys(value).filter((name) => hasColumn(this.#entity, name));
    const rest = this.#rest(value);
    return {
      ...before,
      ...this.#values(value, known),
      ...(rest === undefined ? {} : { [REST]: { ...(before[REST] as Values | undefined), ...rest } }),
    };
  }

  #values(value: TextRow, names: readonly string[]): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const name of names) {
      const text = value[name];
      values[name] = text === null || text === undefined ? null : readOr(this.#entity, name, text);
    }
    return values;
  }

  #rest(value: TextRow): TextRow | undefined {
    const rest = Object.entries(value).filter(([name]) => !hasColumn(this.#entity, name));
    return rest.length === 0 ? undefined : Object.fromEntries(rest);
  }

  async store(table: Table<Values, RowKey>): Promise<void> {
    const puts: [RowKey, Values][] = [];
    const deletes: RowKey[] = [];
    for (const [key, row] of this.#rows) {
      if (row === null) deletes.push(key);
      else puts.push([key, row]);
    }
    await table.bulkPut(
      puts.map(([, row]) => row),
      puts.map(([key]) => key),
    );
    await table.bulkDelete(deletes);
  }
}
