import type { AnyColumn, Column, ValueOf } from "./column.js";
import { type RowKey, rowKey } from "./row-key.js";

export type Columns = { readonly [name: string]: AnyColumn };

/** Values by column; which, and of what types, an entity says. */
export type Values = { readonly [column: string]: unknown };

/** A table of the server, as this application knows it. Immutable. */
export interface Entity<
  Cols extends Columns = Columns,
  Key extends keyof Cols & string = string,
  Owner extends keyof Cols & string = string,
> {
  readonly name: string;
  /** The server's table. */
  readonly table: string;
  readonly columns: Cols;
  readonly key: readonly Key[];
  /** Its value is the user's id, or the guest's, in rows that are made without one. */
  readonly owner: Owner | undefined;
  /** Streams of the lowest priority begin first; the next when those have been up to date once. */
  readonly priority: number;
  /** A further condition of the shape, in SQL. */
  readonly where: string | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: an entity of whatever columns
export type AnyEntity = Entity<any, any, any>;

/** A row of an entity on the device. */
export type RowOf<E> =
  E extends Entity<infer Cols, infer _Key, infer _Owner>
    ? { readonly [Name in keyof Cols]: ValueOf<Cols[Name]> }
    : never;

type CanBeLeftOut<Cols extends Columns, Key, Owner, Name extends keyof Cols> = Name extends Owner
  ? true
  : Cols[Name] extends Column<infer _Value, infer Kind, infer IsNullable, infer IsDefaulted>
    ? true extends IsNullable | IsDefaulted
      ? true
      : Name extends Key
        ? Kind extends "uuid"
          ? true
          : false
        : false
    : false;

type Given<C> =
  C extends Column<infer Value, infer Kind, infer IsNullable, boolean>
    ?
        | (Kind extends "timestamptz" ? Value | Date : Kind extends "int8" ? Value | number : Value)
        | (true extends IsNullable ? null : never)
    : never;

/** What a new row is made of: columns with defaults, nulls, the owner and a UUID as key may be left out. */
export type InsertOf<E> =
  E extends Entity<infer Cols, infer Key, infer Owner>
    ? {
        readonly [Name in keyof Cols as CanBeLeftOut<Cols, Key, Owner, Name> extends true
          ? never
          : Name]: Given<Cols[Name]>;
      } & {
        readonly [Name in keyof Cols as CanBeLeftOut<Cols, Key, Owner, Name> extends true ? Name : never]?:
          | Given<Cols[Name]>
          | undefined;
      }
    : never;

/** The key of a row. */
export type KeyOf<E> =
  E extends Entity<infer Cols, infer Key, infer _Owner>
    ? { readonly [Name in Key & keyof Cols]: Given<Cols[Name]> }
    : never;

/** The key of a row, and the columns that change. */
export type UpdateOf<E> =
  E extends Entity<infer Cols, infer _Key, infer _Owner>
    ? KeyOf<E> & { readonly [Name in keyof Cols]?: Given<Cols[Name]> }
    : never;

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const TAKEN = /_(local|next)$/;

/**
 * Describes an entity.
 *
 * @throws TypeError if a key or owner is no column, or the name is none for a table in IndexedDB
 */
export function defineEntity<
  const Cols extends Columns,
  const Key extends keyof Cols & string,
  const Owner extends keyof Cols & string = never,
>(
  name: string,
  described: {
    readonly columns: Cols;
    readonly key: readonly Key[];
    readonly owner?: Owner;
    readonly table?: string;
    readonly priority?: number;
    readonly where?: string;
  },
): Entity<Cols, Key, Owner> {
  const { columns, key, owner, table = name, priority = 0, where } = described;
  if (!NAME.test(name) || TAKEN.test(name)) throw new TypeError(`An entity cannot be called ${name}`);
  if (key.length === 0) throw new TypeError(`${name} needs a key`);
  for (const column of owner === undefined ? key : [...key, owner]) {
    if (!Object.hasOwn(columns, column)) throw new TypeError(`${name} has no column ${column}`);
  }
  return Object.freeze({ name, table, columns, key, owner, priority, where });
}

/** Throws a `TypeError` if an entity is none of these. */
export function requireKnown(entities: readonly AnyEntity[], entity: AnyEntity): void {
  if (!entities.includes(entity)) throw new TypeError(`${entity.name} is no entity of the settings`);
}

/** The key of a row, or of values that have one. Throws a `TypeError` where they have not. */
export function keyOf(entity: AnyEntity, values: Values): RowKey {
  return rowKey(
    entity.key.map((name: string) => {
      const value = values[name];
      if (value === undefined || value === null) throw new TypeError(`${entity.name} needs its key ${name}`);
      return value;
    }),
  );
}

/** The key of a row that an application asks for. Throws a `TypeError` where a value is none of its column's. */
export function askedKey(entity: AnyEntity, values: Values): RowKey {
  const key = entity.key.map((name: string) => [name, columnOf(entity, name).type.normalize(values[name])]);
  return keyOf(entity, Object.fromEntries(key));
}

/** Whether a column is of the entity. */
export function hasColumn(entity: AnyEntity, name: string): boolean {
  return Object.hasOwn(entity.columns, name);
}

/** A column of the entity. Throws a `TypeError` if there is none of that name. */
export function columnOf(entity: AnyEntity, name: string): AnyColumn {
  const column = hasColumn(entity, name) ? entity.columns[name] : undefined;
  if (column === undefined) throw new TypeError(`${entity.name} has no column ${name}`);
  return column;
}
