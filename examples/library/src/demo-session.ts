/** The people whose works the example data has. */
export type DemoUser = "ada" | "grace";

/** Asks for a fresh token when the last one is this old; the server's tokens live for hours. */
const FRESH_MS = 60 * 60 * 1000;

/**
 * Who reads. `up` signs tokens for its demo users at `/dev/token`; a real application gets them from whoever signs
 * its users in.
 */
export class DemoSession {
  readonly user: DemoUser;
  readonly #url: string;
  #token: Promise<string> | undefined;
  #askedAt = 0;

  /** @param origin where `/dev/token` is */
  constructor(origin: string, user: DemoUser) {
    this.user = user;
    this.#url = `${origin}/dev/token?user=${user}`;
  }

  /** The value of the header `authorization`; one question at a time, asked again if it failed. */
  async authorization(): Promise<string> {
    if (this.#token === undefined || Date.now() - this.#askedAt > FRESH_MS) {
      this.#askedAt = Date.now();
      this.#token = this.#ask();
      this.#token.catch(() => this.forget());
    }
    return `Bearer ${await this.#token}`;
  }

  /** The token was refused: the next question gets another. */
  forget(): void {
    this.#token = undefined;
  }

  async #ask(): Promise<string> {
    const response = await fetch(this.#url, { method: "POST" });
    if (!response.ok) throw new Error(`No token for ${this.user} (${response.status})`);
    return response.text();
  }
}
