import { type AnyEntity, columnOf, hasColumn, keyOf, type Values } from "../entity.js";
import type { Json, JsonMembers } from "../json.js";
import type { RowKey } from "../row-key.js";
import { fold } from "./fold.js";
import { type LocalChange, readable, sentChange } from "./local-change.js";
import { sees } from "./seen-transactions.js";
import type { Store } from "./store.js";
import type { OverlayChange } from "./stored.js";
import type { StreamPosition } from "./stream-position.js";
import { shownPosition } from "./stream-table.js";
import type { Tx } from "./tx.js";

/**
 * The user's changes that the stream has not yet shown, in the order they were made. What the merged view shows of
 * their rows is folded anew in each transaction that changes one or the other.
 */

/** A change with its name, and that of the changes that are applied with it or not at all. */
export interface NamedChange {
  readonly id: string;
  readonly change: LocalChange;
  readonly group: string | undefined;
}

/** Adds changes on top of what is there, in this order. Gives their places. */
export async function addToOverlay(tx: Tx, added: readonly NamedChange[]): Promise<readonly number[]> {
  const places = await tx.overlay.bulkAdd(
    added.map(({ id, change, group }) => ({
      id,
      entity: change.entity.name,
      key: change.key,
      op: change.op,
      columns: change.columns,
      payload: change.payload,
      ...(group === undefined ? {} : { tx: group }),
    })),
    { allKeys: true },
  );
  for (const [entity, changes] of groupBy(added, ({ change }) => change.entity)) {
    await refold(
      tx,
      entity,
      changes.map(({ change }) => change.key),
    );
  }
  return places;
}

