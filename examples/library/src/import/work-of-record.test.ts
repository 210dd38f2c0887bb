import { describe, expect, test } from "vitest";
import { parseBibtex } from "./bibtex";
import { parseCsv } from "./csv";
import { bibtexNames, type ReadWork, readYear, workOfBibtex, workOfCsv } from "./work-of-record";

test.each([
  ["1815", 1815],
  ["c. 1815", 1815],
  ["[1815]", 1815],
  ["1815-12-23", 1815],
  ["1815-12", 1815],
  ["1815/1816", 1815],
  ["23.12.1815", 1815],
  ["December 23, 1815", 1815],
  ["-431", -431],
  ["−431", -431],
  ["431 BC", -431],
  ["431 B.C.", -431],
  ["AD 77", 77],
  ["０", 0],
  ["0", 0],
  ["forthcoming", null],
  ["", null],
])("the year of %j is %j", (text, year) => {
  expect(readYear(text)).toBe(year);
});

test.each([
  ["Austen, Jane", "Jane Austen"],
  ["Jane Austen", "Jane Austen"],
  ["Lovelace, Ada and Babbage, Charles", "Ada Lovelace, Charles Babbage"],
  ["Beethoven, Ludwig van", "Ludwig van Beethoven"],
  ["King, Jr, Martin Luther", "Martin Luther King Jr"],
  ["{Barnes and Noble}", "Barnes and Noble"],
  ['G{\\"o}del, Kurt AND\n Turing, Alan and others', "Kurt Gödel, Alan Turing et al."],
  ["{\\'E}mile Zola", "Émile Zola"],
  ["others", ""],
  [" and ", ""],
  ["", ""],
])("the names %j read %j", (raw, names) => {
  expect(bibtexNames(raw)).toBe(names);
});

describe("an entry of a bibliography", () => {
  test("becomes a work", () => {
    const entry = `@book{x, title = {Stra{\\ss}en \\& Wege}, subtitle = "1900--1910", author = {M{\\"u}ller, {\\'E}va},
      date = {1911-05}, langid = {ngerman}}`;

    expect(ofBibtex(entry)).toEqual({
      kind: "work",
      work: { title: "Straßen & Wege: 1900–1910", author: "Éva Müller", year: 1911, language: "de" },
      remarks: [],
    });
  });

  test("without a title is refused, and so is the year 0", () => {
    expect(ofBibtex("@misc{x, author = {A}}")).toEqual({ kind: "refused", reason: "There is no title" });
    expect(ofBibtex("@misc{x, title = {A}, year = 0}")).toMatchObject({ kind: "refused" });
    expect(ofBibtex("@misc{x, title = {A}, year = 99999999999}")).toMatchObject({ kind: "refused" });
  });

  test("keeps the work where year or language cannot be told, and says so", () => {
    expect(ofBibtex("@misc{x, title = {A}, year = {in press}, language = {Klingonish}}")).toEqual({
      kind: "work",
      work: { title: "A", author: null, year: null, language: null },
      remarks: ["no year was found in “in press”", "the language “Klingonish” is not known"],
    });
  });
});

test("a row of a table becomes a work, whatever its columns are called", () => {
  const [record] = parseCsv('Publication Year,LANG,Name,Creator\n1815,EN-gb," Emma\n a novel",Jane Austen');

  expect(record?.kind === "record" && workOfCsv(record)).toEqual({
    kind: "work",
    work: { title: "Emma a novel", author: "Jane Austen", year: 1815, language: "en-GB" },
    remarks: [],
  });
});

test("what no text column takes is left out", () => {
  const [record] = parseCsv("title\nEm\u0000ma \ud800");

  expect(record?.kind === "record" && workOfCsv(record)).toMatchObject({ work: { title: "Emma \ufffd" } });
});

function ofBibtex(text: string): ReadWork | undefined {
  const [record] = parseBibtex(text);
  return record?.kind === "record" ? workOfBibtex(record) : undefined;
}
