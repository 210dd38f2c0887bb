/**
 * Turns the LaTeX that bibliographies hold into plain Unicode: accents, letters, dashes and quotation marks. Commands
 * that only change how their argument looks leave it; a command nobody knows stays as it is written.
 */
export function latexToText(latex: string): string {
  if (!/[\\{}~$`'-]/.test(latex)) return latex.replace(/\s+/g, " ").trim();
  const reader = new LatexReader(latex);
  return reader.readAll().normalize("NFC").replace(/\s+/g, " ").trim();
}

/** Combining marks by the command that puts them on a letter. */
const ACCENTS: ReadonlyMap<string, string> = new Map([
  ["`", "\u0300"],
  ["'", "\u0301"],
  ["^", "\u0302"],
  ["~", "\u0303"],
  ["=", "\u0304"],
  ["u", "\u0306"],
  [".", "\u0307"],
  ['"', "\u0308"],
  ["r", "\u030a"],
  ["H", "\u030b"],
  ["v", "\u030c"],
  ["d", "\u0323"],
  ["c", "\u0327"],
  ["k", "\u0328"],
  ["b", "\u0331"],
]);

const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ["ss", "ß"],
  ["ae", "æ"],
  ["AE", "Æ"],
  ["oe", "œ"],
  ["OE", "Œ"],
  ["o", "ø"],
  ["O", "Ø"],
  ["aa", "å"],
  ["AA", "Å"],
  ["l", "ł"],
  ["L", "Ł"],
  ["i", "ı"],
  ["j", "ȷ"],
  ["dh", "ð"],
  ["DH", "Ð"],
  ["th", "þ"],
  ["TH", "Þ"],
  ["dj", "đ"],
  ["DJ", "Đ"],
  ["ng", "ŋ"],
  ["NG", "Ŋ"],
  ["textendash", "–"],
  ["textemdash", "—"],
  ["textquoteleft", "‘"],
  ["textquoteright", "’"],
  ["textquotedblleft", "“"],
  ["textquotedblright", "”"],
  ["guillemotleft", "«"],
  ["guillemotright", "»"],
  ["textbackslash", "\\"],
  ["textasciitilde", "~"],
  ["textellipsis", "…"],
  ["dots", "…"],
  ["ldots", "…"],
  ["S", "§"],
  ["P", "¶"],
  ["copyright", "©"],
  ["pounds", "£"],
  ["slash", "/"],
  ["LaTeX", "LaTeX"],
  ["TeX", "TeX"],
]);

/** Commands that say how their argument looks, or how it is sorted. */
const INVISIBLE: ReadonlySet<string> = new Set([
  ..."emph textit textbf textsc textsf texttt textrm textup textsl textmd textnormal uppercase lowercase".split(
    " ",
  ),
  ..."mathrm mathit mathbf mathsf mathcal mathbb text mbox hbox url path enquote noopsort bibinfo ensuremath".split(
    " ",
  ),
  ..."em it bf sc sf tt rm sl itshape bfseries scshape normalfont protect relax newblock".split(" "),
]);

class LatexReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  readAll(): string {
    let text = "";
    while (this.#at < this.#source.length) text += this.#readPiece();
    return text;
  }

  #readPiece(): string {
    const character = this.#source.charAt(this.#at);
    switch (character) {
      case "\\":
        return this.#readCommand();
      case "{":
      case "}":
      case "$":
        this.#at++;
        return "";
      case "~":
        this.#at++;
        return " ";
      case "-":
        return this.#readRun("-", ["-", "–", "—"]);
      case "`":
        return this.#readRun("`", ["‘", "“"]);
      case "'":
        return this.#readRun("'", ["’", "”"]);
      default:
        this.#at += String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0).length;
        return this.#source.slice(
          this.#at - (character >= "\ud800" && character <= "\udbff" ? 2 : 1),
          this.#at,
        );
    }
  }

  /** A run of the same character, as long as there is a sign for its length. */
  #readRun(character: string, signs: readonly string[]): string {
    let length = 1;
    while (length < signs.length && this.#source[this.#at + length] === character) length++;
    this.#at += length;
    return signs[length - 1] ?? character;
  }

  #readCommand(): string {
    const name = this.#commandName();
    const mark = ACCENTS.get(name);
    if (mark !== undefined && this.#startsArgument(name)) {
      this.#at += 1 + name.length;
      return accented(this.#readArgument(), mark);
    }
    const symbol = SYMBOLS.get(name);
    if (symbol !== undefined || INVISIBLE.has(name)) {
      this.#at += 1 + name.length;
      this.#skipSpaceAfterWord();
      return symbol ?? "";
    }
    if (/^[a-zA-Z]/.test(name)) {
      this.#at += 1 + name.length;
      return `\\${name}`;
    }
    this.#at += 1 + name.length;
    if (name === "-" || name === "/" || name === ",") return name === "," ? " " : "";
    return name === "\\" || name === "" ? " " : name;
  }

  /** Letters, or one other character. */
  #commandName(): string {
    const letters = /^[a-zA-Z]+/.exec(this.#source.slice(this.#at + 1, this.#at + 33));
    return letters?.[0] ?? this.#source.slice(this.#at + 1, this.#at + 2);
  }

  /** Whether an accent has something to stand on: `\c{c}` and `\c c` do, `\'` at the end does not. */
  #startsArgument(name: string): boolean {
    const next = this.#source.slice(this.#at + 1 + name.length).trimStart();
    return next !== "" && !next.startsWith("}");
  }

  /** The letter an accent stands on: in braces, a command, or the next character. */
  #readArgument(): string {
    while (this.#source[this.#at] === " ") this.#at++;
    if (this.#source[this.#at] !== "{") return this.#readPiece();
    this.#at++;
    let text = "";
    let depth = 1;
    while (this.#at < this.#source.length) {
      const character = this.#source[this.#at];
      if (character === "{") depth++;
      if (character === "}") depth--;
      if (depth === 0) {
        this.#at++;
        break;
      }
      text += this.#readPiece();
    }
    return text;
  }

  /** The spaces after a command of letters only end it. */
  #skipSpaceAfterWord(): void {
    while (/\s/.test(this.#source.charAt(this.#at))) this.#at++;
  }
}

/** Puts the mark on the first letter; a dotless i or j under a mark is the plain letter. */
function accented(letters: string, mark: string): string {
  const [first = " ", ...rest] = letters;
  const base = first === "ı" ? "i" : first === "ȷ" ? "j" : first;
  return base + mark + rest.join("");
}
