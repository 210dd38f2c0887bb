import { SyncClientError } from "../errors.js";

/**
 * Which of the tabs follows the server for all: whoever holds a Web Lock, which the browser gives to the next when a
 * tab closes or crashes. A hidden leader gives it to a tab that is in sight, since browsers slow hidden ones down.
 */
export class Leadership {
  readonly #name: string;
  readonly #onChange: (isLeader: boolean) => void;
  #end: AbortController | undefined;
  #release: (() => void) | undefined;

  constructor(name: string, onChange: (isLeader: boolean) => void) {
    this.#name = name;
    this.#onChange = onChange;
  }

  get isLeader(): boolean {
    return this.#release !== undefined;
  }

  /** Waits in line. Where there is no browser there is one process, which leads. */
  seek(): void {
    if (this.#end === undefined) this.#request(false);
  }

  /** Leads in place of one that gives no sign of life, such as a tab that is suspended with its lock. */
  steal(): void {
    if (this.isLeader) return;
    this.#end?.abort();
    this.#request(true);
  }

  #request(isStolen: boolean): void {
    const end = new AbortController();
    this.#end = end;
    const lead = () =>
      new Promise<void>((resolve) => {
        if (end.signal.aborted) {
          resolve();
          return;
        }
        this.#release = resolve;
        this.#onChange(true);
      });
    if (typeof navigator === "undefined" || navigator.locks === undefined) {
      void lead();
      return;
    }
    const how: LockOptions = isStolen ? { steal: true } : { signal: end.signal };
    navigator.locks.request(this.#name, how, lead).catch(() => {
      if (this.#end !== end) return;
      // Another has stolen it.
      this.#end = undefined;
      this.#release = undefined;
      this.#onChange(false);
      this.seek();
    });
  }

  /** Lets another lead, if one wants to, and waits in line again. */
  yield(): void {
    if (!this.isLeader) return;
    this.close();
    this.seek();
  }

  close(): void {
    this.#end?.abort();
    this.#end = undefined;
    const release = this.#release;
    this.#release = undefined;
    if (release === undefined) return;
    this.#onChange(false);
    release();
  }

  /** Throws where a browser has no locks, which it has on https and on localhost. */
  static requireLocks(): void {
    if (typeof document !== "undefined" && navigator.locks === undefined) {
      throw new SyncClientError(
        "insecure-context",
        "This browser offers what is needed on https and on localhost alone: open the page there.",
      );
    }
  }
}