function groupBy<T, Key>(all: readonly T[], keyOfOne: (one: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const one of all) {
    const key = keyOfOne(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

/** What the merged view shows of a row; null if it is not there. */
export async function mergedRow(tx: Tx, entity: AnyEntity, key: RowKey): Promise<Values | null> {
  const local = await tx.local(entity).get(key);
  return local === undefined ? ((await tx.synced(entity).get(key)) ?? null) : local.row;
}

/**
 * What the merged view shows in the columns that a change sets, as a write carries it; undefined if there is no such
 * row.
 */
export async function seenBefore(tx: Tx, change: LocalChange): Promise<JsonMembers | undefined> {
  const row = await mergedRow(tx, change.entity, change.key);
  if (row === null) return undefined;
  const seen: Record<string, Json> = {};
  for (const name of Object.keys(change.columns)) {
    if (change.entity.key.includes(name)) continue;
    const value = row[name] ?? null;
    seen[name] = value === null ? null : columnOf(change.entity, name).type.write(value);
  }
  return seen;
}

/** Stores what the merged view shows of rows anew. */
export async function refold(tx: Tx, entity: AnyEntity, given: readonly RowKey[]): Promise<void> {
  const keys = [...new Set(given)];
  for (const key of keys) tx.touch(entity, key);
  const readable = (await changesOf(tx, entity, keys)).filter((change) => hasKey(entity, change));
  const changes = groupBy(readable, ({ key }) => key);
  const changed = keys.filter((key) => changes.has(key));
  if (changed.length < keys.length)
    await tx.local(entity).bulkDelete(keys.filter((key) => !changes.has(key)));
  if (changed.length === 0) return;
  const synced = await tx.synced(entity).bulkGet(changed);
  const rows = changed.map((key, i) => {
    const all = changes.get(key) ?? [];
    return { row: fold(synced[i], emptyRow(entity, all), all) };
  });
  await tx.local(entity).bulkPut(rows, changed);
}

/** From how many rows on, of those with changes, it is quicker to read all changes at once. */
const MANY = 50;

/** The changes of some rows, in their order. */
async function changesOf(tx: Tx, entity: AnyEntity, keys: readonly RowKey[]): Promise<OverlayChange[]> {
  const ofEntity = () => tx.overlay.where("entity").equals(entity.name);
  if (keys.length > MANY && (await ofEntity().count()) < keys.length * MANY) {
    const wanted = new Set(keys);
    return (await ofEntity().toArray()).filter(({ key }) => wanted.has(key));
  }
  const found = await tx.overlay
    .where("[entity+key]")
    .anyOf(keys.map((key) => [entity.name, key]))
    .toArray();
  return found.sort((one, other) => one.seq - other.seq);
}

/** Whether a change is of a row as the application knows rows; it may have known another key once. */
function hasKey(entity: AnyEntity, { key, payload }: OverlayChange): boolean {
  try {
    return keyOf(entity, keyValues(entity, payload)) === key;
  } catch {
    return false;
  }
}

/** A replaced change has lost its columns, but never its payload. */
function emptyRow(entity: AnyEntity, [first]: readonly OverlayChange[]): Values {
  const row: Record<string, unknown> = {};
  for (const name of Object.keys(entity.columns)) row[name] = null;
  return first === undefined ? row : { ...row, ...keyValues(entity, first.payload) };
}

/** Of what was written with other columns, shows what can be read with those of now. */
export async function rereadOverlay(tx: Tx, entity: AnyEntity): Promise<void> {
  const changes = await tx.overlay.where("entity").equals(entity.name).toArray();
  const reread = changes.map((change) => {
    const shown = Object.keys(change.columns).filter((name) => hasColumn(entity, name));
    const columns = Object.fromEntries(
      shown.map((name) => [name, readable(entity, name, change.payload[name] ?? null)]),
    );
    return { ...change, columns };
  });
  await tx.overlay.bulkPut(reread);
}

/** Folds all rows with changes anew. */
export async function refoldAll(tx: Tx, entity: AnyEntity): Promise<void> {
  await tx.local(entity).clear();
  const changes = await tx.overlay.where("entity").equals(entity.name).toArray();
  await refold(
    tx,
    entity,
    changes.map(({ key }) => key),
  );
  tx.touchAll(entity);
}

/** Those of some rows that have pending changes. */
export async function withChanges(
  tx: Tx,
  entity: AnyEntity,
  keys: readonly RowKey[],
): Promise<readonly RowKey[]> {
  const local = await tx.local(entity).bulkGet([...keys]);
  return keys.filter((_, i) => local[i] !== undefined);
}

/** Takes changes away that were given up. */
export async function removeFromOverlay(
  tx: Tx,
  store: Store,
  changes: readonly OverlayChange[],
): Promise<void> {
  await tx.overlay.bulkDelete(changes.map(({ seq }) => seq));
  for (const [name, ofEntity] of groupBy(changes, ({ entity }) => entity)) {
    const entity = store.entity(name);
    if (entity !== undefined)
      await refold(
        tx,
        entity,
        ofEntity.map(({ key }) => key),
      );
  }
}

/** Takes changes away that the stream shows, and out of what is shown what they replaced. */
async function confirm(
  tx: Tx,
  store: Store,
  entity: AnyEntity,
  changes: readonly OverlayChange[],
): Promise<void> {
  if (changes.length === 0) return;
  if ((await tx.buffer.where("status").equals("error").count()) > 0) {
    for (const change of changes) await replaceRejected(tx, entity, change);
  }
  await removeFromOverlay(tx, store, changes);
}

/**
 * Changes of the row that were made before, and rejected, show no more what an accepted one replaced: nothing at all
 * after an insert or a delete, not its columns after an update. What they send if somebody retries them stays.
 */
async function replaceRejected(tx: Tx, entity: AnyEntity, accepted: OverlayChange): Promise<void> {
  const before = await tx.overlay.where({ entity: entity.name, key: accepted.key }).toArray();
  for (const change of before) {
    if (change.seq >= accepted.seq || (await tx.buffer.get(change.seq))?.status !== "error") continue;
    const columns: Record<string, unknown> = {};
    if (accepted.op === "update") {
      for (const [name, value] of Object.entries(change.columns)) {
        if (entity.key.includes(name) || !Object.hasOwn(accepted.columns, name)) columns[name] = value;
      }
    }
    await tx.overlay.update(change.seq, { columns });
  }
}

/** Shows all of a change again, whatever has replaced it: somebody wants it once more. */
export async function restore(tx: Tx, store: Store, id: string): Promise<void> {
  const change = await tx.overlay.where("id").equals(id).first();
  const entity = change === undefined ? undefined : store.entity(change.entity);
  if (change === undefined || entity === undefined || !hasKey(entity, change)) return;
  await replaceInOverlay(tx, id, sentChange(entity, change.op, change.payload));
}

/** Replaces what a change says; its row stays the same. */
export async function replaceInOverlay(tx: Tx, id: string, change: LocalChange): Promise<void> {
  await tx.overlay.where("id").equals(id).modify({ columns: change.columns, payload: change.payload });
  await refold(tx, change.entity, [change.key]);
}

/** The server has applied a change: the place at or after its transaction, and that one's id. */
export interface Acknowledged {
  readonly change: OverlayChange;
  readonly txid: number | undefined;
  readonly lsn: bigint | undefined;
}

/**
 * The server has applied changes. They go from the overlay as soon as the stream shows them, which may have happened
 * already.
 */
export async function acknowledge(tx: Tx, store: Store, all: readonly Acknowledged[]): Promise<void> {
  for (const [name, ofEntity] of groupBy(all, ({ change }) => change.entity)) {
    const changes = ofEntity.map(
      ({ change, txid, lsn }): OverlayChange => ({
        ...change,
        lsn: lsn ?? 0n,
        ...(txid === undefined ? {} : { txid }),
        awaited: 1,
      }),
    );
    const entity = store.entity(name);
    if (entity === undefined) {
      await tx.overlay.bulkDelete(changes.map(({ seq }) => seq)); // No stream will ever show them.
      continue;
    }
    const shown = await shownPosition(tx, entity);
    const seen = await tx.seen.where("[entity+slot]").equals([name, "synced"]).toArray();
    const txids = new Set(seen.map(({ txid }) => txid));
    const isHere = (change: OverlayChange) => hasArrived(change, shown, txids);
    await tx.overlay.bulkPut(changes.filter((change) => !isHere(change)));
    await confirm(tx, store, entity, changes.filter(isHere));
  }
}

/**
 * Takes away what the copy that is shown has come to show.
 *
 * @param txids of transactions that it showed whole, since the last call
 */
export async function arrive(
  tx: Tx,
  store: Store,
  entity: AnyEntity,
  shown: StreamPosition,
  txids: ReadonlySet<number>,
): Promise<void> {
  const awaited = await awaitedChanges(tx, entity);
  await confirm(
    tx,
    store,
    entity,
    awaited.filter((change) => hasArrived(change, shown, txids)),
  );
}

function hasArrived(sent: OverlayChange, shown: StreamPosition, txids: ReadonlySet<number>): boolean {
  const { lsn = 0n, txid } = sent;
  if (lsn !== 0n && lsn <= shown.lsn) return true;
  return (
    txid !== undefined && (txids.has(txid) || (shown.snapshot !== undefined && sees(shown.snapshot, txid)))
  );
}

/** Changes of an entity that the server has applied and the stream has not shown. */
export function awaitedChanges(tx: Tx, entity: AnyEntity): Promise<OverlayChange[]> {
  return tx.overlay.where("[entity+awaited]").equals([entity.name, 1]).toArray();
}

/** Whether there are such changes. */
export async function isAwaiting(tx: Tx, entity: AnyEntity): Promise<boolean> {
  return (await tx.overlay.where("[entity+awaited]").equals([entity.name, 1]).count()) > 0;
}

/** Whether the server was perhaps given a change of this entity, and has not answered. */
export async function isInFlight(tx: Tx, entity: AnyEntity): Promise<boolean> {
  return (await tx.buffer.where("[entity+sent]").equals([entity.name, 1]).count()) > 0;
}

/** The key's columns of what a change carries. Throws a `TypeError` if one is missing. */
export function keyValues(entity: AnyEntity, payload: JsonMembers): Values {
  const values = entity.key.map((name: string) => [name, readable(entity, name, payload[name] ?? null)]);
  const key = Object.fromEntries(values);
  keyOf(entity, key);
  return key;
}
