import type { WorkDraft } from "./work-draft";

/** The part of sessionStorage that is used. */
interface TextStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * What was typed and not saved, by user and work, for as long as the window is open: going to another work, or
 * reloading, loses nothing.
 */
export class DraftStore {
  readonly #texts: TextStore;
  readonly #user: string;

  constructor(texts: TextStore, user: string | undefined) {
    this.#texts = texts;
    this.#user = user ?? "guest";
  }

  read(workId: string): WorkDraft {
    const text = this.#texts.getItem(this.#key(workId));
    try {
      return text === null ? {} : (JSON.parse(text) as WorkDraft);
    } catch {
      return {};
    }
  }

  keep(workId: string, draft: WorkDraft): void {
    const key = this.#key(workId);
    if (Object.keys(draft).length === 0) this.#texts.removeItem(key);
    else this.#texts.setItem(key, JSON.stringify(draft));
  }

  #key(workId: string): string {
    return `library-draft/${this.#user}/${workId}`;
  }
}
