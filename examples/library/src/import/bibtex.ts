import type { SourceItem } from "./source-record";

/** A value longer than this has lost its closing brace or quotation mark. */
const VALUE_LIMIT = 100_000;

const MONTHS = "january february march april may june july august september october november december".split(
  " ",
);

/**
 * Reads BibTeX and BibLaTeX as people's files have it: entries in braces or parentheses, values in braces, quotation
 * marks or bare, joined by `#`, macros by `@string`. What stands between entries is a comment. An entry that cannot be
 * read is a fault, and reading goes on at the next line that begins an entry. Values keep their LaTeX; the entry's own
 * type and key are the fields `entrytype` and `citekey`.
 */
export function* parseBibtex(text: string): Generator<SourceItem> {
  yield* new BibtexParser(text).items();
}

/** Why an entry cannot be read, in words for its author. */
class Unreadable extends Error {}

class BibtexParser {
  readonly #text: string;
  readonly #macros = new Map(MONTHS.map((month) => [month.slice(0, 3), month]));
  #at = 0;
  #line = 1;
  /** Up to where line breaks have been counted. */
  #counted = 0;

  constructor(text: string) {
    this.#text = text;
  }

  *items(): Generator<SourceItem> {
    while (this.#findEntry()) {
      const start = this.#at;
      const line = this.#lineAt(start);
      try {
        const item = this.#readEntry(line);
        if (item !== undefined) yield item;
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        this.#at = this.#nextEntryLine(start + 1);
        yield { kind: "fault", line, reason: error.message, end: this.#at };
      }
    }
  }

  #findEntry(): boolean {
    const at = this.#text.indexOf("@", this.#at);
    this.#at = at < 0 ? this.#text.length : at;
    return at >= 0;
  }

  /** Where a line starts with `@word{`, or the end. */
  #nextEntryLine(from: number): number {
    const start = /^[ \t]*@[ \t]*[a-zA-Z]+[ \t]*[{(]/gm;
    start.lastIndex = from;
    return start.exec(this.#text)?.index ?? this.#text.length;
  }

  #readEntry(line: number): SourceItem | undefined {
    this.#at++;
    this.#skipSpace();
    const type = this.#take(/[a-zA-Z]+/y)?.toLowerCase();
    this.#skipSpace();
    const open = this.#text[this.#at];
    if (type === undefined || (open !== "{" && open !== "(")) return undefined; // An address of mail, say: a comment.
    const close = open === "{" ? "}" : ")";
    switch (type) {
      case "comment":
        this.#skipBalanced();
        return undefined;
      case "preamble":
        this.#skipBalanced();
        return undefined;
      case "string":
        this.#at++;
        this.#readMacro(close);
        return undefined;
      default:
        this.#at++;
        return this.#readFields(type, close, line);
    }
  }

  #readMacro(close: string): void {
    const remarks: string[] = [];
    const name = this.#readName();
    this.#expect("=", `after the macro ${name}`);
    this.#macros.set(name, this.#readValue(remarks, name));
    this.#skipSpace();
    this.#expect(close, `after the macro ${name}`);
  }

