import type { Row } from "@electric-sql/client";

/** One row of the table `works`. */
export interface Work {
  readonly id: string;
  readonly title: string;
  /** Null if unknown. */
  readonly author: string | null;
  /** Negative is BC, null is unknown. */
  readonly year: number | null;
  /** A BCP 47 tag, null if unknown. */
  readonly language: string | null;
  /** When the row was inserted, as Postgres writes a timestamptz in UTC. */
  readonly createdAt: string;
}

/** Reads a row of the stream. Throws a TypeError that names the column if the table is not the one of schema.sql. */
export function parseWork(row: Row): Work {
  return {
    id: text(row, "id"),
    title: text(row, "title"),
    author: textOrNull(row, "author"),
    year: numberOrNull(row, "year"),
    language: textOrNull(row, "language"),
    createdAt: text(row, "created_at"),
  };
}

function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw unexpected(column);
  return value;
}

function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

function numberOrNull(row: Row, column: string): number | null {
  const value = row[column];
  if (value !== null && typeof value !== "number") throw unexpected(column);
  return value;
}

function unexpected(column: string): TypeError {
  return new TypeError(`The table works has no column "${column}" of the expected type`);
}
