import { expect, test } from "vitest";
import { detectDelimiter, parseCsv } from "./csv";

test("a quoted cell holds commas, line breaks and doubled quotation marks", () => {
  const items = read(
    'title,author\r\n"Hamlet, Prince of\r\nDenmark","Shakespeare, ""the Bard"""\r\nEmma,Jane Austen\r\n',
  );

  expect(items).toEqual([
    '2 title=Hamlet, Prince of\r\nDenmark author=Shakespeare, "the Bard"',
    "4 title=Emma author=Jane Austen",
  ]);
});

test("the header may be in any order and letter case, after a byte order mark", () => {
  expect(read("\ufeffYear;Original_Title;TITLE\n1815;;Emma")).toEqual([
    "2 year=1815 originaltitle= title=Emma",
  ]);
});

test.each([
  ["a,b;c,d\n", ","],
  ["a;b;c\n1,5;2,5;3,5\n", ";"],
  ["a\tb, or c\td\n", "\t"],
  ['"a,b,c";d\n', ";"],
  ["title", ","],
])("in %j the delimiter is %j", (text, delimiter) => {
  expect(detectDelimiter(text)).toBe(delimiter);
});

test.each(["\n", "\r\n", "\r"])("a line may end with %j, the last one with nothing", (end) => {
  expect(read(["title", "A", "B"].join(end))).toEqual(["2 title=A", "3 title=B"]);
});

test("empty lines and rows of empty cells are no rows, but are counted", () => {
  expect(read("title,year\n\n,\n  , \nEmma,1815\n")).toEqual(["5 title=Emma year=1815"]);
});

test("a short row has empty cells, a long one is refused", () => {
  expect(read("title,year\nEmma\nLear,1606,\nHamlet, Prince of Denmark,1603\n")).toEqual([
    "2 title=Emma year=",
    "3 title=Lear year=1606",
    "4 This row has 3 cells, the header has 2: is a cell with a comma not quoted?",
  ]);
});

test("a quotation mark that is never closed costs its own line only", () => {
  expect(read('title\nA\n"B\nC\n')).toEqual(["2 title=A", "3 A quotation mark is never closed", "4 title=C"]);
  expect(read('title\n"B\nC\n"D"\n')).toEqual([
    "2 A quotation mark is never closed",
    "3 title=C",
    "4 title=D",
  ]);
});

test("quotation marks inside and behind a cell are kept", () => {
  expect(read('title\nThe 12" record\n"Emma" again\n')).toEqual([
    '2 title=The 12" record',
    "3 title=Emma again",
  ]);
});

test("an empty file and a lonely header have no rows", () => {
  expect(read("")).toEqual([]);
  expect(read("\ufeff")).toEqual([]);
  expect(read("title,author")).toEqual([]);
  expect(read('"')).toEqual(["1 A quotation mark is never closed"]);
});

test("where it has come to reaches the end and never goes back", () => {
  const text = 'title\nA\n"B\n\nC\n';
  const ends = [...parseCsv(text)].map(({ end }) => end);

  expect(ends).toEqual(ends.toSorted((a, b) => a - b));
  expect(ends.at(-1)).toBe(text.length);
});

test("any part of a text is read without a throw", () => {
  const nasty = '\ufefftitle;"a""b"\r\n"x\n";;"";"\r\r\n;"\ty\n';

  for (let start = 0; start < nasty.length; start++) {
    for (let end = start; end <= nasty.length; end++)
      expect(() => read(nasty.slice(start, end))).not.toThrow();
  }
});

/** Each item as its line and its fields, or its reason. */
function read(text: string): string[] {
  return Array.from(parseCsv(text), (item) =>
    item.kind === "fault"
      ? `${item.line} ${item.reason}`
      : `${item.line} ${[...item.fields].map(([name, value]) => `${name}=${value}`).join(" ")}`,
  );
}
