import { formatCount } from "../format";

/** What became of one entry of the file, if it was not just taken. */
export interface ReportLine {
  readonly line: number;
  readonly outcome: "refused" | "duplicate" | "remark";
  /** Of the entry, as far as it could be read. */
  readonly title: string;
  readonly reason: string;
}

export interface ImportCounts {
  readonly imported: number;
  readonly duplicates: number;
  readonly refused: number;
}

export interface ImportReport extends ImportCounts {
  readonly fileName: string;
  readonly lines: readonly ReportLine[];
  /** Why the import ended before the file did; undefined if it did not. */
  readonly endedBy: string | undefined;
}

/** In one sentence. */
export function describeReport({ imported, duplicates, refused, endedBy }: ImportReport): string {
  const parts = [`${formatCount(imported, "work")} imported`];
  if (duplicates > 0) parts.push(`${formatCount(duplicates, "duplicate")} left out`);
  if (refused > 0) parts.push(`${formatCount(refused, "entry", "entries")} refused`);
  return `${parts.join(", ")}${endedBy === undefined ? "" : `; ${endedBy}`}.`;
}

/** The lines of the report as a file of comma-separated values. */
export function reportCsv({ lines }: ImportReport): string {
  const rows = lines.map(({ line, outcome, title, reason }) => [String(line), outcome, title, reason]);
  return [["line", "outcome", "title", "reason"], ...rows].map(csvRow).join("");
}

function csvRow(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** Quoted; what a spreadsheet would take for a formula is made a text. */
function csvCell(value: string): string {
  const safe = /^[=+@\t\r-]/.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}
