import { isMembers, type Json, type JsonMembers } from "../json.js";
import type { Op } from "../store/stored.js";

/** A change as `POST /api/writes/batch` takes it. */
export interface WriteChange {
  readonly id: string;
  readonly table: string;
  readonly op: Op;
  readonly payload: JsonMembers;
  readonly created_at: number;
  readonly base?: JsonMembers;
  readonly tx?: string;
  readonly status: "pending" | "syncing" | "applied" | "error";
  readonly retry_count: number;
}

/** A value of the user's that met another, as the server tells it. */
export interface ToldConflict {
  readonly column: string;
  readonly base?: Json;
  readonly yours: Json;
  readonly theirs: Json;
  readonly kept: "yours" | "theirs";
}

/** What became of a change. */
export type WriteResult = {
  readonly id: string;
  readonly conflicts: readonly ToldConflict[];
} & (
  | {
      readonly status: "applied" | "duplicate" | "merged";
      readonly txid: number | undefined;
      readonly lsn: bigint | undefined;
    }
  | { readonly status: "rejected" | "retry"; readonly code: string; readonly message: string }
);

/** What the server sent is none of ours. */
export class InvalidAnswer extends Error {}

/** Reads the answer to a batch; one of a server that tells only `applied` and `errors` too. */
export function readAnswer(body: string): readonly WriteResult[] {
  const answer = parse(body);
  if (!isMembers(answer)) throw new InvalidAnswer("no object");
  if (Array.isArray(answer.results)) return answer.results.map(result);
  if (!Array.isArray(answer.applied) || !Array.isArray(answer.errors)) throw new InvalidAnswer("no results");
  return [
    ...answer.applied.map(
      (id: unknown): WriteResult => ({
        id: text(id, "applied"),
        status: "applied",
        conflicts: [],
        txid: undefined,
        lsn: undefined,
      }),
    ),
    ...answer.errors.map((error: unknown) => {
      if (!isMembers(error)) throw new InvalidAnswer("errors: no object");
      return result({ ...error, status: error.retryable === true ? "retry" : "rejected" });
    }),
  ];
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new InvalidAnswer("no JSON", { cause: error });
  }
}

function result(told: unknown): WriteResult {
  if (!isMembers(told)) throw new InvalidAnswer("results: no object");
  const id = text(told.id, "id");
  const conflicts = Array.isArray(told.conflicts) ? told.conflicts.map(conflict) : [];
  switch (told.status) {
    case "applied":
    case "duplicate":
    case "merged":
      return { id, status: told.status, conflicts, txid: number(told.txid), lsn: position(told.lsn) };
    case "rejected":
    case "retry":
      return {
        id,
        status: told.status,
        conflicts,
        code: typeof told.code === "string" ? told.code : "rejected",
        message: typeof told.error === "string" ? told.error : "",
      };
    default:
      throw new InvalidAnswer(`status: ${String(told.status)}`);
  }
}

function conflict(told: unknown): ToldConflict {
  if (!isMembers(told)) throw new InvalidAnswer("conflicts: no object");
  return {
    column: text(told.column, "column"),
    ...(told.base === undefined ? {} : { base: told.base as Json }),
    yours: (told.yours ?? null) as Json,
    theirs: (told.theirs ?? null) as Json,
    kept: told.kept === "yours" ? "yours" : "theirs",
  };
}

function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw new InvalidAnswer(`${name}: no text`);
  return value;
}

function number(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const txid = Number(value);
  if (!Number.isSafeInteger(txid)) throw new InvalidAnswer("txid: no number");
  return txid;
}

function position(value: unknown): bigint | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" || !/^\d+$/.test(value))
    throw new InvalidAnswer("lsn: no position in decimal");
  return BigInt(value);
}
