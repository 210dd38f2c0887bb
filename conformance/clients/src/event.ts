/** What a follower tells, one JSON object a line. Rows are told in the order of their keys. */
export type FollowEvent =
  | {
      readonly event: "response";
      readonly status: number;
      readonly contentType: string;
      /** The `electric-schema` as it was sent; absent from live answers. */
      readonly schema: unknown;
    }
  | { readonly event: "unreachable"; readonly reason: string }
  | {
      readonly event: "change";
      readonly handle: string;
      readonly key: string;
      readonly operation: string;
      /** Null for a row of the snapshot. */
      readonly offset: string | null;
    }
  | { readonly event: "contradiction"; readonly reason: string }
  | {
      readonly event: "up-to-date";
      readonly handle: string;
      readonly offset: string;
      readonly rows: number;
    }
  | { readonly event: "must-refetch" }
  | { readonly event: "retry"; readonly reason: string }
  | { readonly event: "failed"; readonly reason: string }
  | {
      readonly event: "rows";
      /** Put together from the messages by this program. */
      readonly messages: readonly KeyedRow[];
      /** As the client's own class has them. */
      readonly shape: readonly KeyedRow[];
    };

export type KeyedRow = readonly [key: string, row: Readonly<Record<string, unknown>>];

export function emit(event: FollowEvent): void {
  process.stdout.write(`${JSON.stringify(event, writable)}\n`);
}

/** JSON has no such numbers: told as JavaScript writes them. */
function writable(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}
