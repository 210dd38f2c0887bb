import type { Environment } from "../environment.js";
import type { Store } from "../store/store.js";
import { SyncedTable } from "../store/synced-table.js";
import { ShapeFollower, type StreamStatus } from "../stream/shape-follower.js";
import { Turns } from "../stream/turns.js";
import { Uploader, type UploaderSettings, type UploadStatus } from "../write-buffer/uploader.js";
import type { WriteBuffer } from "../write-buffer/write-buffer.js";
import { Cleanup } from "./cleanup.js";
import type { Tokens } from "./tokens.js";

/** What the leading tab does for all: the streams of a session, and the sender of its writes. */
export class Connection {
  readonly #store: Store;
  readonly #streams = new Map<string, ShapeFollower>();
  readonly #uploader: Uploader;
  readonly #cleanup: Cleanup;
  readonly #onStatus: () => void;
  readonly #ready = new Set<string>();
  #isStopped = false;

  constructor(
    environment: Environment,
    settings: UploaderSettings & { readonly mayStream: boolean },
    store: Store,
    buffer: WriteBuffer,
    tokens: Tokens,
    onStatus: () => void,
  ) {
    this.#store = store;
    this.#onStatus = onStatus;
    // With TLS it is HTTP/2, which has connections for all.
    const turns = settings.server.startsWith("http:") ? new Turns(environment) : undefined;
    for (const entity of store.entities) {
      const table = new SyncedTable(store, entity);
      const heard = (status: StreamStatus) => this.#heard(status);
      const follower = new ShapeFollower(
        environment,
        settings.server,
        tokens,
        turns,
        settings.mayStream,
        table,
        heard,
      );
      this.#streams.set(entity.name, follower);
    }
    this.#cleanup = new Cleanup(environment, this.#streams);
    this.#uploader = new Uploader(environment, settings, buffer, tokens, {
      onStatus,
      onApplied: (entities) => this.#cleanup.expect(entities),
    });
  }

  start(): void {
    void this.#startStreams();
    this.#uploader.start();
    // What was applied before the last end and not shown is awaited still.
    this.#cleanup.expect(this.#streams.keys());
  }

  /** A copy that was up to date before keeps no other waiting. */
  async #startStreams(): Promise<void> {
    for (const [entity, { table }] of this.#streams) {
      // One that cannot be read now waits like one that is new.
      const shown = await table.shown().catch(() => undefined);
      if (shown?.upToDateAt !== undefined) this.#ready.add(entity);
    }
    if (!this.#isStopped) this.#startNext();
  }

  /** Streams of the lowest priority first; the next when those have been up to date once. */
  #startNext(): void {
    const waiting = this.#store.entities.filter(({ name }) => !this.#ready.has(name));
    const first = Math.min(...waiting.map(({ priority }) => priority));
    const due = this.#store.entities.filter(({ priority }) => priority <= first);
    for (const { name } of due) this.#streams.get(name)?.start();
  }

  #heard(status: StreamStatus): void {
    const isSettled = status.phase === "live" || status.phase === "refused";
    if (isSettled && !this.#ready.has(status.entity)) {
      this.#ready.add(status.entity);
      this.#startNext();
    }
    this.#onStatus();
  }

  get streams(): readonly StreamStatus[] {
    return [...this.#streams.values()].map(({ status }) => status);
  }

  get upload(): UploadStatus {
    return this.#uploader.status;
  }

  enqueued(): void {
    this.#uploader.enqueued();
  }

  flush(): void {
    this.#uploader.flush();
  }

  /** The network, or the user, is back. */
  reconnect(): void {
    for (const stream of this.#streams.values()) stream.reconnect();
    this.#uploader.reconnect();
  }

  /** Looks at once for what an entity's stream has not shown. */
  nudge(entity: string): void {
    this.#streams.get(entity)?.nudge();
  }

  /** The device slept, or the page was frozen: open connections may be dead without knowing it. */
  refresh(): void {
    this.reconnect();
    for (const stream of this.#streams.values()) stream.nudge();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cleanup.stop();
    for (const stream of this.#streams.values()) stream.stop();
    this.#uploader.stop();
  }
}
