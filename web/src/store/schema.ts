import type { AnyEntity } from "../entity.js";

/** Names of the stores beside those of entities; the underscore keeps them apart. */
export const OVERLAY = "_overlay";
export const BUFFER = "_buffer";
export const STREAM = "_stream";
export const SEEN = "_seen";
export const CONFLICT = "_conflict";
export const META = "_meta";

/** The version of what is stored; one of a newer library is refused. */
export const STORE_VERSION = 1;

/** The copy of what the server sent. */
export const syncedName = (entity: AnyEntity): string => entity.name;
/** Of each row with changes in the overlay, what the merged view shows. */
export const localName = (entity: AnyEntity): string => `${entity.name}_local`;
/** After a must-refetch, the copy in the making. */
export const nextName = (entity: AnyEntity): string => `${entity.name}_next`;

/** What Dexie makes for these entities. Rows lie under the text of their key. */
export function schemaOf(entities: readonly AnyEntity[]): Record<string, string> {
  const schema: Record<string, string> = {
    [OVERLAY]: "++seq, &id, [entity+key], entity, [entity+awaited]",
    [BUFFER]: "seq, &id, status, tx, [entity+key], [entity+sent]",
    [STREAM]: "[entity+slot]",
    [SEEN]: "[entity+slot+txid], [entity+slot]",
    [CONFLICT]: "++id",
    [META]: "name",
  };
  for (const entity of entities) {
    schema[syncedName(entity)] = "";
    schema[localName(entity)] = "";
    schema[nextName(entity)] = "";
  }
  return schema;
}
