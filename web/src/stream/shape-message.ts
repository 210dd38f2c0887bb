import type { ChangeMessage, Message, Row } from "@electric-sql/client";
import type { StreamText } from "../column.js";
import { isMembers } from "../json.js";
import type { SeenTransactions } from "../store/seen-transactions.js";
import type { LogPlace } from "../store/stream-position.js";

/** A row, or the changed part of one, by texts. */
export type TextRow = { readonly [column: string]: StreamText };

/** What a shape's stream says. Read once, at the edge. */
export type ShapeMessage =
  | {
      readonly kind: "change";
      readonly op: "insert" | "update" | "delete";
      readonly value: TextRow;
      /** Absent in a snapshot. */
      readonly place: LogPlace | undefined;
      /** Of its transaction, if this is the last message of it in this shape. */
      readonly ended: readonly number[];
    }
  | { readonly kind: "snapshot-end"; readonly snapshot: SeenTransactions }
  | { readonly kind: "up-to-date"; readonly lsn: bigint | undefined }
  | { readonly kind: "must-refetch" }
  /** A newer server says more than we know. */
  | { readonly kind: "unknown" };

/** Reads a message of the official client, whose parser leaves texts as they are. */
export function shapeMessage(message: Message<Row<unknown>>): ShapeMessage {
  const { headers } = message;
  if ("operation" in headers && "value" in message) return change(message as ChangeMessage<Row<unknown>>);
  switch ("control" in headers ? headers.control : undefined) {
    case "up-to-date": {
      const lsn = (headers as { global_last_seen_lsn?: unknown }).global_last_seen_lsn;
      return { kind: "up-to-date", lsn: lsn === undefined ? undefined : BigInt(String(lsn)) };
    }
    case "must-refetch":
      return { kind: "must-refetch" };
    case "snapshot-end":
      return { kind: "snapshot-end", snapshot: snapshot(headers) };
    default:
      return { kind: "unknown" };
  }
}

function change({ headers, value }: ChangeMessage<Row<unknown>>): ShapeMessage {
  const { lsn, op_position: op, last, txids } = headers;
  const place = lsn === undefined ? undefined : { tx: BigInt(String(lsn)), op: Number(op ?? 0) };
  return {
    kind: "change",
    op: headers.operation,
    value: value as TextRow,
    place,
    ended: last === true && Array.isArray(txids) ? txids.map(Number) : [],
  };
}

function snapshot(headers: unknown): SeenTransactions {
  const { xmin, xmax, xip_list: running } = isMembers(headers) ? headers : {};
  return {
    xmin: BigInt(String(xmin)),
    xmax: BigInt(String(xmax)),
    running: Array.isArray(running) ? running.map((one) => BigInt(String(one))) : [],
  };
}
