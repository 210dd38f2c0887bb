import { expect, test } from "vitest";
import {
  arrayOf,
  bool,
  float8,
  int2,
  int4,
  int8,
  jsonb,
  numeric,
  text,
  timestamp,
  timestamptz,
  uuid,
} from "./column.js";

test.each([
  ["2026-01-06 12:00:00.123456+00", "2026-01-06T12:00:00.123456Z"],
  ["2026-01-06 12:00:00.100000+00", "2026-01-06T12:00:00.1Z"],
  ["2026-01-06 14:30:00+02:30", "2026-01-06T12:00:00Z"],
  ["2026-01-05 23:00:00-13", "2026-01-06T12:00:00Z"],
  ["0044-03-15 12:00:00+00", "0044-03-15T12:00:00Z"],
  ["12026-01-06 12:00:00+00", "12026-01-06T12:00:00Z"],
])("a timestamp %s is %s, whoever wrote it", (told, value) => {
  expect(timestamptz().type.read(told)).toBe(value);
  expect(timestamptz().type.normalize(value)).toBe(value);
});

test("what is no time we know is kept as it is told", () => {
  expect(timestamptz().type.read("infinity")).toBe("infinity");
  expect(timestamptz().type.read("0044-03-15 12:00:00+00 BC")).toBe("0044-03-15 12:00:00+00 BC");
});

test("a Date is taken", () => {
  expect(timestamptz().type.normalize(new Date(Date.UTC(2026, 0, 6)))).toBe("2026-01-06T00:00:00Z");
});

test.each([
  [int2(), 32768],
  [int4(), 2 ** 31],
  [int4(), 1.5],
  [int4(), "1"],
  [int8(), 2 ** 60],
  [uuid(), "no uuid"],
  [text(), "\u0000"],
  [text(), 7],
  [bool(), 1],
  [numeric(), "1,5"],
  [timestamptz(), "2026-01-06T12:00:00"],
  [timestamp(), "2026-01-06T12:00:00Z"],
  [timestamptz(), "2026-13-06T12:00:00Z"],
  [arrayOf(int4()), 1],
  [arrayOf(int4()), ["1"]],
])("%o refuses %o", (column, given) => {
  expect(() => column.type.normalize(given)).toThrow(TypeError);
});

test.each([
  [int8(), "9007199254740993", 9007199254740993n, "9007199254740993"],
  [int8(), "7", 7n, 7],
  [float8(), "-Infinity", -Infinity, "-Infinity"],
  [float8(), "NaN", NaN, "NaN"],
  [numeric(), "1.50", "1.50", "1.50"],
  [bool(), "t", true, true],
  [bool(), "false", false, false],
  [jsonb(), '{"a":[1,null]}', { a: [1, null] }, { a: [1, null] }],
  [
    arrayOf(int4()),
    [
      ["1", null],
      ["3", "4"],
    ],
    [
      [1, null],
      [3, 4],
    ],
    [
      [1, null],
      [3, 4],
    ],
  ],
])("%o is read and written", (column, told, value, written) => {
  expect(column.type.read(told as never)).toEqual(value);
  expect(column.type.write(value as never)).toEqual(written);
  expect(column.type.readJson(written as never)).toEqual(value);
});

test("a uuid is told in small letters", () => {
  expect(uuid().type.normalize("ADA00000-0000-4000-8000-000000000001")).toBe(
    "ada00000-0000-4000-8000-000000000001",
  );
});
