import { type Message, type Offset, type Row, ShapeStream } from "@electric-sql/client";
import { backoff } from "../backoff.js";
import type { Environment } from "../environment.js";
import { reasonOf } from "../errors.js";
import type { Tokens } from "../session/tokens.js";
import { lesserOffset, type StreamPosition } from "../store/stream-position.js";
import type { SyncedTable } from "../store/synced-table.js";
import { PatientFetch, type WayState } from "./patient-fetch.js";
import { differences } from "./server-schema.js";
import { type ShapeMessage, shapeMessage } from "./shape-message.js";
import type { Turns } from "./turns.js";

/** How far an entity's copy is, for a person. */
export interface StreamStatus {
  readonly entity: string;
  readonly phase: "stopped" | "catching-up" | "live" | "offline" | "needs-auth" | "refused";
  readonly reason?: string;
  /** Epoch milliseconds. */
  readonly lastUpToDate?: number;
  /** What the server has otherwise than the application believes. */
  readonly differences: readonly string[];
}

const same = (text: string) => text;

/** The official client's parser would make values of these; what is stored is made of texts. */
const TEXTS = {
  bool: same,
  int2: same,
  int4: same,
  int8: same,
  float4: same,
  float8: same,
  json: same,
  jsonb: same,
};

/**
 * Follows the shape of one entity with the official client, and writes what it says into the copy. What the disk
 * refuses is asked for again from where the copy stands.
 */
export class ShapeFollower {
  readonly table: SyncedTable;
  readonly #environment: Environment;
  readonly #server: string;
  readonly #mayStream: boolean;
  readonly #onStatus: (status: StreamStatus) => void;
  readonly #way: PatientFetch;
  #status: StreamStatus;
  #run: AbortController | undefined;
  #stream: ShapeStream<Row<unknown>> | undefined;
  /** Where the copy stood when it was last written. */
  #at: StreamPosition | undefined;
  #isLive = false;
  #failures = 0;

