import type { SourceItem } from "./source-record";

/** A cell longer than this has lost its closing quotation mark. */
const CELL_LIMIT = 100_000;

const DELIMITERS = [",", ";", "\t"] as const;

interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
  readonly end: number;
  readonly fault?: string;
}

/**
 * Reads CSV as RFC 4180 has it, and what programs make of it: a byte order mark, any line end, `;` or tab between the
 * cells. The first row names the columns, in any order and letter case; spaces, `_` and `-` in a name do not count. A
 * row that cannot be read is a fault, and reading goes on with the next line.
 */
export function* parseCsv(text: string): Generator<SourceItem> {
  const start = text.startsWith("\ufeff") ? 1 : 0;
  const rows = csvRows(text, start, detectDelimiter(text, start));
  let header: readonly string[] | undefined;
  for (const row of rows) {
    const { line, cells, end } = row;
    if (row.fault !== undefined) {
      yield { kind: "fault", line, reason: row.fault, end };
    } else if (header === undefined) {
      header = cells.map(columnName);
    } else if (cells.some((cell) => cell.trim() !== "")) {
      yield recordOf(header, row);
    }
  }
}

function recordOf(header: readonly string[], { line, cells, end }: CsvRow): SourceItem {
  if (cells.slice(header.length).some((cell) => cell.trim() !== "")) {
    const reason = `This row has ${cells.length} cells, the header has ${header.length}: is a cell with a comma not quoted?`;
    return { kind: "fault", line, reason, end };
  }
  const fields = new Map<string, string>();
  header.forEach((name, index) => {
    const cell = cells[index]?.trim() ?? "";
    if (name !== "" && !fields.has(name)) fields.set(name, cell);
  });
  return { kind: "record", line, fields, remarks: [], end };
}

function columnName(cell: string): string {
  return cell.toLowerCase().replace(/[\s_-]+/g, "");
}

/** The one that stands most often in the first line, outside quotation marks. */
export function detectDelimiter(text: string, start = 0): string {
  const counts = new Map<string, number>(DELIMITERS.map((delimiter) => [delimiter, 0]));
  let quoted = false;
  for (let at = start; at < text.length && at < start + CELL_LIMIT; at++) {
    const character = text.charAt(at);
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === "\n" || character === "\r")) break;
    else if (!quoted && counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  return first?.[0] ?? ",";
}

function* csvRows(text: string, start: number, delimiter: string): Generator<CsvRow> {
  let at = start;
  let line = 1;
  while (at < text.length) {
    const first = { at, line };
    const cells: string[] = [];
    let fault: string | undefined;
    for (;;) {
      if (text[at] === '"') {
        const cell = quotedCell(text, at, delimiter);
        if (cell === undefined) {
          fault = "A quotation mark is never closed";
          at = lineEnd(text, first.at);
          line = first.line;
          break;
        }
        cells.push(cell.value);
        line += cell.breaks;
        at = cell.end;
      } else {
        const end = plainEnd(text, at, delimiter);
        cells.push(text.slice(at, end));
        at = end;
      }
      if (text[at] !== delimiter) break;
      at++;
    }
    at += text.startsWith("\r\n", at) ? 2 : at < text.length ? 1 : 0;
    line++;
    yield { line: first.line, cells, end: at, ...(fault === undefined ? {} : { fault }) };
  }
}

function plainEnd(text: string, from: number, delimiter: string): number {
  let at = from;
  while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") at++;
  return at;
}

function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== "\n" && text[at] !== "\r") at++;
  return at;
}

/**
 * Undefined if it is never closed, or closed only by the opening mark of a later line. What stands between the closing
 * mark and the delimiter belongs to the cell.
 */
function quotedCell(
  text: string,
  start: number,
  delimiter: string,
): { value: string; end: number; breaks: number } | undefined {
  let value = "";
  let from = start + 1;
  for (;;) {
    const mark = text.indexOf('"', from);
    if (mark < 0 || mark - start > CELL_LIMIT) return undefined;
    value += text.slice(from, mark);
    if (text[mark + 1] !== '"') {
      const end = plainEnd(text, mark + 1, delimiter);
      const breaks = lineBreaks(value);
      const rest = text.slice(mark + 1, end);
      return breaks > 0 && rest.trim() !== "" ? undefined : { value: value + rest, end, breaks };
    }
    value += '"';
    from = mark + 2;
  }
}

function lineBreaks(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}
