import type { Json } from "../json.js";
import type { RowKey } from "../row-key.js";

/** A value of the user's that met another. */
export interface StoredConflict {
  readonly id: number;
  readonly changeId: string;
  readonly entity: string;
  readonly key: RowKey;
  readonly column: string;
  /** Absent where what the user saw is not known. */
  readonly base?: Json;
  readonly yours: Json;
  readonly theirs: Json;
  readonly kept: "yours" | "theirs";
  readonly at: number;
}
