import { type AnyEntity, columnOf, hasColumn, type Values } from "../entity.js";
import { SyncClientError } from "../errors.js";
import type { RowKey } from "../row-key.js";
import { refold, refoldAll, rereadOverlay } from "./overlay.js";
import { STORE_VERSION } from "./schema.js";
import type { Store } from "./store.js";
import { REST } from "./stored.js";
import { beginNext, shownPosition } from "./stream-table.js";
import type { Tx } from "./tx.js";

/** What was known of an entity's columns when its rows were stored. */
type Description = { readonly [column: string]: string };

/**
 * Brings what is stored to what the application says now. Rows that are there stay shown: columns that are new to the
 * application are taken out of what was kept of them, and the server is asked for all of it again, in a copy beside.
 * Overlay and write buffer are never dropped.
 *
 * @returns whether the application says something else than what is stored
 */
export async function migrate(tx: Tx, store: Store): Promise<boolean> {
  await requireNotNewer(tx);
  let isOther = false;
  for (const entity of store.entities) {
    const name = `entity:${entity.name}`;
    const before = (await tx.meta.get(name))?.value as Description | undefined;
    const now = describe(entity);
    if (JSON.stringify(before) === JSON.stringify(now)) continue;
    if (before !== undefined) {
      await convert(tx, entity, before, now);
      isOther = true;
    }
    await refoldForgotten(tx, entity);
    await tx.meta.put({ name, value: now });
  }
  // Which were known then: changes of the others may go meanwhile.
  const known = store.entities.map(({ name }) => name).sort();
  if ((await tx.meta.get("entities"))?.value !== known.join(" ")) {
    for (const entity of store.entities) await refoldForgotten(tx, entity);
    await tx.meta.put({ name: "entities", value: known.join(" ") });
  }
  return isOther;
}

async function requireNotNewer(tx: Tx): Promise<void> {
  const version = (await tx.meta.get("version"))?.value;
  if (typeof version === "number" && version > STORE_VERSION) {
    throw new SyncClientError(
      "store-too-new",
      "A newer version of this application has stored the data: load this page again.",
    );
  }
  if (version !== STORE_VERSION) await tx.meta.put({ name: "version", value: STORE_VERSION });
}

/** Folds rows whose changes have gone while the application did not have the entity. */
async function refoldForgotten(tx: Tx, entity: AnyEntity): Promise<void> {
  const keys = (await tx.local(entity).toCollection().primaryKeys()) as RowKey[];
  await refold(tx, entity, keys);
}

function describe(entity: AnyEntity): Description {
  const described: Record<string, string> = {};
  for (const name of Object.keys(entity.columns).sort()) {
    const { type } = columnOf(entity, name);
    described[name] = type.isArray ? `${type.name}[]` : type.name;
  }
  return { ...described, "": `${entity.table} ${entity.key.join(" ")} ${entity.where ?? ""}` };
}

async function convert(tx: Tx, entity: AnyEntity, before: Description, now: Description): Promise<void> {
  await tx
    .synced(entity)
    .toCollection()
    .modify((row: Values, ref: { value: Values }) => {
      ref.value = converted(entity, row, before, now);
    });
  if ((await shownPosition(tx, entity)).offset !== "-1") await beginNext(tx, entity);
  await rereadOverlay(tx, entity);
  await refoldAll(tx, entity);
}

function converted(entity: AnyEntity, row: Values, before: Description, now: Description): Values {
  const rest: Record<string, unknown> = { ...(row[REST] as Values | undefined) };
  const next: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (name !== REST && now[name] === before[name]) next[name] = value;
  }
  for (const name of Object.keys(now)) {
    if (name === "" || Object.hasOwn(next, name)) continue;
    next[name] = readable(entity, name, rest[name]);
    delete rest[name];
  }
  if (Object.keys(rest).length > 0) next[REST] = rest;
  return next;
}

function readable(entity: AnyEntity, name: string, text: unknown): unknown {
  if (typeof text !== "string" || !hasColumn(entity, name)) return null;
  try {
    return columnOf(entity, name).type.read(text);
  } catch {
    return null; // Asked for again anyway.
  }
}
