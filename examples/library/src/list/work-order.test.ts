import { expect, test } from "vitest";
import { aWork } from "../test-work";
import { orderAfterClick, type SortKey, sortWorks } from "./work-order";

const works = [
  work("1", "Στοιχεῖα", "Euclid", -300, "2026-01-03T09:00:00Z"),
  work("2", "論語", null, null, "2026-01-01T09:00:00Z"),
  work("3", "Émile", "Jean-Jacques Rousseau", 1762, "2026-01-02T09:00:00Z"),
  work("4", "Emma", "Jane Austen", 1815, "2026-01-02T09:00:00.5Z"),
];

test("titles are in the order of a dictionary, accents notwithstanding", () => {
  expect(ids("title", false)).toBe("3 4 1 2");
  expect(ids("title", true)).toBe("2 1 4 3");
});

test("years before Christ come before the others", () => {
  expect(ids("year", false)).toBe("1 3 4 2");
});

test("unknown authors and years are last in both directions", () => {
  expect(ids("year", true)).toBe("4 3 1 2");
  expect(ids("author", false)).toBe("1 4 3 2");
  expect(ids("author", true)).toBe("3 4 1 2");
});

test("works are in the order they were added to a part of a second", () => {
  expect(ids("added", true)).toBe("1 4 3 2");
});

test("a work the server has not dated yet is the newest", () => {
  const dated = work("1", "A", null, null, "2026-01-03T09:00:00Z");
  const undated = work("2", "B", null, null, null);

  expect(sortWorks([dated, undated], { key: "added", descending: true })).toEqual([undated, dated]);
});

test("what was sorted before changes nothing but the time it takes", () => {
  const before = sortWorks(works, { key: "title", descending: false });
  const changed = [...works.slice(1), work("5", "Aeneis", "Vergil", -19, null)];

  expect(sortWorks(changed, { key: "year", descending: false }, before)).toEqual(
    sortWorks(changed, { key: "year", descending: false }),
  );
});

test("the title settles a tie, then the id", () => {
  const equal = [work("c", "B", null, 1, ""), work("b", "A", null, 1, ""), work("a", "B", null, 1, "")];

  const sorted = sortWorks(equal, { key: "year", descending: true });

  expect(sorted.map(({ id }) => id)).toEqual(["b", "a", "c"]);
});

test("a click on another header sorts by it, a second click turns the order round", () => {
  const byTitle = orderAfterClick({ key: "added", descending: true }, "title");
  const turned = orderAfterClick(byTitle, "title");

  expect(byTitle).toEqual({ key: "title", descending: false });
  expect(turned).toEqual({ key: "title", descending: true });
  expect(orderAfterClick(turned, "added")).toEqual({ key: "added", descending: true });
});

function ids(key: SortKey, descending: boolean): string {
  return sortWorks(works, { key, descending })
    .map(({ id }) => id)
    .join(" ");
}

function work(
  id: string,
  title: string,
  author: string | null,
  year: number | null,
  created_at: string | null,
) {
  return aWork({ id, title, author, year, created_at });
}
