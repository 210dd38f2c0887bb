import { type AnyEntity, columnOf } from "../entity.js";
import { isMembers } from "../json.js";

const SAME: Readonly<Record<string, readonly string[]>> = {
  text: ["varchar", "bpchar", "citext", "name", "char"],
};

/**
 * Where an entity expects something else than the server has, for a person: a column that is not there, one of
 * another type or with other nulls, a key of other columns. Columns that the entity does not know are no difference.
 *
 * @param header `electric-schema`
 */
export function differences(entity: AnyEntity, header: string): readonly string[] {
  const columns = parsed(header);
  if (columns === undefined) return [];
  const found: string[] = [];
  for (const name of Object.keys(entity.columns)) {
    const { type, isNullable, isDefaulted } = columnOf(entity, name);
    const told = columns[name];
    if (!isMembers(told)) {
      found.push(`the server has no column ${name}`);
      continue;
    }
    const isArray = told.dims !== undefined && told.dims !== 0;
    if (
      isArray !== type.isArray ||
      !(told.type === type.name || SAME[type.name]?.includes(String(told.type)))
    ) {
      found.push(`${name} is ${told.type}${isArray ? "[]" : ""} on the server, and ${type.name} here`);
    } else if (!isDefaulted && told.not_null === true && isNullable) {
      found.push(`${name} is never null on the server, and may be here`);
    } else if (!isDefaulted && told.not_null !== true && !isNullable && told.pk_index === undefined) {
      found.push(`${name} may be null on the server, and never is here`);
    }
  }
  const key = Object.entries(columns)
    .filter(([, told]) => isMembers(told) && told.pk_index !== undefined)
    .map(([name]) => name);
  const isSameKey = key.length === entity.key.length && key.every((name) => entity.key.includes(name));
  if (key.length > 0 && !isSameKey)
    found.push(`the key is ${key.join(", ")} on the server, and ${entity.key.join(", ")} here`);
  return found;
}

function parsed(header: string): { readonly [name: string]: unknown } | undefined {
  try {
    const columns: unknown = JSON.parse(header);
    return isMembers(columns) ? columns : undefined;
  } catch {
    return undefined;
  }
}
