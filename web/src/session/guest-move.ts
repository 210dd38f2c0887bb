import { type AnyEntity, columnOf } from "../entity.js";
import type { Json, JsonMembers } from "../json.js";
import { type LocalChange, sentChange } from "../store/local-change.js";
import type { NamedChange } from "../store/overlay.js";
import type { Store } from "../store/store.js";
import type { OverlayChange } from "../store/stored.js";
import type { WriteBuffer } from "../write-buffer/write-buffer.js";

/** What becomes of what a guest wrote. */
export type GuestData =
  /** It becomes the user's, and is sent. */
  | "adopt"
  /** It stays the guest's, for the next sign-out. */
  | "keep-separate"
  /** It is exported and gone. */
  | "discard";

/**
 * Puts what the guest wrote on top of what the user has, in its order, and queues it; the guest's id in an owner's
 * column becomes the user's. One transaction in the user's store, which notes how far it came: done again after a
 * crash it takes what is new.
 */
export async function adopt(
  guests: Store,
  guest: string,
  users: Store,
  user: string,
  buffer: WriteBuffer,
): Promise<void> {
  const changes = await guests.read((tx) => tx.overlay.orderBy("seq").toArray());
  await users.write(async (tx) => {
    const name = `adopted:${guest}`;
    let adopted = ((await tx.meta.get(name))?.value as number | undefined) ?? 0;
    let owned: NamedChange[] = [];
    for (const change of changes) {
      if (change.seq <= adopted) continue;
      const read = readOwned(users.entity(change.entity), change, guest, user);
      if (read !== undefined) {
        owned.push({ id: change.id, change: read, group: change.tx });
      } else {
        await buffer.adopt(tx, owned);
        owned = [];
        await buffer.adoptUnread(tx, change);
      }
      adopted = change.seq;
    }
    await buffer.adopt(tx, owned);
    await tx.meta.put({ name, value: adopted });
  });
}

/** The change as the user's; undefined if the entities of now cannot read it. */
function readOwned(
  entity: AnyEntity | undefined,
  change: OverlayChange,
  guest: string,
  user: string,
): LocalChange | undefined {
  if (entity === undefined) return undefined;
  try {
    return sentChange(entity, change.op, ownedBy(entity, change.payload, guest, user));
  } catch {
    return undefined; // It has another key.
  }
}

function ownedBy(entity: AnyEntity, payload: JsonMembers, guest: string, user: string): JsonMembers {
  const columns: Record<string, Json> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (name !== entity.owner || value !== guest) columns[name] = value;
    else if (canOwn(entity, user)) columns[name] = user;
    // Else the user's id is no value of the column: the database knows who writes.
  }
  return columns;
}

/** Whether a user's id can stand in the owner's column. */
export function canOwn(entity: AnyEntity, user: string): boolean {
  if (entity.owner === undefined) return false;
  try {
    columnOf(entity, entity.owner).type.normalize(user);
    return true;
  } catch {
    return false;
  }
}

/** What the guest wrote, a JSON object on each line, in its order. */
export async function exportGuest(guests: Store): Promise<string> {
  const changes = await guests.read((tx) => tx.overlay.orderBy("seq").toArray());
  const line = ({ id, entity, op, payload, tx }: OverlayChange) =>
    JSON.stringify({ id, table: entity, op, payload, ...(tx === undefined ? {} : { tx }) });
  return changes.map((change) => `${line(change)}\n`).join("");
}
