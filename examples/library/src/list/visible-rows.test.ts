import { expect, test } from "vitest";
import { rowAfterKey, scrollToShow, visibleRows } from "./visible-rows";

test("only what is seen is rendered, with some rows to spare", () => {
  expect(visibleRows(0, 400, 40, 10_000)).toEqual({ first: 0, end: 18 });
  expect(visibleRows(40_010, 400, 40, 10_000)).toEqual({ first: 992, end: 1019 });
  expect(visibleRows(399_600, 400, 40, 10_000)).toEqual({ first: 9982, end: 10_000 });
});

test("a list that has become shorter than where it is scrolled to renders nothing wrong", () => {
  expect(visibleRows(4000, 400, 40, 3)).toEqual({ first: 3, end: 3 });
  expect(visibleRows(0, 0, 40, 0)).toEqual({ first: 0, end: 0 });
});

test("a row is scrolled to by as little as shows it whole", () => {
  expect(scrollToShow(5, 0, 400, 40)).toBe(0);
  expect(scrollToShow(10, 0, 400, 40)).toBe(40);
  expect(scrollToShow(2, 200, 400, 40)).toBe(80);
});

test.each([
  ["ArrowDown", -1, 0],
  ["ArrowDown", 9, 9],
  ["ArrowUp", 0, 0],
  ["ArrowUp", -1, 9],
  ["PageDown", 2, 6],
  ["PageDown", 8, 9],
  ["PageUp", 2, 0],
  ["Home", 5, 0],
  ["End", 5, 9],
  ["a", 5, undefined],
])("%s from row %i of ten leads to %s", (key, from, to) => {
  expect(rowAfterKey(key, from, 10, 4)).toBe(to);
});

test("in an empty list no key leads anywhere", () => {
  expect(rowAfterKey("End", -1, 0, 4)).toBeUndefined();
});
