import { backoff, retryAfter } from "../backoff.js";
import type { Environment } from "../environment.js";
import { reasonOf } from "../errors.js";
import { isMembers } from "../json.js";
import type { Tokens } from "../session/tokens.js";
import { type BatchLimits, shrunk } from "./next-batch.js";
import {
  STOPPED,
  stepUpload,
  type UploadEffect,
  type UploadEvent,
  type UploadState,
} from "./upload-machine.js";
import { InvalidAnswer, readAnswer, type WriteChange } from "./wire.js";
import type { WriteBuffer } from "./write-buffer.js";

/** What the sender of writes does, for a person. */
export interface UploadStatus {
  readonly phase: "stopped" | "idle" | "sending" | "offline" | "needs-auth" | "refused";
  readonly reason?: string;
  readonly code?: string;
}

export interface UploaderSettings {
  readonly server: string;
  /** Names the device to the server. */
  readonly clientId: string;
  readonly schemaVersion: number;
  readonly limits: BatchLimits;
  /** How often it looks for what nobody told it of; milliseconds. */
  readonly flushInterval: number;
}

export interface UploaderListener {
  onStatus(status: UploadStatus): void;
  /** Changes of these entities are in Postgres now, and wait for their streams to show them. */
  onApplied(entities: ReadonlySet<string>): void;
}

const GATHER_MS = 50;
const ANSWER_LIMIT_MS = 2 * 60_000;
const TOKEN_LIMIT_MS = 60_000;

/** From how many characters on a batch may be too large for a proxy on the way. */
const LARGE = 64 * 1024;

/** Empties a write buffer: does what {@link stepUpload} decides. One batch is on its way at a time. */
export class Uploader {
  readonly #environment: Environment;
  readonly #settings: UploaderSettings;
  readonly #buffer: WriteBuffer;
  readonly #tokens: Tokens;
  readonly #listener: UploaderListener;
  readonly #retries = new Map<string, number>();
  readonly #waiting = new Set<string>();
  #state: UploadState = STOPPED;
  #status: UploadStatus = { phase: "stopped" };
  #token = "";
  /** Whether a token could not be asked for, which is no reason to sign in. */
  #isTokenBroken = false;
  /** What is under way: a request, a question for a token, or a pause. */
  #errand = new AbortController();
  #stopTicking = () => {};

  constructor(
    environment: Environment,
    settings: UploaderSettings,
    buffer: WriteBuffer,
    tokens: Tokens,
    listener: UploaderListener,
  ) {
    this.#environment = environment;
    this.#settings = settings;
    this.#buffer = buffer;
    this.#tokens = tokens;
    this.#listener = listener;
  }

  get status(): UploadStatus {
    return this.#status;
  }

  start(): void {
    this.#fire({ kind: "start" });
    this.#tick();
  }

