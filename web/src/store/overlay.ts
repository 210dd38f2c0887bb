import { type AnyEntity, columnOf, hasColumn, keyOf, type Values } from "../entity.js";
import type { Json, JsonMembers } from "../json.js";
import type { RowKey } from "../row-key.js";
import { fold } from "./fold.js";
import { type LocalChange, sentChange } from "./local-change.js";
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

/** Adds a change on top of what is there. Gives its place. */
export async function addToOverlay(tx: Tx, change: LocalChange, id: string, group?: string): Promise<number> {
  const seq = await tx.overlay.add({
    id,
    entity: change.entity.name,
    key: change.key,
    op: change.op,
    columns: change.columns,
    payload: change.payload,
    ...(group === undefined ? {} : { tx: group }),
  });
  await refold(tx, change.entity, change.key);
  return seq;
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

/** Stores what the merged view shows of a row anew. */
export async function refold(tx: Tx, entity: AnyEntity, key: RowKey): Promise<void> {
  tx.touch(entity, key);
  const changes = await tx.overlay.where({ entity: entity.name, key }).sortBy("seq");
  const [first] = changes;
  if (first === undefined) {
    await tx.local(entity).delete(key);
    return;
  }
  const synced = await tx.synced(entity).get(key);
  await tx.local(entity).put({ row: fold(synced, emptyRow(entity, first, synced), changes) }, key);
}

function emptyRow(entity: AnyEntity, change: OverlayChange, synced: Values | undefined): Values {
  const row: Record<string, unknown> = {};
  for (const name of Object.keys(entity.columns)) row[name] = null;
  // A replaced change has lost its columns, but never its payload.
  const keys = synced ?? sentChange(entity, change.op, change.payload).columns;
  for (const name of entity.key) row[name] = keys[name];
  return row;
}

/** Folds all rows with changes anew. */
export async function refoldAll(tx: Tx, entity: AnyEntity): Promise<void> {
  await tx.local(entity).clear();
  for (const key of await pendingKeys(tx, entity)) await refold(tx, entity, key);
  tx.touchAll(entity);
}

/** Keys of the rows with pending changes. */
export async function pendingKeys(tx: Tx, entity: AnyEntity): Promise<Set<RowKey>> {
  const keys = new Set<RowKey>();
  await tx.overlay
    .where("entity")
    .equals(entity.name)
    .each((change) => keys.add(change.key));
  return keys;
}

/** Takes a change away that was given up. */
export async function removeFromOverlay(tx: Tx, store: Store, id: string): Promise<void> {
  const change = await tx.overlay.where("id").equals(id).first();
  if (change === undefined) return;
  await tx.overlay.delete(change.seq);
  const entity = store.entity(change.entity);
  if (entity !== undefined) await refold(tx, entity, change.key);
}

/** Takes a change away that the stream shows, and out of what is shown what it replaced. */
async function confirm(tx: Tx, store: Store, change: OverlayChange): Promise<void> {
  const entity = store.entity(change.entity);
  if (entity !== undefined) await replaceRejected(tx, entity, change);
  await removeFromOverlay(tx, store, change.id);
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
  if (change === undefined || entity === undefined) return;
  await replaceInOverlay(tx, id, sentChange(entity, change.op, change.payload));
}

/** Replaces what a change says; its row stays the same. */
export async function replaceInOverlay(tx: Tx, id: string, change: LocalChange): Promise<void> {
  await tx.overlay.where("id").equals(id).modify({ columns: change.columns, payload: change.payload });
  await refold(tx, change.entity, change.key);
}

/**
 * The server has applied a change. It goes from the overlay as soon as the stream shows it, which may have happened
 * already.
 */
export async function acknowledge(
  tx: Tx,
  store: Store,
  id: string,
  txid: number | undefined,
  lsn: bigint | undefined,
): Promise<void> {
  const change = await tx.overlay.where("id").equals(id).first();
  if (change === undefined) return;
  const acknowledged = { ...change, lsn: lsn ?? 0n, ...(txid === undefined ? {} : { txid }) };
  await tx.overlay.put(acknowledged);
  const entity = store.entity(change.entity);
  if (entity === undefined) {
    await tx.overlay.delete(change.seq); // No stream will ever show it.
    return;
  }
  const shown = await shownPosition(tx, entity);
  const hasSeen = txid !== undefined && (await tx.seen.get([entity.name, "synced", txid])) !== undefined;
  if (hasSeen || hasArrived(acknowledged, shown, new Set())) await confirm(tx, store, change);
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
  for (const change of await awaitedChanges(tx, entity)) {
    if (hasArrived(change, shown, txids)) await confirm(tx, store, change);
  }
}

function hasArrived(sent: OverlayChange, shown: StreamPosition, txids: ReadonlySet<number>): boolean {
  const { lsn = 0n, txid } = sent;
  if (lsn !== 0n && lsn <= shown.lsn) return true;
  return (
    txid !== undefined && (txids.has(txid) || (shown.snapshot !== undefined && sees(shown.snapshot, txid)))
  );
}

/** Changes of an entity that the server has applied and the stream has not shown. */
export async function awaitedChanges(tx: Tx, entity: AnyEntity): Promise<OverlayChange[]> {
  return tx.overlay
    .where("entity")
    .equals(entity.name)
    .filter((change) => change.lsn !== undefined)
    .toArray();
}

/** Whether the server was perhaps given a change of this entity, and has not answered. */
export async function isInFlight(tx: Tx, entity: AnyEntity): Promise<boolean> {
  const first = await tx.buffer
    .where("status")
    .anyOf("pending", "syncing")
    .filter((change) => change.attempts > 0 && change.entity === entity.name)
    .first();
  return first !== undefined;
}

/** The key of a row that its text stands for, by column; of a change of that row. */
export function keyValues(entity: AnyEntity, payload: JsonMembers): Values {
  const known = Object.fromEntries(Object.entries(payload).filter(([name]) => hasColumn(entity, name)));
  keyOf(entity, known);
  return Object.fromEntries(entity.key.map((name: string) => [name, known[name]]));
}
