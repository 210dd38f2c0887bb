import type { Json } from "./json.js";
import { compareNumeric } from "./numeric-order.js";
import { compareTimestamps, postgresDate, postgresTime, timestampText } from "./postgres-time.js";

/** A value of a text from the stream: of an array nested lists, null where an element is. */
export type StreamText = string | null | readonly StreamText[];

/**
 * The type of a column in its three forms: the application's value, which is also what IndexedDB stores, the text
 * that a shape carries, and the JSON that a write carries.
 */
export interface ColumnType<Value> {
  /** As Postgres calls it. */
  readonly name: string;
  readonly isArray: boolean;
  /** The value of a text of the stream. */
  read(text: StreamText): Value;
  /** The value of what an application gives. Throws a `TypeError` if it is none of this type. */
  normalize(given: unknown): Value;
  write(value: Value): Json;
  /** The value of what a write, or the answer to one, carries. */
  readJson(json: Json): Value;
  /** Negative if one comes before the other, as in Postgres but for texts, which stand by their UTF-16 units. */
  compare(one: Value, other: Value): number;
}

/** A column of an entity. */
export class Column<
  Value,
  Kind extends string = string,
  IsNullable extends boolean = false,
  IsDefaulted extends boolean = false,
> {
  readonly type: ColumnType<Value>;
  readonly isNullable: IsNullable;
  readonly isDefaulted: IsDefaulted;
  declare readonly kind: Kind;

  constructor(type: ColumnType<Value>, isNullable: IsNullable, isDefaulted: IsDefaulted) {
    this.type = type;
    this.isNullable = isNullable;
    this.isDefaulted = isDefaulted;
  }

  /** May be null on the server. */
  nullable(): Column<Value, Kind, true, IsDefaulted> {
    return new Column(this.type, true, this.isDefaulted);
  }

  /** The server gives it a value where the application gives none; until then it is null on the device. */
  defaulted(): Column<Value, Kind, IsNullable, true> {
    return new Column(this.type, this.isNullable, true);
  }
}

// What an application gives is checked by the column's type when it is given.
// biome-ignore lint/suspicious/noExplicitAny: a column of whatever value
export type AnyColumn = Column<any, string, boolean, boolean>;

/** The value of a column in a row on the device. */
export type ValueOf<C> =
  C extends Column<infer Value, string, infer IsNullable, infer IsDefaulted>
    ? true extends IsNullable | IsDefaulted
      ? Value | null
      : Value
    : never;

type Reader<Value> = (text: string) => Value;

function column<Value, Kind extends string>(
  kind: Kind,
  read: Reader<Value>,
  normalize: (given: unknown) => Value | undefined,
  write: (value: Value) => Json,
  compare: (one: Value, other: Value) => number = byOrder,
): Column<Value, Kind> {
  const checked = (given: unknown): Value => {
    const value = normalize(given);
    if (value === undefined) throw new TypeError(`${describe(given)} is no ${kind}`);
    return value;
  };
  return new Column<Value, Kind>(
    {
      name: kind,
      isArray: false,
      read: (text) => read(textOf(text)),
      normalize: checked,
      write,
      readJson: (json) => (typeof json === "string" ? read(json) : checked(json)),
      compare,
    },
    false,
    false,
  );
}

function textOf(text: StreamText): string {
  return typeof text === "string" ? text : JSON.stringify(text);
}

