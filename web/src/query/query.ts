import type { AnyEntity, Values } from "../entity.js";

export interface Order<Row> {
  readonly column: keyof Row & string;
  /** Ascending if it is not said; nulls come first then, as they are stored. */
  readonly direction?: "asc" | "desc";
}

/** Which rows, and in which order; all by their keys if nothing is said. */
export interface Query<Row> {
  /** Values that columns have, or a condition. */
  readonly where?: Partial<Row> | ((row: Row) => boolean);
  readonly orderBy?: readonly Order<Row>[];
  readonly limit?: number;
  readonly offset?: number;
}

/** The rows that a query finds among these. */
export function runQuery<Row>(rows: readonly Row[], query: Query<Row>, entity: AnyEntity): readonly Row[] {
  const { where, orderBy = [], limit, offset = 0 } = query;
  const found = where === undefined ? rows.slice() : rows.filter(condition(where));
  const orders = [
    ...orderBy,
    ...entity.key.map((column: string): Order<Row> => ({ column: column as keyof Row & string })),
  ];
  found.sort((one, other) => {
    for (const { column, direction } of orders) {
      const order = compare(one[column], other[column]);
      if (order !== 0) return direction === "desc" ? -order : order;
    }
    return 0;
  });
  return limit === undefined && offset === 0
    ? found
    : found.slice(offset, limit === undefined ? undefined : offset + limit);
}

function condition<Row>(where: Partial<Row> | ((row: Row) => boolean)): (row: Row) => boolean {
  if (typeof where === "function") return where;
  const wanted = Object.entries(where as Values).filter(([, value]) => value !== undefined);
  return (row) => wanted.every(([column, value]) => (row as Values)[column] === value);
}

function compare(one: unknown, other: unknown): number {
  if (one === other) return 0;
  if (one === null || one === undefined) return other === null || other === undefined ? 0 : -1;
  if (other === null || other === undefined) return 1;
  if (typeof one === "object" || typeof other === "object")
    return compare(JSON.stringify(one), JSON.stringify(other));
  return (one as number) < (other as number) ? -1 : 1;
}