  constructor(
    environment: Environment,
    server: string,
    tokens: Tokens,
    turns: Turns | undefined,
    mayStream: boolean,
    table: SyncedTable,
    onStatus: (status: StreamStatus) => void,
  ) {
    this.#environment = environment;
    this.#server = server;
    this.#mayStream = mayStream;
    this.table = table;
    this.#onStatus = onStatus;
    this.#status = { entity: table.entity.name, phase: "stopped", differences: [] };
    this.#way = new PatientFetch(
      environment,
      tokens,
      turns,
      (offset) => this.#asked(offset),
      (state) => this.#heardOfWay(state),
    );
  }

  get status(): StreamStatus {
    return this.#status;
  }

  start(): void {
    if (this.#run !== undefined) return;
    this.#report({ phase: "catching-up" });
    void this.#begin();
  }

  /** Gives up what is under way; the copy stays where it is. */
  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.#stream = undefined;
    this.#report({ phase: "stopped" });
  }

  /** Asks once without waiting for what there is; after a pause that is asked soon enough. */
  nudge(): void {
    if (this.#way.isWaiting) return;
    void this.#stream?.forceDisconnectAndRefresh().catch(() => {});
  }

  /** The network, or the user, is back. */
  reconnect(): void {
    this.#way.reconnect();
  }

  async #begin(): Promise<void> {
    const run = new AbortController();
    this.#run?.abort();
    this.#run = run;
    try {
      const position = await this.table.position();
      if (run.signal.aborted) return;
      const { upToDateAt } = await this.table.shown();
      if (upToDateAt !== undefined) this.#report({ lastUpToDate: upToDateAt });
      this.#at = position;
      this.#stream = this.#open(run, position.offset, position.handle);
    } catch (error) {
      this.#beginAgain(run, `the device's store: ${reasonOf(error)}`);
    }
  }

  #open(run: AbortController, offset: string, handle: string | undefined): ShapeStream<Row<unknown>> {
    const { entity } = this.table;
    const stream = new ShapeStream<Row<unknown>>({
      url: `${this.#server}/v1/shape`,
      params: { table: entity.table, ...(entity.where === undefined ? {} : { where: entity.where }) },
      offset: offset as Offset,
      ...(handle === undefined ? {} : { handle }),
      liveSse: this.#mayStream,
      liveRequestTimeoutMs: false, // PatientFetch watches, and may wait for longer than that.
      signal: run.signal,
      fetchClient: this.#way.fetch as typeof fetch,
      parser: TEXTS,
      onError: (error) => {
        this.#beginAgain(run, reasonOf(error));
      },
    });
    // Else it hears of the page's visibility for ever.
    run.signal.addEventListener("abort", () => stream.unsubscribeAll(), { once: true });
    stream.subscribe(
      (messages) => this.#take(run, stream, messages),
      () => {},
    );
    return stream;
  }

  /**
   * The official client goes back to the beginning without a word when it distrusts what caches answer. An old
   * snapshot must not come over newer rows: the copy begins anew with it.
   */
  #asked(offset: string): void {
    const run = this.#run;
    if (run === undefined || offset !== "-1" || this.#at === undefined || this.#at.offset === "-1") return;
    this.#beginAgain(run, "the stream begins anew", true);
  }

  /** After a failure of ours, or one that the official client gives up on. */
  #beginAgain(run: AbortController, reason: string, isAnew = false): void {
    if (run.signal.aborted) return;
    run.abort();
    this.#failures++;
    this.#report({ phase: "offline", reason });
    const again = new AbortController();
    this.#run = again;
    const cancel = this.#environment.after(backoff(this.#environment.random, this.#failures), async () => {
      if (again.signal.aborted) return;
      try {
        if (isAnew) await this.table.beginNext();
      } catch {
        // Asked for again from where it stands, and found not to fit again.
      }
      if (!again.signal.aborted) void this.#begin();
    });
    again.signal.addEventListener("abort", cancel, { once: true });
  }

  /** One batch at a time, in the order in which they came. Never throws: the official client would not care. */
  async #take(
    run: AbortController,
    stream: ShapeStream<Row<unknown>>,
    batch: readonly Message<Row<unknown>>[],
  ): Promise<void> {
    if (run.signal.aborted) return;
    const isLive = this.#isLive;
    try {
      const messages = batch.map(shapeMessage);
      if (messages.some(({ kind }) => kind === "must-refetch")) {
        this.#at = await this.table.beginNext();
        this.#report({ phase: "catching-up" });
        return;
      }
      const handle = stream.shapeHandle;
      const at = this.#at;
      // A batch of a shape that has ended meanwhile: that it must be fetched anew is said next.
      if (handle === undefined || at === undefined || (at.handle ?? handle) !== handle) return;
      const offset = offsetAfter(messages, stream.lastOffset);
      const taken = await this.table.take(at, { handle, offset, isLive }, messages, this.#environment.now());
      if (taken.kind === "misfit") {
        this.#beginAgain(run, taken.reason, true);
        return;
      }
      if (taken.kind === "moved") {
        run.abort();
        void this.#begin();
        return;
      }
      this.#at = taken.position;
      this.#failures = 0;
      if (taken.isUpToDate && !run.signal.aborted) {
        this.#report({ phase: "live", lastUpToDate: this.#environment.now() });
      }
    } catch (error) {
      this.#beginAgain(run, `the device's store: ${reasonOf(error)}`);
    }
  }

  #heardOfWay(state: WayState): void {
    if (this.#run === undefined || this.#run.signal.aborted) return;
    if (state.kind !== "answered") {
      this.#report({ phase: state.kind, reason: state.reason });
      return;
    }
    this.#isLive = state.isLive;
    const schema = state.response.headers.get("electric-schema");
    const found = schema === null ? this.#status.differences : differences(this.table.entity, schema);
    const isBack = this.#status.phase !== "live" && this.#status.phase !== "catching-up";
    // The official client asks a live request only once it is up to date.
    const phase = state.isLive ? "live" : isBack ? "catching-up" : this.#status.phase;
    this.#report({ phase, differences: found });
  }

  #report(news: Partial<StreamStatus>): void {
    const { reason: _, ...before } = this.#status;
    const status: StreamStatus = { ...before, ...news };
    if (JSON.stringify(status) === JSON.stringify(this.#status)) return;
    this.#status = status;
    this.#onStatus(status);
  }
}

/**
 * The place after a batch. The official client's own may be further already: of an event stream batches come while
 * the last one is being stored.
 */
function offsetAfter(messages: readonly ShapeMessage[], lastOffset: string): string {
  const last = messages.at(-1);
  return last?.kind === "up-to-date" && last.lsn !== undefined && last.lsn > 0n
    ? lesserOffset(lastOffset, `${last.lsn}_0`)
    : lastOffset;
}
