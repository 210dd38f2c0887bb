import { backoff, retryAfter } from "../backoff.js";
import type { Environment } from "../environment.js";
import { reasonOf } from "../errors.js";
import { isMembers } from "../json.js";
import type { Asked, Tokens } from "../session/tokens.js";
import type { Turn, Turns } from "./turns.js";

/** How the way to the server is. */
export type WayState =
  | { readonly kind: "answered"; readonly response: Response; readonly isLive: boolean }
  | { readonly kind: "offline" | "needs-auth" | "refused"; readonly reason: string };

const TOKEN_PAUSE_MS = 5_000;
const TOKEN_LIMIT_MS = 60_000;
const REFUSED_PAUSE_MS = 5 * 60_000;
/** The server says something on every open stream, and answers every request, within 20 s. */
const SILENCE_MS = 70_000;

/**
 * Sends the requests of one stream until they are answered by rows or by what the official client knows to deal with
 * (409): puts a token on each, asks for a better one after a 401, waits after failures and refusals, and tells how it
 * is. Nothing that can pass ends the stream.
 */
export class PatientFetch {
  readonly #environment: Environment;
  readonly #tokens: Tokens;
  readonly #turns: Turns | undefined;
  readonly #onAsk: (offset: string) => void;
  readonly #onState: (state: WayState) => void;
  #failures = 0;
  #isRefreshDue = false;
  readonly #pauses = new Set<() => void>();
  /** What the server, or prudence, asked for; kept though a request is given up meanwhile. */
  #notBefore = 0;

  /**
   * @param turns where the connections to the server are few
   * @param onAsk told from where on each request asks, before it is sent
   */
  constructor(
    environment: Environment,
    tokens: Tokens,
    turns: Turns | undefined,
    onAsk: (offset: string) => void,
    onState: (state: WayState) => void,
  ) {
    this.#environment = environment;
    this.#tokens = tokens;
    this.#turns = turns;
    this.#onAsk = onAsk;
    this.#onState = onState;
  }

  /** The network, or the user, is back: what waits is tried at once. */
  reconnect(): void {
    this.#notBefore = 0;
    for (const end of [...this.#pauses]) end();
  }

  /** Whether it waits for better times: who asks for news now would only cut that short. */
  get isWaiting(): boolean {
    return this.#notBefore > this.#environment.now();
  }

  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const signal = init.signal ?? new AbortController().signal;
    this.#onAsk(parametersOf(input).get("offset") ?? "");
    for (let refusedTokens = 0; ; ) {
      signal.throwIfAborted();
      await this.#waitUntil(this.#notBefore, signal);
      const token = await this.#token(signal);
      if (token === undefined) continue;
      const response = await this.#sentInTurn(input, init, token, signal);
      if (response === undefined) continue;
      if (response.status !== 401) return response;
      // The first may have expired on the way; a second one in a row is believed to be no better than the next.
      this.#isRefreshDue = true;
      if (++refusedTokens > 1) this.#needsAuth(wordsOf(await textOf(response)));
    }
  };

  /** What waits for news holds a place for as long as it waits. */
  async #sentInTurn(
    input: RequestInfo | URL,
    init: RequestInit,
    token: string,
    signal: AbortSignal,
  ): Promise<Response | undefined> {
    const turn = isLive(input) ? await this.#turns?.take(signal) : undefined;
    try {
      const response = await this.#send(input, init, token, signal);
      if (response === undefined || !isEventStream(response)) {
        turn?.end();
        return response;
      }
      if (turn !== undefined) signal.addEventListener("abort", () => turn.end(), { once: true });
      return this.#inTurn(response, turn);
    } catch (error) {
      turn?.end();
      throw error;
    }
  }

