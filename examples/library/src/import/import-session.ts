import { formatBytes } from "../format";
import { decodeText } from "./decode-text";
import type { ImportReport } from "./import-report";
import type { ImportEdges, ImportProgress } from "./import-works";
import type { ImportedWork } from "./work-of-record";

/** Where works are imported to. */
export interface ImportTarget {
  readonly user: string | undefined;
  readonly existing: () => Promise<ImportEdges["existing"]>;
  /** All of them or none. */
  readonly write: (works: readonly ImportedWork[]) => Promise<void>;
}

export type ImportState =
  | { readonly kind: "idle"; readonly fault?: string }
  | { readonly kind: "running"; readonly fileName: string; readonly progress: ImportProgress }
  | { readonly kind: "done"; readonly report: ImportReport };

const SIZE_LIMIT = 64_000_000;
const NOTHING_YET: ImportProgress = { read: 0, imported: 0, duplicates: 0, refused: 0 };

/** What reads files is not in the scripts of the first page. */
export const loadParsers = () => import("./import-works");

/** The import of a file, which goes on while its user does something else; one at a time. */
export class ImportSession {
  readonly #target: ImportTarget;
  readonly #listeners = new Set<() => void>();
  #state: ImportState = { kind: "idle" };
  #abort = new AbortController();

  constructor(target: ImportTarget) {
    this.#target = target;
  }

  readonly state = (): ImportState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Fulfilled with what became of it; with the state as it is if another one is running. */
  async start(file: File): Promise<ImportState> {
    if (this.#state.kind === "running") return this.#state;
    if (file.size > SIZE_LIMIT) {
      return this.#show({
        kind: "idle",
        fault: `${file.name} is larger than ${formatBytes(SIZE_LIMIT)}: split it first.`,
      });
    }
    this.#abort = new AbortController();
    this.#showProgress(file, NOTHING_YET);
    try {
      return this.#show({ kind: "done", report: await this.#import(file) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return this.#show({ kind: "idle", fault: `${file.name} cannot be read: ${reason}` });
    }
  }

  /** What has been written stays. */
  cancel(): void {
    this.#abort.abort();
  }

  async #import(file: File): Promise<ImportReport> {
    const { importWorks } = await loadParsers();
    const { user } = this.#target;
    return importWorks(file.name, decodeText(new Uint8Array(await file.arrayBuffer())), {
      existing: await this.#target.existing(),
      write: async (works) => {
        if (this.#target.user !== user) throw new Error("somebody else is signed in now");
        await this.#target.write(works);
      },
      onProgress: (progress) => this.#showProgress(file, progress),
      signal: this.#abort.signal,
      now: () => performance.now(),
      pause: nextTask,
    });
  }

  #showProgress(file: File, progress: ImportProgress): void {
    this.#show({ kind: "running", fileName: file.name, progress });
  }

  #show(state: ImportState): ImportState {
    this.#state = state;
    for (const listener of this.#listeners) listener();
    return state;
  }
}

/** A later task: the page paints and answers its user in between. A timer would be held back in the background. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
