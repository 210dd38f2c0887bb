import { expect, test } from "vitest";
import { editedValues } from "./edited-values";

const columns = [
  { column: "title", name: "title", value: "Emma" },
  { column: "author", name: "author", value: null },
  { column: "year", name: "year", value: 0 },
];

test("only what was rewritten has a value, an empty text none", () => {
  expect(editedValues(columns, { year: " 1815 ", author: "" })).toEqual({
    kind: "values",
    values: { year: 1815, author: null },
  });
});

test("a needed text and a whole number are asked for", () => {
  expect(editedValues(columns, { title: " " })).toEqual({
    kind: "faulty",
    name: "title",
    reason: "this is needed.",
  });
  expect(editedValues(columns, { year: "18th" })).toMatchObject({ kind: "faulty", name: "year" });
});
