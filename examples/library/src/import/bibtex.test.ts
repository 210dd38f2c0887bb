import { expect, test } from "vitest";
import { parseBibtex } from "./bibtex";
import type { SourceRecord } from "./source-record";

test("values stand in braces, in quotation marks, bare, and are joined", () => {
  const [emma] = records(`
    @string{ publisher = "John " # {Murray} }
    @Book{austen1815,
      title = {Emma {A Novel {in Three} Volumes}},
      AUTHOR = "Jane {"}Aunt{"} Austen",
      year = 1815,
      month = dec,
      publisher = publisher # ", London",
    }`);

  expect(Object.fromEntries(emma?.fields ?? [])).toEqual({
    entrytype: "book",
    citekey: "austen1815",
    title: "Emma {A Novel {in Three} Volumes}",
    author: 'Jane {"}Aunt{"} Austen',
    year: "1815",
    month: "december",
    publisher: "John Murray, London",
  });
  expect(emma?.line).toBe(3);
});

test("comments, preambles, prose and addresses of mail are no entries", () => {
  const text = `
    Written by someone@example.org, @ home.
    @comment{ @book{ no, title = {No} } }
    @preamble{ "\\newcommand{\\x}{y}" }
    % @misc, not an entry
    @book{yes, title = {Yes}} trailing words
    @COMMENT also prose`;

  expect(titles(text)).toEqual(["Yes"]);
});

test("an entry may stand in parentheses, without a key, and on one line with others", () => {
  expect(titles('@book(a, title = {A (first)})@book{title = "B"}@book{,title={C}}')).toEqual([
    "A (first)",
    "B",
    "C",
  ]);
});

test("escaped braces and quotation marks inside braces end nothing", () => {
  expect(titles('@book{a, title = {a \\} b \\{ c}}@book{b, title = "G{\\"o}del"}')).toEqual([
    "a \\} b \\{ c",
    'G{\\"o}del',
  ]);
});

test("a missing comma before a field is forgiven, a word nobody defined is taken and told", () => {
  const [entry] = records("@misc{x, title = {T} year = 1900, journal = acm}");

  expect(entry?.fields.get("year")).toBe("1900");
  expect(entry?.fields.get("journal")).toBe("acm");
  expect(entry?.remarks).toEqual(["journal: no @string defines acm; the word itself was taken"]);
});

test("a field that is there twice keeps its first value", () => {
  const [entry] = records("@misc{x, title={A}, title={B}}");

  expect(entry?.fields.get("title")).toBe("A");
  expect(entry?.remarks).toEqual(["the field title is there twice; the first was taken"]);
});

test("a brace that is never closed costs its own entry only", () => {
  const text = "@book{a, title = {A}}\n@book{b,\n title = {B\n}\n@book{c, title = {C}}\n";

  const items = [...parseBibtex(text)];

  expect(items.map((item) => `${item.line} ${item.kind}`)).toEqual(["1 record", "2 fault", "5 record"]);
  expect(items[1]).toMatchObject({
    reason: "A closing brace is missing before line 5, where the next entry begins",
  });
});

test("a brace too many does not swallow the entries behind it", () => {
  const text = "@book{b,\n title = {{{B},\n}\n@book{c, title = {C}}\n@book{d, title = {D}}";

  const items = [...parseBibtex(text)];

  expect(items.map((item) => `${item.line} ${item.kind}`)).toEqual(["1 fault", "4 record", "5 record"]);
  expect(items[0]).toMatchObject({ reason: "The brace of line 2 is never closed" });
});

test("the end of the file inside an entry is told with the entry's line", () => {
  expect([...parseBibtex("\n\n@book{a, title = {A},")]).toMatchObject([
    { kind: "fault", line: 3, reason: "The file ends inside this entry: a closing brace is missing" },
  ]);
});

test.each([
  ["@book{a, title {A}}", "“=” is missing after the field title (line 1)"],
  ["@book{a, title = }", "The field title has no value (line 1)"],
  ["@book{a, = {A}}", "The name of a field was expected, but “=” was found (line 1)"],
  ['@book{a, title = "A}', "The quotation mark of the field title is never closed"],
  ["@book{a, title = {A} ; year = 3}", "A comma is missing after the field title (line 1)"],
  ["@string{x {A}}", "“=” is missing after the macro x (line 1)"],
])("%j is refused: %s", (text, reason) => {
  expect([...parseBibtex(text)]).toMatchObject([{ kind: "fault", reason }]);
});

test("lines are counted whatever ends them", () => {
  const lines = (end: string) => records(["", "@a{x}", "@b{y}"].join(end)).map(({ line }) => line);

  expect([lines("\n"), lines("\r\n"), lines("\r")]).toEqual([
    [2, 3],
    [2, 3],
    [2, 3],
  ]);
});

test("any part of a text is read to its end, without a throw", () => {
  const nasty = '@string{a={x}}@book{k, t = "q{"}" # a # {y\\}}, n=1 % c\n}@(@{}@comment@x{"';

  for (let start = 0; start < nasty.length; start++) {
    for (let end = start; end <= nasty.length; end++) {
      expect(() => [...parseBibtex(nasty.slice(start, end))]).not.toThrow();
    }
  }
});

function records(text: string): SourceRecord[] {
  return [...parseBibtex(text)].filter((item) => item.kind === "record");
}

function titles(text: string): (string | undefined)[] {
  return records(text).map(({ fields }) => fields.get("title"));
}
