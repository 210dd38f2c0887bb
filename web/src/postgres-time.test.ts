import { expect, test } from "vitest";
import { postgresDate, postgresTime, timestampText } from "./postgres-time.js";

test.each([
  "2026-02-31T12:00:00Z",
  "2026-02-28T25:00:00Z",
  "2026-02-28T12:61:00Z",
  "2026-13-01T12:00:00Z",
  "2025-02-29T12:00:00Z",
  "0000-01-01T12:00:00Z",
  "2026-01-01T12:00:00",
])("%s is no time, rather than another", (given) => {
  expect(timestampText(given, true)).toBeUndefined();
});

test.each([
  ["2026-01-01 00:30:00+01", "2025-12-31T23:30:00Z"],
  ["2024-02-29T23:59:60Z", undefined],
  ["0001-01-01T00:00:00-01", "0001-01-01T01:00:00Z"],
  ["0001-01-01T00:00:00+01", undefined],
  ["0099-12-31T23:00:00-02", "0100-01-01T01:00:00Z"],
  ["12026-01-01 00:00:00.250000+00", "12026-01-01T00:00:00.25Z"],
])("%s is stored as %s", (given, stored) => {
  expect(timestampText(given, true)).toBe(stored);
});

test.each(["infinity", "-infinity", "0044-03-15 12:00:00+00 BC"])(
  "%s can be written back as it came",
  (given) => {
    expect(timestampText(given, true)).toBe(given);
  },
);

test("dates and times of day that there are not are refused; equal ones have equal texts", () => {
  expect(postgresDate("2026-02-30")).toBeUndefined();
  expect(postgresDate("2024-02-29")).toBe("2024-02-29");
  expect(postgresDate("infinity")).toBe("infinity");
  expect(postgresTime("25:00")).toBeUndefined();
  expect(postgresTime("12:00")).toBe("12:00:00");
  expect(postgresTime("12:00:00.500")).toBe("12:00:00.5");
});
