import fc from "fast-check";
import { expect, test } from "vitest";
import { fold } from "./fold.js";

const empty = { id: 1, a: null, b: null };
const insert = (columns: object) => ({ op: "insert" as const, columns: { id: 1, ...columns } });
const update = (columns: object) => ({ op: "update" as const, columns: { id: 1, ...columns } });
const remove = { op: "delete" as const, columns: { id: 1 } };
const replaced = { op: "update" as const, columns: {} };

test.each([
  ["an insert is there", undefined, [insert({ a: 1 })], { id: 1, a: 1, b: null }],
  ["an update alone does not make a row", undefined, [update({ a: 1 })], null],
  [
    "an update sets columns of what the server sent",
    { id: 1, a: 0, b: 2 },
    [update({ a: 1 })],
    { id: 1, a: 1, b: 2 },
  ],
  ["a delete takes away", { id: 1, a: 0, b: 2 }, [remove], null],
  [
    "what comes after a delete begins from nothing",
    { id: 1, a: 0, b: 2 },
    [remove, insert({ a: 1 })],
    { id: 1, a: 1, b: null },
  ],
  ["an update after a delete makes nothing", { id: 1, a: 0, b: 2 }, [remove, update({ a: 1 })], null],
  ["a replaced change says nothing", { id: 1, a: 0, b: 2 }, [replaced], { id: 1, a: 0, b: 2 }],
])("%s", (_, synced, changes, row) => {
  expect(fold(synced, empty, changes)).toEqual(row);
});

test("folding in two steps is folding at once, as long as the row is there", () => {
  const change = fc.oneof(
    fc.record({ a: fc.nat(3) }).map(update),
    fc.record({ b: fc.nat(3) }).map(update),
    fc.record({ a: fc.nat(3) }).map(insert),
  );
  fc.assert(
    fc.property(fc.array(change), fc.array(change), (first, second) => {
      const synced = { id: 1, a: 0, b: 0 };
      const between = fold(synced, empty, first);
      expect(fold(synced, empty, [...first, ...second])).toEqual(fold(between ?? undefined, empty, second));
    }),
  );
});
