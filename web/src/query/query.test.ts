import { expect, test } from "vitest";
import { date, defineEntity, int4, numeric, type RowOf, text, timestamptz } from "../index.js";
import { runQuery } from "./query.js";

const things = defineEntity("things", {
  columns: {
    id: int4(),
    name: text().nullable(),
    price: numeric(),
    at: timestamptz(),
    day: date(),
  },
  key: ["id"],
});

type Thing = RowOf<typeof things>;

const row = (id: number, more: Partial<Thing>): Thing => ({
  id,
  name: null,
  price: "0",
  at: "2026-01-01T00:00:00Z",
  day: "2026-01-01",
  ...more,
});

const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id);

test("numbers stand by their digits", () => {
  const prices = [
    "NaN",
    "10",
    "9",
    "-10",
    "-5",
    "0.10",
    "0.1",
    "123456789012345678901",
    "123456789012345678900.5",
    "-Infinity",
    "Infinity",
  ];
  const rows = prices.map((price, id) => row(id, { price }));

  const sorted = runQuery(rows, { orderBy: [{ column: "price" }] }, things);

  expect(sorted.map(({ price }) => price)).toEqual([
    "-Infinity",
    "-10",
    "-5",
    "0.10",
    "0.1",
    "9",
    "10",
    "123456789012345678900.5",
    "123456789012345678901",
    "Infinity",
    "NaN",
  ]);
});

test("times stand by when they are, however many digits they have", () => {
  const times = [
    "2026-01-01T00:00:00.5Z",
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.25Z",
    "12026-01-01T00:00:00Z",
    "0044-03-15 12:00:00+00 BC",
    "0100-01-01 12:00:00+00 BC",
    "infinity",
    "-infinity",
  ];
  const rows = times.map((at, id) => row(id, { at }));

  expect(ids(runQuery(rows, { orderBy: [{ column: "at" }] }, things))).toEqual([7, 5, 4, 1, 2, 0, 3, 6]);
});

test("nulls come first, then last; equal ones by their keys", () => {
  const rows = [row(3, { name: "b" }), row(2, {}), row(1, { name: "b" }), row(4, { name: "a" })];

  expect(ids(runQuery(rows, { orderBy: [{ column: "name" }] }, things))).toEqual([2, 4, 1, 3]);
  expect(
    ids(runQuery(rows, { orderBy: [{ column: "name", direction: "desc" }], limit: 2, offset: 1 }, things)),
  ).toEqual([3, 4]);
  expect(ids(runQuery(rows, { where: { name: "b" } }, things))).toEqual([1, 3]);
});
