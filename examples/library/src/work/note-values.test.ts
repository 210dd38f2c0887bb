import { expect, test } from "vitest";
import { changedNote, noteValues } from "./note-values";

test("a note has a quote, a note, or both", () => {
  expect(noteValues(" p. 3 ", "", " ")).toBeUndefined();
  expect(noteValues("", " Call me Ishmael. ", "")).toEqual({
    locator: null,
    quote: "Call me Ishmael.",
    note: null,
  });
});

test("only the columns that differ are written", () => {
  const before = { locator: "p. 3", quote: "A", note: null };

  expect(changedNote(before, before)).toEqual({});
  expect(changedNote(before, { locator: null, quote: "A", note: "B" })).toEqual({ locator: null, note: "B" });
});
