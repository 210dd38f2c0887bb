import type { ImportCounts, ImportReport, ReportLine } from "./import-report";
import { formatOf, type SourceFormat } from "./source-format";
import type { SourceItem } from "./source-record";
import { workIdentity } from "./work-identity";
import type { ImportedWork } from "./work-of-record";

/** Works that are written together, all or none. */
const BATCH = 500;

/** How long the page may be kept from answering its user. */
const SLICE_MS = 8;

export interface ImportProgress extends ImportCounts {
  /** How much of the file has been read, from 0 to 1. */
  readonly read: number;
}

export interface ImportEdges {
  /** The works that are there already. */
  readonly existing: Iterable<{ title: string; author: string | null; year: number | null }>;
  readonly write: (works: readonly ImportedWork[]) => Promise<void>;
  readonly onProgress: (progress: ImportProgress) => void;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Lets the page answer its user. */
  readonly pause: () => Promise<void>;
}

/**
 * Reads works from a text and writes those that are not there yet, in batches. What was written stays when the import
 * is cancelled or a batch cannot be written; the report says so.
 */
export async function importWorks(fileName: string, text: string, edges: ImportEdges): Promise<ImportReport> {
  const run = new ImportRun(formatOf(fileName, text), text.length, edges);
  const endedBy = await run.read(text);
  return { fileName, ...run.counts(), lines: run.lines, endedBy };
}

class ImportRun {
  readonly lines: ReportLine[] = [];
  readonly #format: SourceFormat;
  readonly #length: number;
  readonly #edges: ImportEdges;
  readonly #known = new Set<string>();
  #batch: ImportedWork[] = [];
  #imported = 0;
  #duplicates = 0;
  #refused = 0;
  #sliceStart: number;

  constructor(format: SourceFormat, length: number, edges: ImportEdges) {
    this.#format = format;
    this.#length = length;
    this.#edges = edges;
    this.#sliceStart = edges.now();
  }

  counts(): ImportCounts {
    return { imported: this.#imported, duplicates: this.#duplicates, refused: this.#refused };
  }

  /** Why it ended before the text did; undefined if it did not. */
  async read(text: string): Promise<string | undefined> {
    for (const work of this.#edges.existing) {
      this.#known.add(workIdentity(work));
      await this.#breathe(0);
    }
    let isFirst = true;
    for (const item of this.#format.parse(text)) {
      if (this.#edges.signal.aborted) return "it was cancelled";
      const objection = isFirst && item.kind === "record" ? this.#format.objection(item) : undefined;
      if (objection !== undefined) return this.#refuseFile(item.line, objection);
      if (item.kind === "record") isFirst = false;
      this.#take(item);
      if (this.#batch.length >= BATCH) {
        const failure = await this.#writeBatch();
        if (failure !== undefined) return failure;
      }
      await this.#breathe(item.end);
    }
    if (this.#edges.signal.aborted) return "it was cancelled";
    const failure = await this.#writeBatch();
    if (failure !== undefined) return failure;
    if (isFirst && this.lines.length === 0) return `no ${this.#format.name} entries were found in the file`;
    return undefined;
  }

  #refuseFile(line: number, reason: string): string {
    this.#refused++;
    this.lines.push({ line, outcome: "refused", title: "", reason });
    return "the file cannot be read";
  }

  #take(item: SourceItem): void {
    if (item.kind === "fault") {
      this.#refuse(item.line, "", item.reason);
      return;
    }
    const read = this.#format.workOf(item);
    if (read.kind === "refused") {
      this.#refuse(item.line, item.fields.get("title") ?? item.fields.get("citekey") ?? "", read.reason);
      return;
    }
    const { work, remarks } = read;
    const identity = workIdentity(work);
    if (this.#known.has(identity)) {
      this.#duplicates++;
      const reason = "A work of this title, author and year is there already";
      this.lines.push({ line: item.line, outcome: "duplicate", title: work.title, reason });
      return;
    }
    this.#known.add(identity);
    this.#batch.push(work);
    if (remarks.length > 0) {
      const reason = sentence(remarks.join("; "));
      this.lines.push({ line: item.line, outcome: "remark", title: work.title, reason });
    }
  }

  #refuse(line: number, title: string, reason: string): void {
    this.#refused++;
    this.lines.push({ line, outcome: "refused", title, reason });
  }

  async #writeBatch(): Promise<string | undefined> {
    const batch = this.#batch;
    if (batch.length === 0) return undefined;
    try {
      await this.#edges.write(batch);
    } catch (error) {
      return `the rest could not be stored (${error instanceof Error ? error.message : String(error)})`;
    }
    this.#imported += batch.length;
    this.#batch = [];
    return undefined;
  }

  async #breathe(at: number): Promise<void> {
    if (this.#edges.now() - this.#sliceStart < SLICE_MS) return;
    this.#edges.onProgress({ ...this.counts(), read: this.#length === 0 ? 1 : at / this.#length });
    await this.#edges.pause();
    this.#sliceStart = this.#edges.now();
  }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
