import { parseBibtex } from "./bibtex";
import { parseCsv } from "./csv";
import type { SourceItem, SourceRecord } from "./source-record";
import { hasTitle, type ReadWork, workOfBibtex, workOfCsv } from "./work-of-record";

/** How works are read from a kind of file. */
export interface SourceFormat {
  readonly name: string;
  readonly parse: (text: string) => Iterable<SourceItem>;
  readonly workOf: (record: SourceRecord) => ReadWork;
  /** Why a file with such an entry can hold no works at all; undefined if it can. */
  readonly objection: (first: SourceRecord) => string | undefined;
}

const BIBTEX: SourceFormat = {
  name: "BibTeX",
  parse: parseBibtex,
  workOf: workOfBibtex,
  objection: () => undefined,
};

const CSV: SourceFormat = {
  name: "CSV",
  parse: parseCsv,
  workOf: workOfCsv,
  objection: ({ fields }) =>
    hasTitle(fields.keys())
      ? undefined
      : "The first row names no column “title”. It has to name the columns: title, author, year, language.",
};

/** By the name of the file, else by its content. */
export function formatOf(fileName: string, text: string): SourceFormat {
  if (/\.bib(tex)?$/i.test(fileName)) return BIBTEX;
  if (/\.(csv|tsv|tab)$/i.test(fileName)) return CSV;
  return /^\s*@\s*[a-z]+\s*[{(]/im.test(text.slice(0, 100_000)) ? BIBTEX : CSV;
}
