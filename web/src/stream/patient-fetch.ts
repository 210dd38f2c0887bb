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
const TOKEN_LIMIT_MS = 30_000;
const REFUSED_PAUSE_MS = 5 * 60_000;
/** The server says something on every open stream within 20 s, or answers. */
const SILENCE_MS = 60_000;

/**
 * Sends the requests of one stream until they are answered by rows or by what the official client knows to deal with
 * (409): puts a token on each, asks for a better one after a 401, waits after failures and refusals, and tells how it
 * is. Nothing that can pass ends the stream.
 */
export class PatientFetch {
  readonly #environment: Environment;
  readonly #tokens: Tokens;
  readonly #turns: Turns | undefined;
  readonly #onState: (state: WayState) => void;
  #failures = 0;
  #isRefreshDue = false;
  readonly #pauses = new Set<() => void>();

  /** @param turns where the connections to the server are few */
  constructor(
    environment: Environment,
    tokens: Tokens,
    turns: Turns | undefined,
    onState: (state: WayState) => void,
  ) {
    this.#environment = environment;
    this.#tokens = tokens;
    this.#turns = turns;
    this.#onState = onState;
  }

  /** Whether it waits before it asks again: a server may have asked for the time. */
  get isPausing(): boolean {
    return this.#pauses.size > 0;
  }

  /** The network, or the user, is back: what waits is tried at once. */
  reconnect(): void {
    for (const end of [...this.#pauses]) end();
  }

  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const signal = init.signal ?? new AbortController().signal;
    for (let refusedTokens = 0; ; ) {
      signal.throwIfAborted();
      const token = await this.#token(signal);
      if (token === undefined) continue;
      const response = await this.#sentInTurn(input, init, token, signal);
      if (response === undefined) continue;
      if (response.status !== 401) return response;
      // The first may have expired on the way; a second one in a row is believed to be no better than the next.
      this.#isRefreshDue = true;
      if (++refusedTokens > 1) await this.#needsAuth(wordsOf(await textOf(response)), signal);
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
      return this.#watched(response, turn);
    } catch (error) {
      turn?.end();
      throw error;
    }
  }

  async #token(signal: AbortSignal): Promise<string | undefined> {
    const asked = await this.#asked(signal);
    signal.throwIfAborted();
    if (asked.kind === "ready") return asked.token;
    if (asked.kind === "broken") await this.#offline(asked.reason, 0, signal);
    else await this.#needsAuth(asked.reason, signal);
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

  async #needsAuth(reason: string, signal: AbortSignal): Promise<void> {
    this.#failures++;
    this.#isRefreshDue = true;
    this.#onState({ kind: "needs-auth", reason });
    await this.#pause(backoff(this.#environment.random, this.#failures, TOKEN_PAUSE_MS), signal);
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
    let response: Response;
    try {
      response = await this.#environment.fetch(input, { ...init, headers });
    } catch (error) {
      signal.throwIfAborted();
      await this.#offline(reasonOf(error), 0, signal);
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
      await this.#pause(backoff(this.#environment.random, 1, REFUSED_PAUSE_MS), signal);
    } else {
      const wait = retryAfter(response.headers, this.#environment.now());
      await this.#offline(`${status} ${reason}`.trim(), wait, signal);
    }
    return undefined;
  }

  async #offline(reason: string, atLeast: number, signal: AbortSignal): Promise<void> {
    this.#failures++;
    this.#onState({ kind: "offline", reason });
    await this.#pause(backoff(this.#environment.random, this.#failures, atLeast), signal);
  }

  /** Ends when the time is over, somebody reconnects, or the request is given up. */
  #pause(millis: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#pauses.delete(end);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const cancel = this.#environment.after(millis, end);
      signal.addEventListener("abort", end, { once: true });
      this.#pauses.add(end);
    });
  }

  /** The same events, cut off when none comes for too long: the other end may have gone without a word. */
  #watched(response: Response, turn: Turn | undefined): Response {
    if (response.body === null) return response;
    let stop = () => {};
    const watch = (controller: TransformStreamDefaultController<Uint8Array>) => {
      stop();
      stop = this.#environment.after(SILENCE_MS, () =>
        controller.error(new TypeError("the server fell silent")),
      );
    };
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        start: (controller) => {
          watch(controller);
          turn?.onOver(() => {
            stop();
            turn.end();
            controller.terminate();
          });
        },
        transform: (piece, controller) => {
          watch(controller);
          controller.enqueue(piece);
        },
        flush: () => {
          stop();
          turn?.end();
        },
      }),
    );
    return new Response(body, { status: response.status, headers: response.headers });
  }
}

/** Nothing, where it breaks off. */
function textOf(response: Response): Promise<string> {
  return response.text().catch(() => "");
}

function isLive(input: RequestInfo | URL): boolean {
  return new URL(input instanceof Request ? input.url : String(input)).searchParams.has("live");
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
