import { expect, test } from "vitest";
import { formatAdded, formatLanguage, formatYear } from "./format";

test("a year says BC, or AD where it could be mistaken", () => {
  expect([-431, 77, 820, 1813, null].map(formatYear)).toEqual(["431 BC", "AD 77", "820", "1813", "–"]);
});

test("a language has its English name, and what is none has no name", () => {
  expect(["fa", "zh-Hant", "qqq", "not a tag", ""].map(formatLanguage)).toEqual([
    "Persian",
    "Traditional Chinese",
    "",
    "",
    "",
  ]);
});

test("what was added today shows the time, anything older the day", () => {
  const now = new Date(2026, 10, 22, 23, 30);

  expect(formatAdded("2026-01-06 12:00:00.123456+00", now)).toBe("Jan 6, 2026");
  expect(formatAdded(new Date(2026, 10, 22, 9, 5).toISOString(), now)).toMatch(/^9:05\sAM$/);
});
