import { expect, test } from "vitest";
import { describeChange, describeRefusal, describeValue, type ToldChange, toldColumns } from "./change-text";

const titleOf = (id: unknown) => (id === "1" ? "Emma" : undefined);

test.each<[ToldChange, string]>([
  [{ entity: "works", op: "insert", payload: { id: "2", title: "Lear" } }, "Add the work “Lear”"],
  [{ entity: "works", op: "update", payload: { id: "1", year: 0 } }, "Change the year of the work “Emma”"],
  [
    { entity: "works", op: "update", payload: { id: "1", language: "en", title: "E", year: null } },
    "Change the title, year and language of the work “Emma”",
  ],
  [{ entity: "works", op: "delete", payload: { id: "9" } }, "Delete a work"],
  [
    { entity: "assets", op: "insert", payload: { work_id: "1", file_name: "a.txt" } },
    "Add the file a.txt on “Emma”",
  ],
  [{ entity: "assets", op: "delete", payload: { id: "3" } }, "Delete a file"],
  [{ entity: "annotations", op: "update", payload: { work_id: "1" } }, "Change a note on “Emma”"],
  [{ entity: "others", op: "delete", payload: {} }, "Delete a row of others"],
])("%j is told as %j", (change, text) => {
  expect(describeChange(change, titleOf)).toBe(text);
});

test("columns no person knows of are not told", () => {
  expect(toldColumns({ id: "1", owner_id: "2", year: 3, title: "E" })).toEqual([
    { column: "title", name: "title", value: "E" },
    { column: "year", name: "year", value: 3 },
  ]);
});

test("values and reasons are told in words", () => {
  expect([null, undefined, "", "x", 0, 5n].map(describeValue)).toEqual([
    "nothing",
    "nothing",
    "nothing",
    "“x”",
    "0",
    "5",
  ]);
  expect(describeRefusal("check_violation", 'violates check constraint "works_year_check"')).toContain(
    "year 0",
  );
  expect(describeRefusal("raised", "Not on Sundays")).toBe("Not on Sundays");
});