  #tick(): void {
    this.#stopTicking = this.#environment.after(this.#settings.flushInterval, async () => {
      this.#tick();
      if (this.#state.kind === "idle" && (await this.#buffer.size().catch(() => 0)) > 0) {
        this.#fire({ kind: "flush" });
      }
    });
  }

  /** Gives up what is under way; what is queued stays. */
  stop(): void {
    this.#stopTicking();
    this.#fire({ kind: "stop" });
  }

  /** Something was put into the queue, here or in another tab. */
  enqueued(): void {
    this.#fire({ kind: "enqueued" });
  }

  /** Sends what is there without waiting for more. */
  flush(): void {
    this.#fire({ kind: "flush" });
  }

  /** The network is back: tries at once. */
  reconnect(): void {
    this.#fire({ kind: "reconnect" });
  }

  #fire(event: UploadEvent): void {
    const { state, effects } = stepUpload(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    this.#report();
  }

  #perform(effect: UploadEffect): void {
    switch (effect.kind) {
      case "gather":
        this.#after(GATHER_MS, { kind: "elapsed" }, this.#begin());
        return;
      case "ask-token":
        void this.#askToken(effect.isRefresh, this.#begin());
        return;
      case "send":
        void this.#send(effect.halvings, this.#begin());
        return;
      case "cancel":
        this.#errand.abort();
        return;
      case "pause":
        this.#after(
          backoff(this.#environment.random, effect.failures, effect.atLeast),
          { kind: "elapsed" },
          this.#begin(),
        );
        return;
    }
  }

  #begin(): AbortSignal {
    this.#errand.abort();
    this.#errand = new AbortController();
    return this.#errand.signal;
  }

  /** Tells of an event later, unless what it is for is given up. */
  #after(millis: number, event: UploadEvent, signal: AbortSignal): void {
    const cancel = this.#environment.after(millis, () => {
      if (!signal.aborted) this.#fire(event);
    });
    signal.addEventListener("abort", cancel, { once: true });
  }

  async #askToken(isRefresh: boolean, signal: AbortSignal): Promise<void> {
    this.#after(TOKEN_LIMIT_MS, { kind: "silence" }, signal);
    const asked = await this.#tokens.ask(isRefresh);
    if (signal.aborted) return;
    if (asked.kind === "ready") {
      this.#token = asked.token;
      this.#fire({ kind: "token-ready" });
    } else {
      this.#isTokenBroken = asked.kind === "broken";
      this.#fire({ kind: "token-failed", reason: asked.reason });
    }
  }

  async #send(halvings: number, signal: AbortSignal): Promise<void> {
    this.#after(ANSWER_LIMIT_MS, { kind: "silence" }, signal);
    const event = await this.#sent(halvings, signal);
    if (!signal.aborted) this.#fire(event);
  }

  async #sent(halvings: number, signal: AbortSignal): Promise<UploadEvent> {
    let batch: readonly WriteChange[];
    try {
      batch = await this.#buffer.take(shrunk(this.#settings.limits, halvings), this.#waiting);
    } catch (error) {
      return { kind: "broken", reason: `the device's store: ${reasonOf(error)}` };
    }
    if (batch.length === 0 || signal.aborted) return { kind: "nothing-to-send" };
    const body = JSON.stringify({
      client_id: this.#settings.clientId,
      schema_version: this.#settings.schemaVersion,
      changes: batch,
    });
    try {
      const response = await this.#post(body, signal);
      return await this.#answered(
        response.status,
        response.headers,
        await response.text(),
        batch,
        body.length,
      );
    } catch (error) {
      return { kind: "broken", reason: reasonOf(error) };
    }
  }

  #post(body: string, signal: AbortSignal): Promise<Response> {
    return this.#environment.fetch(`${this.#settings.server}/api/writes/batch`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${this.#token}`,
        "content-type": "application/json",
        accept: "application/json",
      },
      body,
      signal,
      cache: "no-store",
    });
  }

  /** Takes an answer, also one that comes when nobody waits for it any more: it tells what is in Postgres. */
  async #answered(
    status: number,
    headers: Headers,
    body: string,
    batch: readonly WriteChange[],
    size: number,
  ): Promise<UploadEvent> {
    const { code, error } = words(body);
    const busy: UploadEvent = {
      kind: "busy",
      retryAfter: retryAfter(headers, this.#environment.now()),
      reason: `${status} ${error}`.trim(),
    };
    switch (status) {
      case 200:
        return this.#settle(body, batch);
      case 401:
        this.#isTokenBroken = false;
        return { kind: "unauthorized", reason: error };
      case 413:
        return this.#tooLarge(code, error, batch, size, busy);
      case 400:
        // Without the code it is nothing that a change could be at fault for.
        return code === "invalid_batch" ? this.#tooLarge(code, error, batch, size, busy) : busy;
      case 403:
      case 404:
      case 405:
      case 409:
      case 415:
        return { kind: "refusal", code, reason: error };
      default:
        return busy;
    }
  }

  async #settle(body: string, batch: readonly WriteChange[]): Promise<UploadEvent> {
    try {
      const { entities, toRetry, applied, rejected } = await this.#buffer.settle(batch, readAnswer(body));
      for (const { id } of batch) {
        if (toRetry.has(id)) this.#later(id);
        else this.#retries.delete(id);
      }
      if (entities.size > 0) this.#listener.onApplied(entities);
      return { kind: "settled", hasProgress: applied + rejected + toRetry.size > 0 };
    } catch (error) {
      const whose = error instanceof InvalidAnswer ? "the server sent" : "the device's store:";
      return { kind: "broken", reason: `${whose} ${reasonOf(error)}` };
    }
  }

  /** Which of the changes is at fault shows when they are sent in smaller batches. */
  async #tooLarge(
    code: string,
    error: string,
    batch: readonly WriteChange[],
    size: number,
    busy: UploadEvent,
  ): Promise<UploadEvent> {
    if (new Set(batch.map(({ id, tx }) => tx ?? id)).size > 1) return { kind: "too-large" };
    // Whoever says so is not the server, and refuses whatever comes.
    if (code === "" && size < LARGE) return busy;
    try {
      const ids = batch.map(({ id }) => id);
      await this.#buffer.markFailed(ids, code === "" ? "refused" : code, error);
      return { kind: "given-up" };
    } catch (failure) {
      return { kind: "broken", reason: `the device's store: ${reasonOf(failure)}` };
    }
  }

  /** One change is sent again after a time of its own. */
  #later(id: string): void {
    const count = (this.#retries.get(id) ?? 0) + 1;
    this.#retries.set(id, count);
    this.#waiting.add(id);
    this.#environment.after(backoff(this.#environment.random, count), () => {
      this.#waiting.delete(id);
      this.#fire({ kind: "enqueued" });
    });
  }

  #report(): void {
    const told = statusOf(this.#state);
    const isOffline = told.phase === "needs-auth" && this.#isTokenBroken;
    const status: UploadStatus = isOffline ? { ...told, phase: "offline" } : told;
    const { phase, reason, code } = this.#status;
    if (status.phase === phase && status.reason === reason && status.code === code) return;
    this.#status = status;
    this.#listener.onStatus(status);
  }
}

function statusOf(state: UploadState): UploadStatus {
  switch (state.kind) {
    case "stopped":
    case "idle":
      return { phase: state.kind };
    case "gathering":
      return { phase: "sending" };
    case "authorizing":
    case "sending":
      return { phase: state.track.failures > 0 ? "offline" : "sending" };
    case "pausing":
      return { phase: "offline", reason: state.reason };
    case "needs-auth":
      return { phase: "needs-auth", reason: state.reason };
    case "refused":
      return { phase: "refused", reason: state.reason, code: state.code };
  }
}

/** The code and the words of an answer that is no success; of one that is not our server's, its beginning. */
function words(body: string): { code: string; error: string } {
  try {
    const told: unknown = JSON.parse(body);
    if (isMembers(told)) {
      return {
        code: typeof told.code === "string" ? told.code : "",
        error: typeof told.error === "string" ? told.error : "",
      };
    }
  } catch {
    // A proxy's page.
  }
  return { code: "", error: body.slice(0, 300) };
}