  async #token(signal: AbortSignal): Promise<string | undefined> {
    const asked = await this.#asked(signal);
    signal.throwIfAborted();
    if (asked.kind === "ready") return asked.token;
    if (asked.kind === "broken") this.#offline(asked.reason, 0);
    else this.#needsAuth(asked.reason);
    return undefined;
  }

  /** What the application says, or that it says nothing. */
  #asked(signal: AbortSignal): Promise<Asked> {
    return new Promise((resolve) => {
      const silent: Asked = { kind: "failed", reason: "no token came in time" };
      const answer = (asked: Asked) => {
        cancel();
        signal.removeEventListener("abort", giveUp);
        resolve(asked);
      };
      const giveUp = () => answer(silent);
      const cancel = this.#environment.after(TOKEN_LIMIT_MS, giveUp);
      signal.addEventListener("abort", giveUp, { once: true });
      void this.#tokens.ask(this.#isRefreshDue).then(answer);
    });
  }

  #needsAuth(reason: string): void {
    this.#failures++;
    this.#isRefreshDue = true;
    this.#onState({ kind: "needs-auth", reason });
    this.#rest(backoff(this.#environment.random, this.#failures, TOKEN_PAUSE_MS));
  }

  /** Undefined if it is to be sent again. */
  async #send(
    input: RequestInfo | URL,
    init: RequestInit,
    token: string,
    signal: AbortSignal,
  ): Promise<Response | undefined> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    const silence = new Silence(this.#environment, signal);
    let response: Response;
    try {
      response = silence.watch(
        await this.#environment.fetch(input, { ...init, headers, signal: silence.signal }),
      );
    } catch (error) {
      silence.end();
      signal.throwIfAborted();
      this.#offline(reasonOf(silence.signal.aborted ? silence.signal.reason : error), 0);
      return undefined;
    }
    const { status } = response;
    if (response.ok || status === 409) {
      this.#failures = 0;
      this.#isRefreshDue = false;
      if (response.ok) this.#onState({ kind: "answered", response, isLive: isLive(input) });
      return response;
    }
    if (status === 401) return response;
    const reason = wordsOf(await textOf(response));
    if (status === 400 || status === 403 || status === 404) {
      this.#onState({ kind: "refused", reason });
      this.#rest(backoff(this.#environment.random, 1, REFUSED_PAUSE_MS));
    } else {
      const wait = retryAfter(response.headers, this.#environment.now());
      this.#offline(`${status} ${reason}`.trim(), wait);
    }
    return undefined;
  }

  #rest(millis: number): void {
    this.#notBefore = this.#environment.now() + millis;
  }

  #offline(reason: string, atLeast: number): void {
    this.#failures++;
    this.#onState({ kind: "offline", reason });
    this.#rest(backoff(this.#environment.random, this.#failures, atLeast));
  }

  /** Ends when it is time, somebody reconnects, or the request is given up. */
  #waitUntil(time: number, signal: AbortSignal): Promise<void> {
    const left = time - this.#environment.now();
    if (left <= 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = () => {
        cancel();
        this.#pauses.delete(end);
        signal.removeEventListener("abort", end);
        if (signal.aborted) reject(signal.reason);
        else resolve();
      };
      const cancel = this.#environment.after(left, end);
      signal.addEventListener("abort", end, { once: true });
      this.#pauses.add(end);
    });
  }

  /** The same events, which end when others wait for the place. */
  #inTurn(response: Response, turn: Turn | undefined): Response {
    if (response.body === null || turn === undefined) return response;
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        start: (controller) =>
          turn.onOver(() => {
            turn.end();
            controller.terminate();
          }),
        flush: () => turn.end(),
      }),
    );
    return new Response(body, { status: response.status, headers: response.headers });
  }
}

/** Cuts a request off when nothing of its answer comes for too long: the other end may have gone without a word. */
class Silence {
  readonly #environment: Environment;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  #cancel = () => {};

  constructor(environment: Environment, outer: AbortSignal) {
    this.#environment = environment;
    this.#outer = outer;
    outer.addEventListener("abort", this.#giveUp, { once: true });
    this.#begin();
  }

  readonly #giveUp = () => this.#controller.abort(this.#outer.reason);

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #begin(): void {
    this.#cancel();
    this.#cancel = this.#environment.after(SILENCE_MS, () =>
      this.#controller.abort(new TypeError("the server fell silent")),
    );
  }

  end(): void {
    this.#cancel();
    this.#outer.removeEventListener("abort", this.#giveUp);
  }

  /** The same answer, each piece of which is waited for. */
  watch(response: Response): Response {
    this.#begin();
    if (response.body === null) {
      this.end();
      return response;
    }
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (piece, controller) => {
          this.#begin();
          controller.enqueue(piece);
        },
        flush: () => this.end(),
      }),
    );
    // Of a failure nobody reads the body to its end.
    if (!response.ok) this.#outer.addEventListener("abort", () => this.end(), { once: true });
    const { status, statusText, headers } = response;
    return new Response(body, { status, statusText, headers });
  }
}

/** Nothing, where it breaks off. */
function textOf(response: Response): Promise<string> {
  return response.text().catch(() => "");
}

function parametersOf(input: RequestInfo | URL): URLSearchParams {
  return new URL(input instanceof Request ? input.url : String(input)).searchParams;
}

function isLive(input: RequestInfo | URL): boolean {
  return parametersOf(input).has("live");
}

function isEventStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") === true;
}

/** The first words of a body like `{"message": …, "errors": {"table": ["…"]}}`; of a proxy's page its beginning. */
function wordsOf(body: string): string {
  try {
    const told: unknown = JSON.parse(body);
    const errors = isMembers(told) && isMembers(told.errors) ? Object.values(told.errors).flat() : [];
    const all = isMembers(told) ? [...errors, told.message, told.error] : [told];
    return all.find((word) => typeof word === "string") ?? "";
  } catch {
    return body.slice(0, 300);
  }
}
