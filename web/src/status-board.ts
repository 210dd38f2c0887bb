import type { AnyEntity } from "./entity.js";
import { reasonOf } from "./errors.js";
import { tellAll } from "./listeners.js";
import type { Session } from "./session/session.js";
import type { LeaderStatus } from "./session/tab-channel.js";
import { WakeUp } from "./session/wake-up.js";
import type { StreamPosition } from "./store/stream-position.js";
import { type SyncStatus, syncStatus } from "./sync-status.js";
import type { WriteBufferStats } from "./write-buffer/write-buffer.js";

const NOTHING: WriteBufferStats = { pending: 0, syncing: 0, errors: 0 };

/** Counting goes through the store's queue as writes do: not for each of them. */
const COUNT_MS = 30;

/** What is known beside what is counted. */
export interface Situation {
  readonly session: Session;
  readonly leader: LeaderStatus;
  readonly isLeader: boolean;
  readonly isSwitchedOff: boolean;
  readonly isOutdated: boolean;
  readonly isClosed: boolean;
}

/** How syncing is, put together anew when something of it may have changed, and who listens to it. */
export class StatusBoard {
  readonly #look: () => Situation;
  readonly #listeners = new Set<() => void>();
  readonly #queueListeners = new Set<() => void>();
  #stats = NOTHING;
  #conflicts = 0;
  #positions: readonly StreamPosition[] = [];
  #isCounting = false;
  #isCountDue = false;
  #storage: string | undefined;
  /** Why what waits cannot be counted. */
  #unreadable: string | undefined;
  #status: SyncStatus;

  constructor(look: () => Situation) {
    this.#look = look;
    this.#status = this.#now();
  }

  /** The same object as long as nothing of it has changed. */
  get status(): SyncStatus {
    return this.#status;
  }

  /** Calls a listener when the status has changed. Gives what ends it. */
  onStatus(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls a listener when what waits, was rejected, or met others may have changed. Gives what ends it. */
  onQueue(listener: () => void): () => void {
    this.#queueListeners.add(listener);
    return () => this.#queueListeners.delete(listener);
  }

  #now(): SyncStatus {
    const { session, leader, isLeader, isSwitchedOff, isOutdated } = this.#look();
    return syncStatus({
      ...leader,
      user: session.user,
      isLeader,
      isSwitchedOff,
      hasNetwork: WakeUp.hasNetwork(),
      writes: this.#stats,
      isCounting: this.#isCounting || this.#isCountDue,
      conflicts: this.#conflicts,
      lastUpToDate: lastUpToDate(session.store.entities, this.#positions),
      storage: this.#storage ?? this.#unreadable,
      outdated: isOutdated,
    });
  }

  /** Tells who listens if something has changed. */
  report(): void {
    const status = this.#now();
    if (JSON.stringify(status) === JSON.stringify(this.#status)) return;
    this.#status = status;
    tellAll(this.#listeners);
  }

  /** Counts what waits, once for several changes in a row. */
  countSoon(): void {
    this.#isCountDue = true;
    if (this.#isCounting) return;
    this.#isCounting = true;
    void this.#count();
  }

  async #count(): Promise<void> {
    try {
      while (this.#isCountDue && !this.#look().isClosed) {
        this.#isCountDue = false;
        await new Promise((resolve) => setTimeout(resolve, COUNT_MS));
        const { buffer, store } = this.#look().session;
        try {
          const stats = await buffer.stats();
          const [conflicts, positions] = await store.read((tx) =>
            Promise.all([tx.conflicts.count(), tx.stream.toArray()]),
          );
          if (store !== this.#look().session.store) continue;
          this.#stats = stats;
          this.#conflicts = conflicts;
          this.#positions = positions;
          this.#unreadable = undefined;
        } catch (error) {
          if (store === this.#look().session.store && store.isOpen) this.#unreadable = reasonOf(error);
        }
        tellAll(this.#queueListeners);
      }
    } finally {
      this.#isCounting = false;
      this.report();
    }
  }

  /** Notes whether the device stores what it is given. */
  refused(error: unknown): void {
    const isQuota = error !== undefined && isQuotaError(error);
    const storage = isQuota
      ? "the browser has no room left for this page: make some, then write again"
      : undefined;
    if (storage === this.#storage || (error !== undefined && !isQuota)) return;
    this.#storage = storage;
    this.report();
  }

  /** Notes that the device's stores cannot be read. */
  unreadable(error: unknown): void {
    this.#unreadable = reasonOf(error);
    this.report();
  }

  /** What was counted is of another session: nothing of it is shown from now on. */
  forget(): void {
    this.#stats = NOTHING;
    this.#conflicts = 0;
    this.#positions = [];
    this.#unreadable = undefined;
    tellAll(this.#queueListeners);
  }

  close(): void {
    this.#listeners.clear();
    this.#queueListeners.clear();
  }
}

/** The oldest of the entities' last up-to-dates, as stored; undefined as long as one has never been. */
function lastUpToDate(
  entities: readonly AnyEntity[],
  positions: readonly StreamPosition[],
): number | undefined {
  const shown = positions.filter(({ slot }) => slot === "synced");
  const times = entities.map(({ name }) => shown.find(({ entity }) => entity === name)?.upToDateAt);
  return times.length === 0 || times.includes(undefined) ? undefined : Math.min(...(times as number[]));
}

function isQuotaError(error: unknown): boolean {
  const { name, inner } = error as { readonly name?: string; readonly inner?: unknown };
  return /quota/i.test(`${name} ${reasonOf(error)}`) || (inner instanceof Error && isQuotaError(inner));
}