function describe(given: unknown): string {
  const text = typeof given === "string" ? JSON.stringify(given) : String(given);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

const same = <T>(value: T): T => value;

function byOrder(one: unknown, other: unknown): number {
  return one === other ? 0 : (one as number) < (other as number) ? -1 : 1;
}

/** Equal values have equal places, and that is all that is promised. */
function byText(one: unknown, other: unknown): number {
  return byOrder(JSON.stringify(one), JSON.stringify(other));
}

/** As in Postgres NaN is equal to itself, and greater than all. */
function byNumber(one: number, other: number): number {
  if (Number.isNaN(one) || Number.isNaN(other))
    return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
  return byOrder(one, other);
}
// Postgres' texts cannot have it.
const plainText = (given: unknown) =>
  typeof given === "string" && !given.includes("\u0000") ? given : undefined;

export const text = () => column("text", same, plainText, same);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const uuid = () =>
  column(
    "uuid",
    same,
    (given) =>
      typeof given === "string" && UUID.test(given.toLowerCase()) ? given.toLowerCase() : undefined,
    same,
  );

const integer = <Kind extends string>(kind: Kind, most: number) =>
  column(
    kind,
    Number,
    (given) => (Number.isInteger(given) && Math.abs(Number(given) + 0.5) <= most ? Number(given) : undefined),
    same<number>,
  );

export const int2 = () => integer("int2", 2 ** 15);
export const int4 = () => integer("int4", 2 ** 31);

/** A `bigint`; whole numbers are taken too. */
export const int8 = () =>
  column(
    "int8",
    BigInt,
    (given) =>
      typeof given === "bigint" ? given : Number.isSafeInteger(given) ? BigInt(Number(given)) : undefined,
    (value): Json => {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value.toString();
    },
  );

const real = <Kind extends string>(kind: Kind) =>
  column(
    kind,
    (read) => Number(read.replace("inf", "Inf").replace("IInf", "Inf")),
    (given) => (typeof given === "number" ? given : undefined),
    (value): Json => (Number.isFinite(value) ? value : String(value)),
    byNumber,
  );

export const float4 = () => real("float4");
export const float8 = () => real("float8");

const NUMERIC = /^(-?(\d+(\.\d*)?|\.\d+)|NaN|-?Infinity)$/;

/** Its exact text. */
export const numeric = () =>
  column(
    "numeric",
    same,
    (given) => {
      const exact = typeof given === "number" || typeof given === "bigint" ? String(given) : given;
      return typeof exact === "string" && NUMERIC.test(exact) ? exact : undefined;
    },
    same<Json & string>,
    compareNumeric,
  );

export const bool = () =>
  column(
    "bool",
    (read) => read === "t" || read === "true",
    (given) => (typeof given === "boolean" ? given : undefined),
    same<boolean>,
  );

/** A text like `2026-01-06T12:00:00.123456Z`, in UTC; a `Date` is taken too. */
export const timestamptz = () =>
  column(
    "timestamptz",
    (read) => timestampText(read, true) ?? read,
    (given) =>
      given instanceof Date
        ? timestampText(given.toISOString(), true)
        : typeof given === "string"
          ? timestampText(given, true)
          : undefined,
    same<string>,
    compareTimestamps,
  );

/** A text like `2026-01-06T12:00:00.123456`. */
export const timestamp = () =>
  column(
    "timestamp",
    (read) => timestampText(read, false) ?? read,
    (given) => (typeof given === "string" ? timestampText(given, false) : undefined),
    same<string>,
    compareTimestamps,
  );

/** A text like `2026-01-06`. */
export const date = () =>
  column(
    "date",
    same,
    (given) => (typeof given === "string" ? postgresDate(given) : undefined),
    same<string>,
    compareTimestamps,
  );

/** A text like `12:00:00.5`. */
export const time = () =>
  column(
    "time",
    same,
    (given) => (typeof given === "string" ? postgresTime(given) : undefined),
    same<string>,
  );

const document = <Kind extends string>(kind: Kind) =>
  new Column<Json, Kind>(
    {
      name: kind,
      isArray: false,
      read: (text) => JSON.parse(textOf(text)) as Json,
      normalize: (given) => JSON.parse(JSON.stringify(given)) as Json,
      write: same,
      readJson: same,
      compare: byText,
    },
    false,
    false,
  );

/** A value that JSON can say. */
export const json = () => document("json");
export const jsonb = () => document("jsonb");

/** Postgres' own text, such as of an enum's value, `bytea`, or an interval. */
export const other = <Kind extends string>(kind: Kind) => column(kind, same, plainText, same<string>);

/** A list; lists of lists where the column has several dimensions. An element may be null. */
export function arrayOf<Value, Kind extends string>(
  element: Column<Value, Kind>,
): Column<readonly (Value | null)[], `${Kind}[]`> {
  const { type } = element;
  const each = (given: unknown, what: (one: never) => unknown): (Value | null)[] => {
    if (!Array.isArray(given)) throw new TypeError(`${describe(given)} is no ${type.name}[]`);
    return given.map((one) =>
      one === null ? null : Array.isArray(one) ? (each(one, what) as Value) : (what(one as never) as Value),
    );
  };
  return new Column<readonly (Value | null)[], `${Kind}[]`>(
    {
      name: type.name,
      isArray: true,
      read: (text) => each(text, type.read as never),
      normalize: (given) => each(given, type.normalize as never),
      write: (value) => each(value, type.write as never) as unknown as Json,
      readJson: (given) => each(given, type.readJson as never),
      compare: byText,
    },
    false,
    false,
  );
}
