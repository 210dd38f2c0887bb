import type { ChangeMessage, Operation, Row } from "@electric-sql/client";
import { expect, test } from "vitest";
import { MaterializedRows } from "./materialized-rows.js";

test("an update changes the columns it carries", () => {
  const rows = new MaterializedRows();
  rows.apply(change("insert", "a", { id: "a", title: "Emma", year: null }));

  const wrong = rows.apply(change("update", "a", { id: "a", year: "1815" }));

  expect(wrong).toBeUndefined();
  expect(rows.sorted()).toEqual([["a", { id: "a", title: "Emma", year: "1815" }]]);
});

test("rows are sorted by their keys", () => {
  const rows = new MaterializedRows();
  for (const key of ["b", "a", "c"]) rows.apply(change("insert", key, {}));

  rows.apply(change("delete", "c", {}));

  expect(rows.sorted().map(([key]) => key)).toEqual(["a", "b"]);
});

test("what cannot be is told", () => {
  const rows = new MaterializedRows();
  rows.apply(change("insert", "a", {}));

  expect(rows.apply(change("insert", "a", {}))).toBe("insert of a, which is there already");
  expect(rows.apply(change("update", "b", {}))).toBe("update of b, which is not there");
  expect(rows.apply(change("delete", "c", {}))).toBe("delete of c, which is not there");
});

test("after a new start every row is new", () => {
  const rows = new MaterializedRows();
  rows.apply(change("insert", "a", {}));

  rows.clear();

  expect(rows.size).toBe(0);
  expect(rows.apply(change("insert", "a", {}))).toBeUndefined();
});

function change(operation: Operation, key: string, value: Row<unknown>): ChangeMessage<Row<unknown>> {
  return { key, value, headers: { operation } };
}