  #readFields(type: string, close: string, line: number): SourceItem {
    const remarks: string[] = [];
    const fields = new Map([["entrytype", type]]);
    this.#skipSpace();
    fields.set("citekey", (this.#take(/[^\s,={}()"#%]*(?=\s*[,})])/y) ?? "").trim());
    for (;;) {
      this.#skipSpaceAndCommas();
      if (this.#at >= this.#text.length)
        throw new Unreadable("The file ends inside this entry: a closing brace is missing");
      if (this.#text[this.#at] === close) break;
      this.#refuseNextEntry();
      const name = this.#readName();
      this.#expect("=", `after the field ${name}`);
      const value = this.#readValue(remarks, name);
      if (fields.has(name)) remarks.push(`the field ${name} is there twice; the first was taken`);
      else fields.set(name, value);
      this.#skipSpace();
      this.#refuseNextEntry();
      const next = this.#text[this.#at];
      if (next !== "," && next !== close && next !== undefined && !/[a-zA-Z]/.test(next)) {
        throw new Unreadable(`A comma is missing after the field ${name} (line ${this.#lineAt(this.#at)})`);
      }
    }
    this.#at++;
    return { kind: "record", line, fields, remarks, end: this.#at };
  }

  #refuseNextEntry(): void {
    if (this.#text[this.#at] === "@") {
      throw new Unreadable(
        `A closing brace is missing before line ${this.#lineAt(this.#at)}, where the next entry begins`,
      );
    }
  }

  #readName(): string {
    this.#skipSpace();
    const name = this.#take(/[^\s,={}()"#%@]+/y);
    if (name === undefined) {
      const found = this.#text[this.#at];
      const what = found === undefined ? "the end of the file" : `“${found}”`;
      throw new Unreadable(
        `The name of a field was expected, but ${what} was found (line ${this.#lineAt(this.#at)})`,
      );
    }
    return name.toLowerCase();
  }

  #readValue(remarks: string[], field: string): string {
    let value = "";
    for (;;) {
      this.#skipSpace();
      value += this.#readPart(remarks, field);
      this.#skipSpace();
      if (this.#text[this.#at] !== "#") return value;
      this.#at++;
    }
  }

  #readPart(remarks: string[], field: string): string {
    const first = this.#text[this.#at];
    if (first === "{") {
      const start = this.#at + 1;
      this.#skipBalanced();
      return this.#text.slice(start, this.#at - 1);
    }
    if (first === '"') return this.#readQuoted(field);
    const word = this.#take(/[^\s,={}()"#]+/y);
    if (word === undefined)
      throw new Unreadable(`The field ${field} has no value (line ${this.#lineAt(this.#at)})`);
    if (/^\d+$/.test(word)) return word;
    const macro = this.#macros.get(word.toLowerCase());
    if (macro === undefined) remarks.push(`${field}: no @string defines ${word}; the word itself was taken`);
    return macro ?? word;
  }

  /** Between quotation marks; one inside braces, as in `{\"o}`, ends nothing. */
  #readQuoted(field: string): string {
    const start = ++this.#at;
    let depth = 0;
    for (; this.#at < this.#text.length && this.#at - start < VALUE_LIMIT; this.#at++) {
      const character = this.#text[this.#at];
      if (character === "\\") this.#at++;
      else if (character === "{") depth++;
      else if (character === "}") depth--;
      else if (character === '"' && depth <= 0) return this.#text.slice(start, this.#at++);
    }
    throw new Unreadable(`The quotation mark of the field ${field} is never closed`);
  }

  /** Goes behind the brace or parenthesis that closes the one here. */
  #skipBalanced(): void {
    const start = this.#at;
    const round = this.#text[start] === "(";
    let depth = 0;
    for (; this.#at < this.#text.length && this.#at - start < VALUE_LIMIT; this.#at++) {
      const character = this.#text[this.#at];
      if (character === "\\") this.#at++;
      else if (character === "{") depth++;
      else if (character === "}") depth--;
      if (depth === 0 && (!round || character === ")")) {
        this.#at++;
        return;
      }
    }
    throw new Unreadable(`The brace of line ${this.#lineAt(start)} is never closed`);
  }

  #expect(character: string, where: string): void {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) {
      throw new Unreadable(`“${character}” is missing ${where} (line ${this.#lineAt(this.#at)})`);
    }
    this.#at++;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined || found === "") return undefined;
    this.#at += found.length;
    return found;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
    // Inside entries some programs write comments as TeX does.
    if (this.#text[this.#at] !== "%") return;
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#text.length : end;
    this.#skipSpace();
  }

  #skipSpaceAndCommas(): void {
    this.#skipSpace();
    while (this.#text[this.#at] === ",") {
      this.#at++;
      this.#skipSpace();
    }
  }

  /** The line of a position, counting on from the last one asked for where that is before it. */
  #lineAt(position: number): number {
    if (position < this.#counted) {
      this.#line = 1;
      this.#counted = 0;
    }
    for (; this.#counted < position; this.#counted++) {
      const code = this.#text.charCodeAt(this.#counted);
      if (code === 10 || (code === 13 && this.#text.charCodeAt(this.#counted + 1) !== 10)) this.#line++;
    }
    return this.#line;
  }
}
