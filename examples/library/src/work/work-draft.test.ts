import { expect, test } from "vitest";
import { aWork } from "../test-work";
import {
  changedColumns,
  changedMeanwhile,
  draftFaults,
  fieldText,
  typed,
  type WorkDraft,
} from "./work-draft";

const emma = aWork({ title: "Emma", author: "Jane Austen", year: 1815 });

test("only the columns that differ are saved", () => {
  let draft: WorkDraft = typed({}, emma, "year", "1816");
  draft = typed(draft, emma, "author", "  ");
  draft = typed(draft, emma, "title", "Emma ");

  expect(changedColumns(draft, emma)).toEqual({ year: 1816, author: null });
});

test("a new work has what was typed", () => {
  const draft = typed(typed({}, undefined, "title", " Emma "), undefined, "year", "-5");

  expect(changedColumns(draft, undefined)).toEqual({ title: "Emma", year: -5 });
});

test("a field typed back to what it was is no longer drafted", () => {
  expect(typed(typed({}, emma, "title", "Em"), emma, "title", "Emma")).toEqual({});
});

test("what others change shows where nobody types, and is told where somebody does", () => {
  const draft = typed({}, emma, "year", "1816");
  const changed = { ...emma, title: "Emma!", year: 1814 };

  expect(fieldText(changed, "title")).toBe("Emma!");
  expect(changedMeanwhile(draft, changed, "title")).toBeUndefined();
  expect(changedMeanwhile(draft, changed, "year")).toBe("1814");
  expect(changedMeanwhile(typed(draft, changed, "year", "1817"), changed, "year")).toBe("1814");
});

test("a title and a whole year are needed; whether there is a year 0 is for the database to say", () => {
  const faults = (year: string) => [...draftFaults(typed({}, emma, "year", year), emma).keys()];

  expect([...draftFaults(typed({}, emma, "title", " "), emma).keys()]).toEqual(["title"]);
  expect([...draftFaults({}, undefined).keys()]).toEqual(["title"]);
  expect(["", "0", "-431", "+5", "2147483647"].flatMap(faults)).toEqual([]);
  expect(["18th", "1.5", "1e3", "2147483648"].flatMap(faults)).toEqual(["year", "year", "year", "year"]);
});
