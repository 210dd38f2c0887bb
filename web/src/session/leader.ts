import type { Connection } from "./connection.js";
import { Leadership } from "./leadership.js";
import type { LeaderStatus } from "./tab-channel.js";
import { WakeUp } from "./wake-up.js";

/** A leader is asked every ten seconds; after its third silence another leads. */
const SILENT_LEADER_MS = 35_000;

const STOPPED: LeaderStatus = { streams: [], upload: { phase: "stopped" }, isHidden: false };

/** What leading asks of a tab. */
export interface Tab {
  /** A connection for who is signed in; undefined if there is none to be made. */
  connection(onStatus: () => void): Connection | undefined;
  /** It leads, and its connection has been made anew. */
  onLead(): void;
  /** What is known of the leader has changed; `isOwn` if this tab is it, and tells the others. */
  onStatus(isOwn: boolean): void;
  /** Asks who leads for a sign of life. */
  hello(): void;
}

/** Who leads, as a tab sees it: this one, with a connection to the server, or another, with what it tells. */
export class Leader {
  readonly #tab: Tab;
  readonly #leadership: Leadership;
  #connection: Connection | undefined;
  #status = STOPPED;
  #heardAt = Date.now();
  #isClosed = false;

  constructor(name: string, tab: Tab) {
    this.#tab = tab;
    this.#leadership = new Leadership(name, () => this.renew());
  }

  get isThisTab(): boolean {
    return this.#leadership.isLeader;
  }

  /** Of this tab, while it leads. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  get status(): LeaderStatus {
    return this.#status;
  }

  /** Wants to lead, as soon as nobody does. */
  seek(): void {
    if (!this.#isClosed) this.#leadership.seek();
  }

  /** Another tab, which is in sight, wants to lead. */
  yieldIfHidden(): void {
    if (this.isThisTab && WakeUp.isHidden()) this.#leadership.yield();
  }

  /** Who leads has told how it is. */
  heard(status: LeaderStatus): void {
    this.#status = status;
    this.#tab.onStatus(false);
  }

  /** Somebody leads, of whichever session; or this tab slept, and has heard nobody. */
  stirred(): void {
    this.#heardAt = Date.now();
  }

  /** A leader answers at once, unless it is suspended: then this tab, which is in sight, leads. */
  look(): void {
    if (this.isThisTab || this.#isClosed) return;
    if (Date.now() - this.#heardAt > SILENT_LEADER_MS) this.#leadership.steal();
    else this.#tab.hello();
  }

  /** Who leads, or how, may have changed. */
  renew(): void {
    if (this.#isClosed || !this.isThisTab) {
      this.disconnect();
    } else {
      this.connect();
      this.#tab.onLead();
    }
    this.#tab.onStatus(false);
  }

  /** Makes the connection anew, if this tab leads. */
  connect(): void {
    this.disconnect();
    if (!this.isThisTab) return;
    this.#connection = this.#tab.connection(() => this.tell());
    if (this.#connection === undefined) return;
    this.#connection.start();
    this.tell();
  }

  disconnect(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.stop();
    if (this.isThisTab) this.tell();
  }

  /** What was told is of another session. */
  forget(): void {
    this.#status = STOPPED;
  }

  /** Tells all tabs how it is. */
  tell(): void {
    const { streams, upload } = this.#connection ?? STOPPED;
    this.#status = { streams, upload, isHidden: WakeUp.isHidden() };
    this.#tab.onStatus(true);
  }

  /** Leads no more, and does not want to. */
  close(): void {
    this.#isClosed = true;
    this.#leadership.close();
  }
}
