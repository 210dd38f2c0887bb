import type { NewWork } from "../library";
import { languageTag } from "./language-tag";
import { latexToText } from "./latex";
import type { SourceRecord } from "./source-record";

/** What a file's entry says of a work, or why it says nothing we can keep. */
export type ReadWork =
  | { readonly kind: "work"; readonly work: ImportedWork; readonly remarks: readonly string[] }
  | { readonly kind: "refused"; readonly reason: string };

export type ImportedWork = Pick<NewWork, "title"> & {
  readonly author: string | null;
  readonly year: number | null;
  readonly language: string | null;
};

const TEXT_LIMIT = 10_000;
const YEAR_LIMIT = 2_147_483_647; // Of the column.

/** The names a column or field may have, the best one first. */
const NAMES = {
  title: ["title", "booktitle", "worktitle", "name"],
  author: ["author", "authors", "creator", "creators", "editor", "editors", "writer"],
  year: ["year", "date", "published", "publicationyear", "yearpublished", "origdate", "issued"],
  language: ["langid", "language", "lang", "languages", "hyphenation"],
} as const;

/** Whether the first row of a CSV file can tell titles. */
export function hasTitle(names: Iterable<string>): boolean {
  const known: readonly string[] = NAMES.title;
  return [...names].some((name) => known.includes(name));
}

export function workOfBibtex(record: SourceRecord): ReadWork {
  const field = (names: readonly string[]) => latexToText(firstField(record, names));
  const subtitle = field(["subtitle"]);
  const title = field(NAMES.title);
  return readWork(record, {
    title: title !== "" && subtitle !== "" ? `${title}: ${subtitle}` : title,
    author: bibtexNames(firstField(record, NAMES.author)),
    year: field(NAMES.year),
    language: field(NAMES.language),
  });
}

export function workOfCsv(record: SourceRecord): ReadWork {
  const field = (names: readonly string[]) => firstField(record, names).replace(/\s+/g, " ").trim();
  return readWork(record, {
    title: field(NAMES.title),
    author: field(NAMES.author),
    year: field(NAMES.year),
    language: field(NAMES.language),
  });
}

function firstField({ fields }: SourceRecord, names: readonly string[]): string {
  for (const name of names) {
    const value = fields.get(name);
    if (value !== undefined && value.trim() !== "") return value;
  }
  return "";
}

function readWork(record: SourceRecord, raw: Record<keyof typeof NAMES, string>): ReadWork {
  const remarks = [...record.remarks];
  const title = storable(raw.title);
  const author = storable(raw.author);
  if (title === "") return refused("There is no title");
  if (title.length > TEXT_LIMIT || author.length > TEXT_LIMIT) {
    return refused(`The title or the author is longer than ${TEXT_LIMIT} characters`);
  }
  const year = readYear(raw.year);
  if (year === 0) return refused("There is no year 0: 1 BC is followed by AD 1");
  if (year !== null && Math.abs(year) > YEAR_LIMIT) return refused(`The year ${raw.year} is out of range`);
  if (year === null && raw.year !== "") remarks.push(`no year was found in “${raw.year}”`);
  const language = raw.language === "" ? null : (languageTag(raw.language) ?? null);
  if (language === null && raw.language !== "") remarks.push(`the language “${raw.language}” is not known`);
  return { kind: "work", work: { title, author: author === "" ? null : author, year, language }, remarks };
}

function refused(reason: string): ReadWork {
  return { kind: "refused", reason };
}

/** Without what no text column of Postgres takes. */
function storable(text: string): string {
  return text.replaceAll("\u0000", "").toWellFormed().trim();
}

/** `1815`, `c. 1815`, `1815-12-23`, `23.12.1815`, `[1815]`, `-431`, `431 BC`; null without a number. */
export function readYear(text: string): number | null {
  const normal = text.normalize("NFKC").replace(/[−–]/g, "-").trim();
  const whole = /^([+-]?\d+)(-\d\d?){0,2}(T.*)?$/.exec(normal)?.[1];
  const found = whole ?? /(?<!\d)\d{4}(?!\d)/.exec(normal)?.[0] ?? /\d+/.exec(normal)?.[0];
  if (found === undefined) return null;
  const year = Number(found);
  const isBefore = /\b(bc|bce|b\.\s?c\.(\s?e\.)?)(?!\w)/i.test(normal);
  return isBefore && year > 0 ? -year : year;
}

/** `Last, First and Von Last, Jr, First and others` as `First Last, First Von Last Jr et al.` */
export function bibtexNames(raw: string): string {
  const names = splitOutsideBraces(raw, /^\s+and\s+/i).map((name) => name.trim());
  const others = names.at(-1)?.toLowerCase() === "others";
  const people = (others ? names.slice(0, -1) : names).map(personName).filter((name) => name !== "");
  return people.join(", ") + (others && people.length > 0 ? " et al." : "");
}

function personName(raw: string): string {
  const parts = splitOutsideBraces(raw, /^,/).map(latexToText);
  const [last = "", middle, first] = parts;
  if (parts.length >= 3) return [first, last, middle].filter(Boolean).join(" ");
  return [middle, last].filter(Boolean).join(" ");
}

function splitOutsideBraces(text: string, separator: RegExp): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === "{") depth++;
    else if (character === "}") depth--;
    else if (depth <= 0) {
      const match = separator.exec(text.slice(at, at + 40))?.[0];
      if (match !== undefined) {
        parts.push(text.slice(start, at));
        start = at + match.length;
        at = start - 1;
      }
    }
  }
  parts.push(text.slice(start));
  return parts;
}
