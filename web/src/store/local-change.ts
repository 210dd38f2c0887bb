import { type AnyEntity, columnOf, hasColumn, keyOf, type Values } from "../entity.js";
import type { Json, JsonMembers } from "../json.js";
import type { RowKey } from "../row-key.js";
import type { Op } from "./stored.js";

/** A change of one row that the user made. */
export interface LocalChange {
  readonly entity: AnyEntity;
  readonly op: Op;
  readonly key: RowKey;
  /** Values of the columns it sets, key included. */
  readonly columns: Values;
  /** The same as it is sent. */
  readonly payload: JsonMembers;
}

/**
 * Makes a change of what an application gives: all of a row for an insert (columns left out get the server's
 * defaults), key and changed columns for an update, the key for a delete. Columns that are undefined are left out.
 *
 * @throws TypeError if a column is unknown, a value not of its type, or the key incomplete
 */
export function localChange(entity: AnyEntity, op: Op, given: Values): LocalChange {
  const columns: Record<string, unknown> = {};
  const payload: Record<string, Json> = {};
  for (const [name, value] of Object.entries(given)) {
    const { type } = columnOf(entity, name);
    if (value === undefined || (op === "delete" && !entity.key.includes(name))) continue;
    columns[name] = value === null ? null : checked(entity, name, () => type.normalize(value));
    payload[name] = value === null ? null : type.write(columns[name]);
  }
  return { entity, op, key: keyOf(entity, columns), columns, payload };
}

function checked<T>(entity: AnyEntity, column: string, normalize: () => T): T {
  try {
    return normalize();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TypeError(`${entity.name}.${column}: ${error.message}`, { cause: error });
  }
}

/** Makes one of what was sent, whatever the entity's columns were then. Throws a `TypeError` if it has no such key. */
export function sentChange(entity: AnyEntity, op: Op, payload: JsonMembers): LocalChange {
  const columns: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (hasColumn(entity, name)) columns[name] = readable(entity, name, value);
  }
  return { entity, op, key: keyOf(entity, columns), columns, payload };
}

/** The value of what is sent; null if the column has another type now: what is sent stays. */
export function readable(entity: AnyEntity, column: string, json: Json): unknown {
  if (json === null) return null;
  try {
    return columnOf(entity, column).type.readJson(json);
  } catch {
    return null;
  }
}
