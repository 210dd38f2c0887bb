import { reasonOf } from "../errors.js";

/**
 * Gives a token of a user, or undefined if there is none; throws if that cannot be said now. It is asked for each connection, so it should keep what is
 * good; where `isRefresh`, the server did not believe the last one.
 */
export type TokenSupplier = (user: string, isRefresh: boolean) => Promise<string | undefined>;

export type Asked =
  | { readonly kind: "ready"; readonly token: string }
  /** There is none for this user. */
  | { readonly kind: "failed"; readonly reason: string }
  /** It could not be asked for, such as without network. */
  | { readonly kind: "broken"; readonly reason: string };

/**
 * Asks an application for tokens of one session. A token that is not the user's is as good as none: rows of one user
 * must not come into the store of another. One question is under way at a time; who asks meanwhile shares its answer.
 * But who was refused a token waits for the next, since this one may be the same again.
 */
export class Tokens {
  readonly #supplier: TokenSupplier;
  readonly #user: string;
  #asking: { readonly isRefresh: boolean; readonly answer: Promise<Asked> } | undefined;

  constructor(supplier: TokenSupplier, user: string) {
    this.#supplier = supplier;
    this.#user = user;
  }

  ask(isRefresh: boolean): Promise<Asked> {
    const asking = this.#asking;
    if (asking !== undefined) {
      return isRefresh && !asking.isRefresh ? asking.answer.then(() => this.ask(true)) : asking.answer;
    }
    const answer = this.#ask(isRefresh).finally(() => {
      this.#asking = undefined;
    });
    this.#asking = { isRefresh, answer };
    return answer;
  }

  async #ask(isRefresh: boolean): Promise<Asked> {
    try {
      const token = await this.#supplier(this.#user, isRefresh);
      if (token === undefined) return { kind: "failed", reason: "there is no token" };
      return subject(token) === this.#user
        ? { kind: "ready", token }
        : { kind: "failed", reason: "the token is another user's" };
    } catch (error) {
      return { kind: "broken", reason: `no token is to be had: ${reasonOf(error)}` };
    }
  }
}

/** The claim `sub` of a token, unverified: the server verifies it. Undefined if it has none. */
export function subject(token: string): string | undefined {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const sub = typeof claims === "object" && claims !== null && "sub" in claims ? claims.sub : undefined;
    return typeof sub === "string" ? sub : undefined;
  } catch {
    return undefined;
  }
}
