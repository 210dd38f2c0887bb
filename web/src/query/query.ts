import { type AnyEntity, columnOf, type Values } from "../entity.js";

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
  const compares = orders.map(({ column, direction }) =>
    comparing(entity, column, direction === "desc" ? -1 : 1),
  );
  found.sort((one, other) => {
    for (const compare of compares) {
      const order = compare(one as Values, other as Values);
      if (order !== 0) return order;
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

function comparing(entity: AnyEntity, column: string, sign: 1 | -1): (one: Values, other: Values) => number {
  const { type } = columnOf(entity, column);
  return (one, other) => {
    const [a, b] = [one[column] ?? null, other[column] ?? null];
    if (a === b) return 0;
    if (a === null || b === null) return a === null ? -sign : sign;
    return sign * type.compare(a, b);
  };
}
