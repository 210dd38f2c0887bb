import { expect, test } from "vitest";
import type { Work } from "../library";
import { aWork } from "../test-work";
import { changesBetween, describeChanges } from "./work-changes";

const emma = work("1", "Emma");
const hamlet = work("2", "Hamlet");
const candide = work("3", "Candide");

test("what arrived, changed and went is told apart", () => {
  const renamed = { ...hamlet, title: "Hamlet, Prince of Denmark" };

  const changes = changesBetween(byId(emma, hamlet), byId(renamed, candide));

  expect(changes).toEqual({ arrived: [candide], changed: [renamed], gone: [emma] });
});

test("a list that was fetched anew and is equal has no changes", () => {
  const changes = changesBetween(byId(emma, hamlet), byId({ ...hamlet }, { ...emma }));

  expect(changes).toEqual({ arrived: [], changed: [], gone: [] });
  expect(describeChanges(changes)).toBe("");
});

test("a change of any column that is shown counts", () => {
  for (const column of ["title", "author", "year", "language"] as const) {
    const other = { ...emma, [column]: column === "year" ? 1 : "other" };

    expect(changesBetween(byId(emma), byId(other)).changed, column).toEqual([other]);
  }
});

test("the time that the server gives a work is no news", () => {
  const dated = { ...emma, created_at: "2026-01-01T09:00:00Z", updated_at: "2026-01-01T09:00:00Z" };

  expect(changesBetween(byId(emma), byId(dated)).changed).toEqual([]);
});

test("a single work is named, several are counted", () => {
  expect(describeChanges(changesBetween(byId(), byId(emma)))).toBe("“Emma” added");
  expect(describeChanges(changesBetween(byId(hamlet, candide), byId(emma)))).toBe(
    "“Emma” added, 2 works removed",
  );
});

function byId(...works: Work[]): Map<string, Work> {
  return new Map(works.map((work) => [work.id, work]));
}

function work(id: string, title: string): Work {
  return aWork({ id, title, language: "en" });
}
