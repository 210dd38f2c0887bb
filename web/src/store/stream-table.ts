import type { AnyEntity } from "../entity.js";
import { beginning, type Slot, type StreamPosition } from "./stream-position.js";
import type { Tx } from "./tx.js";

/** Where the copy stands that is shown. */
export async function shownPosition(tx: Tx, entity: AnyEntity): Promise<StreamPosition> {
  return (await tx.stream.get([entity.name, "synced"])) ?? beginning(entity.name, "synced");
}

/** Where the copy stands that is being read: the next one, if there is one. */
export async function readPosition(tx: Tx, entity: AnyEntity): Promise<StreamPosition> {
  return (await tx.stream.get([entity.name, "next"])) ?? (await shownPosition(tx, entity));
}

/** Begins a copy from nothing; the one that is shown stays. */
export async function beginNext(tx: Tx, entity: AnyEntity): Promise<StreamPosition> {
  const begin = beginning(entity.name, "next");
  await tx.next(entity).clear();
  await forgetSeen(tx, entity, "next");
  await tx.stream.put(begin);
  return begin;
}

/** Forgets the transactions that a copy has shown. */
export async function forgetSeen(tx: Tx, entity: AnyEntity, slot: Slot): Promise<void> {
  await tx.seen.where({ entity: entity.name, slot }).delete();
}
