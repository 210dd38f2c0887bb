import { expect, test } from "vitest";
import { hashOf, type Place, placeOf } from "./place";

const places: readonly Place[] = [
  { kind: "list" },
  { kind: "work", id: "00000000-0000-4000-8000-000000000001" },
  { kind: "new-work" },
  { kind: "changes", tab: "waiting" },
  { kind: "changes", tab: "refused" },
  { kind: "changes", tab: "conflicts" },
  { kind: "import" },
];

test("each place is found again by its hash", () => {
  expect(places.map(hashOf).map(placeOf)).toEqual(places);
});

test.each(["", "#", "#/", "#/nowhere", "#/work", "#/work/"])("%j is the list", (hash) => {
  expect(placeOf(hash)).toEqual({ kind: "list" });
});
