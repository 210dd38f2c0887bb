import type { Values } from "../entity.js";
import type { JsonMembers } from "../json.js";
import type { RowKey } from "../row-key.js";

/** What a change does to its row. */
export type Op = "insert" | "update" | "delete";

/** A change of the user's that the stream has not shown. */
export interface OverlayChange {
  readonly seq: number;
  readonly id: string;
  readonly entity: string;
  readonly key: RowKey;
  readonly op: Op;
  /** What it shows of its columns; empty where others have replaced all of it. */
  readonly columns: Values;
  /** What is sent. */
  readonly payload: JsonMembers;
  /** Changes with the same are applied together or not at all. */
  readonly tx?: string;
  /** Set once the server has applied it: the place at or after its transaction, and that one's id. */
  readonly lsn?: bigint;
  readonly txid?: number;
  /** Set with them; for an index. */
  readonly awaited?: 1;
}

export type BufferStatus = "pending" | "syncing" | "error";

/** A change on its way to the server, or rejected. */
export interface BufferedChange {
  readonly seq: number;
  readonly id: string;
  readonly entity: string;
  readonly key: RowKey;
  readonly op: Op;
  readonly table: string;
  /** Of an update: what the user saw in the columns it changes. */
  readonly base?: JsonMembers;
  readonly tx?: string;
  readonly createdAt: number;
  /** About how much of a batch it takes. */
  readonly bytes: number;
  readonly status: BufferStatus;
  readonly attempts: number;
  /** Whether the server was perhaps given it, and has not answered; for an index. */
  readonly sent?: 1;
  readonly code?: string;
  readonly error?: string;
  readonly failedAt?: number;
}

/** What the merged view shows of a row that the user changed; null where it is not there. */
export interface LocalRow {
  readonly row: Values | null;
}

/** Columns of the server that the application does not know are kept by their texts under this name. */
export const REST = "_rest";
