import type { Values } from "../entity.js";
import type { Op } from "./stored.js";

/**
 * Folds the pending changes of a row, in their order, over its synced state. A delete takes away what came before
 * it; what comes after it begins from nothing. An insert makes the row be there; an update sets columns of a row
 * that is there for another reason. A change without columns, not even its key's, is one that others have replaced:
 * it says nothing.
 *
 * @param synced undefined if the server has sent no such row
 * @param empty the row with nothing in it but its key
 * @returns null if the row is not there
 */
export function fold(
  synced: Values | undefined,
  empty: Values,
  changes: readonly { readonly op: Op; readonly columns: Values }[],
): Values | null {
  let row = synced ?? empty;
  let isThere = synced !== undefined;
  for (const { op, columns } of changes) {
    if (Object.keys(columns).length === 0) continue;
    if (op === "delete") {
      row = empty;
      isThere = false;
    } else {
      row = { ...row, ...columns };
      isThere ||= op === "insert";
    }
  }
  return isThere ? row : null;
}
