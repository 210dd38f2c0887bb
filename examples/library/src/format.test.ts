import { expect, test } from "vitest";
import { formatAdded, formatBytes, formatCount, formatLanguage, formatYear } from "./format";

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

  expect(formatAdded(null, now)).toBe("Just now");
  expect(formatAdded("2026-01-06T12:00:00.123456Z", now)).toBe("Jan 6, 2026");
  expect(formatAdded(new Date(2026, 10, 22, 9, 5).toISOString(), now)).toMatch(/^9:05\sAM$/);
});

test("numbers are counted and sizes rounded as a person would", () => {
  expect([formatCount(1, "work"), formatCount(12_000, "work"), formatCount(2, "entry", "entries")]).toEqual([
    "1 work",
    "12,000 works",
    "2 entries",
  ]);
  expect([0, 1, 999, 1000, 12_345, 999_600, 5_000_000_000].map(formatBytes)).toEqual([
    "0 bytes",
    "1 byte",
    "999 bytes",
    "1.0 kB",
    "12 kB",
    "1.0 MB",
    "5.0 GB",
  ]);
});
