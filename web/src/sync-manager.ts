import { backoff } from "./backoff.js";
import type { ClientSettings } from "./client-settings.js";
import { type AnyEntity, type RowOf, requireKnown, type Values } from "./entity.js";
import { browserEnvironment, type Environment } from "./environment.js";
import { SyncClientError } from "./errors.js";
import { LiveQuery } from "./query/live-query.js";
import { MergedView } from "./query/merged-view.js";
import type { Query } from "./query/query.js";
import { Rows } from "./rows/rows.js";
import { Connection } from "./session/connection.js";
import { Device } from "./session/device.js";
import type { GuestData } from "./session/guest-move.js";
import { adoptAfterCrash, deleteGone, signInGuest } from "./session/guest-sign-in.js";
import { Leader } from "./session/leader.js";
import { Leadership } from "./session/leadership.js";
import { type Session, storeOf, withSessionLock } from "./session/session.js";
import { type SessionMessage, TabChannel, type TabMessage } from "./session/tab-channel.js";
import { Tokens } from "./session/tokens.js";
import { WakeUp } from "./session/wake-up.js";
import { StatusBoard } from "./status-board.js";
import { Store, StoreClosed } from "./store/store.js";
import type { Op } from "./store/stored.js";
import type { Touched, Tx } from "./store/tx.js";
import type { SyncStatus } from "./sync-status.js";
import { findLostEnds } from "./write-buffer/lost-ends.js";
import { DEFAULT_LIMITS } from "./write-buffer/next-batch.js";
import { WriteBuffer } from "./write-buffer/write-buffer.js";
import { type WriteHandle, WriteHandles } from "./write-buffer/write-handle.js";
import { type Together, Writes } from "./writes.js";

/**
 * The one owner of an application's data in a browser: its stores, its streams and its writes; one in each tab, of
 * which one leads. Guest at first, and again after a sign-out; who was signed in when the page was left is signed in
 * when it is loaded, with or without network.
 */
export class SyncManager {
  readonly #settings: ClientSettings & { readonly name: string; readonly server: string };
  readonly #environment: Environment;
  readonly #device: Device;
  readonly #leader: Leader;
  readonly #channel: TabChannel;
  readonly #wakeUp: WakeUp;
  readonly #handles = new WriteHandles();
  readonly #views = new Map<string, MergedView>();
  readonly #writes: Writes;
  readonly #board: StatusBoard;
  #session: Session;
  #isOutdated = false;
  #isClosed = false;
  /** Whether syncing was switched on when it was last looked. */
  #isConnected = true;
  #follows = 0;
  /** The last change of who is signed in, of several one after another. */
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(
    settings: ClientSettings & { readonly name: string; readonly server: string },
    environment: Environment,
    device: Device,
    openSession: (manager: SyncManager) => Session,
  ) {
    this.#settings = settings;
    this.#environment = environment;
    this.#device = device;
    this.#channel = new TabChannel(settings.name, (message) => this.#heard(message));
    this.#leader = new Leader(`${settings.name}:lead`, {
      connection: (onStatus) => this.#newConnection(onStatus),
      onLead: () => this.#lookForHandles(),
      onStatus: (isOwn) => {
        if (isOwn) this.#tellStatus();
        this.#board.report();
      },
      hello: () => this.#channel.post({ kind: "hello" }),
    });
    this.#wakeUp = new WakeUp(
      () => this.#wokeUp(),
      () => this.#board.report(),
      () => this.#leader.look(),
    );
    this.#session = openSession(this);
    this.#writes = new Writes(
      environment,
      settings.entities,
      this.#handles,
      () => this.#session,
      (work) => this.#inStore(work),
    );
    this.#board = new StatusBoard(() => ({
      session: this.#session,
      leader: this.#leader.status,
      isLeader: this.#leader.isThisTab,
      isSwitchedOff: this.#device.isSwitchedOff,
      isOutdated: this.#isOutdated,
      isClosed: this.#isClosed,
    }));
  }

  /**
   * Opens what the browser has of the application, and shows it. Syncing begins by itself for who is signed in.
   *
   * @throws SyncClientError with `store-too-new` if a newer version has written it, with `insecure-context` if the
   *     browser offers no locks
   */
  static async open(given: ClientSettings): Promise<SyncManager> {
    const settings = {
      ...given,
      name: given.name ?? "millrace",
      server: (given.server ?? globalThis.location?.origin ?? "").replace(/\/$/, ""),
    };
    requireDistinct(settings.entities);
    Leadership.requireLocks();
    const environment = { ...browserEnvironment(), ...given.environment };
    const device = await Device.open(settings.name, environment);
    try {
      const manager = await withSessionLock(settings.name, async () => {
        let outdated = () => {};
        const openStore = (name: string) => Store.open(name, settings.entities, () => outdated());
        const hasAdopted = await adoptAfterCrash(device, openStore, environment);
        const store = await openStore(storeOf(device));
        // It hears other tabs from here on, and none can change who is signed in before.
        const made = new SyncManager(settings, environment, device, (one) => one.#sessionOf(store));
        outdated = () => made.#outdated();
        if (hasAdopted) made.#channel.post({ kind: "device" });
        return made;
      });
      manager.#begin();
      return manager;
    } catch (error) {
      device.close();
      throw error;
    }
  }

  #begin(): void {
    this.#channel.post({ kind: "hello" });
    this.#leader.seek();
    this.#board.countSoon();
  }

  #sessionOf(store: Store): Session {
    const { user } = this.#device;
    if (store.hasMigrated) this.#channel.post({ kind: "migrated", store: store.name });
    store.onTouched((touched) => this.#touched(store, touched));
    const buffer = new WriteBuffer(store, this.#environment, {
      onEnqueued: () => {
        this.#leader.connection?.enqueued();
        if (!this.#leader.isThisTab) this.#channel.post({ kind: "enqueued", store: store.name });
        this.#board.countSoon();
      },
      onTold: (states) => {
        for (const { id, state } of states) this.#handles.tell(id, state);
        this.#channel.post({ kind: "told", store: store.name, states });
        this.#board.countSoon();
      },
    });
    return { user, owner: user ?? this.#device.guestId, store, buffer };
  }

  // --- what tabs hear

  #touched(store: Store, touched: Touched): void {
    for (const [entity, keys] of touched) {
      if (store === this.#session.store) this.#views.get(entity)?.touched(keys);
      this.#channel.post({
        kind: "touched",
        store: store.name,
        entity,
        keys: keys === "all" ? keys : [...keys],
      });
    }
    this.#board.countSoon();
  }

  #heard(message: TabMessage): void {
    if (this.#isClosed) return;
    if (message.kind === "status") this.#leader.stirred();
    switch (message.kind) {
      case "device":
        void this.#follow().catch(() => {});
        return;
      case "hello":
        if (this.#leader.isThisTab) this.#leader.tell();
        return;
      case "in-sight":
        this.#leader.yieldIfHidden();
        return;
      default:
        if (message.store === this.#session.store.name) this.#heardOfSession(message);
    }
  }

  #heardOfSession(message: SessionMessage): void {
    switch (message.kind) {
      case "touched":
        this.#views.get(message.entity)?.touched(message.keys === "all" ? "all" : new Set(message.keys));
        this.#board.countSoon();
        return;
      case "told":
        for (const { id, state } of message.states) this.#handles.tell(id, state);
        this.#board.countSoon();
        return;
      case "enqueued":
        this.#leader.connection?.enqueued();
        this.#board.countSoon();
        return;
      case "flush":
        this.#leader.connection?.flush();
        return;
      case "reconnect":
        this.#leader.connection?.reconnect();
        return;
      case "nudge":
        this.#leader.connection?.nudge(message.entity);
        return;
      case "migrated":
        this.#outdated();
        return;
      case "status":
        if (this.#leader.isThisTab) return;
        this.#leader.heard(message.status);
        if (message.status.isHidden && !WakeUp.isHidden()) this.#channel.post({ kind: "in-sight" });
        return;
    }
  }

  #wokeUp(): void {
    this.#leader.stirred(); // It slept, too.
    for (const view of this.#views.values()) view.touched("all"); // News of other tabs may be lost.
    void this.#follow().catch(() => {});
    this.#board.countSoon();
    this.#lookForHandles();
    this.#leader.connection?.refresh();
    if (!this.#leader.isThisTab) {
      this.#channel.post({ kind: "hello" });
      if (!WakeUp.isHidden()) this.#channel.post({ kind: "in-sight" });
    }
  }

  #outdated(): void {
    this.#isOutdated = true;
    this.#leader.close();
    this.#board.report();
  }

  // --- who leads, and what it does

  #lookForHandles(): void {
    const { user, store } = this.#session;
    // Else they are looked for at the next occasion.
    if (user !== undefined) void findLostEnds(store, this.#handles).catch(() => {});
  }

  #newConnection(onStatus: () => void): Connection | undefined {
    this.#isConnected = !this.#device.isSwitchedOff;
    const { user, store, buffer } = this.#session;
    const { tokens } = this.#settings;
    if (user === undefined || tokens === undefined || this.#device.isSwitchedOff) return undefined;
    return new Connection(
      this.#environment,
      {
        server: this.#settings.server,
        clientId: this.#device.clientId,
        schemaVersion: this.#settings.schemaVersion ?? 1,
        limits: this.#settings.limits ?? DEFAULT_LIMITS,
        flushInterval: this.#settings.flushInterval ?? 5_000,
        mayStream: this.#settings.mayStream ?? true,
      },
      store,
      buffer,
      new Tokens(tokens, user),
      onStatus,
    );
  }

  #tellStatus(): void {
    this.#channel.post({ kind: "status", store: this.#session.store.name, status: this.#leader.status });
  }

  // --- status

  /** The same object as long as nothing of it has changed. */
  get status(): SyncStatus {
    return this.#board.status;
  }

  /** Calls a listener when the status has changed. Gives what ends it. */
  onStatus(listener: () => void): () => void {
    return this.#board.onStatus(listener);
  }

  /** Calls a listener when what waits, was rejected, or met others may have changed. Gives what ends it. */
  onQueue(listener: () => void): () => void {
    return this.#board.onQueue(listener);
  }

  // --- rows

  /** The rows of an entity of the settings. */
  rows<E extends AnyEntity>(entity: E): Rows<E> {
    requireKnown(this.#settings.entities, entity);
    return new Rows(this, entity);
  }

  /** For the four parts of an entity's rows. */
  view(entity: AnyEntity): MergedView {
    requireKnown(this.#settings.entities, entity);
    let view = this.#views.get(entity.name);
    if (view === undefined) {
      view = new MergedView(entity, this.#session.store);
      this.#views.set(entity.name, view);
    }
    return view;
  }

  /** For the four parts of an entity's rows. */
  live<E extends AnyEntity>(entity: E, query: Query<RowOf<E>>): LiveQuery<RowOf<E>> {
    return new LiveQuery(this.view(entity), query);
  }

  /** For the four parts of an entity's rows. */
  unshown(entity: AnyEntity): Promise<number> {
    return this.#session.store.read((tx) => tx.overlay.where("entity").equals(entity.name).count());
  }

  /** For the four parts of an entity's rows. */
  nudge(entity: AnyEntity): void {
    this.#leader.connection?.nudge(entity.name);
    this.#channel.post({ kind: "nudge", store: this.#session.store.name, entity: entity.name });
  }

  /** For the four parts of an entity's rows. */
  write(entity: AnyEntity, op: Op, values: Values): Promise<WriteHandle> {
    return this.#writes.write(entity, op, values);
  }

  /**
   * Makes several writes at once: all are stored and shown when this returns, and the server applies all of them or
   * none. They are noted while `work` runs, which may take its time and reads nothing of them, and made when it has
   * ended; if it throws, none is made. 1000 writes at most.
   */
  together<T>(work: (together: Together) => T | Promise<T>): Promise<T> {
    return this.#writes.together(work);
  }

  /** Writes for who is signed in, also if that changes meanwhile. */
  async #inStore<T>(work: (session: Session, tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      await this.#changing.catch(() => {});
      this.#requireOpen();
      const session = this.#session;
      try {
        const result = await session.store.write((tx) => work(session, tx));
        this.#board.refused(undefined);
        await this.#shown();
        return result;
      } catch (error) {
        // Another tab has signed somebody in or out: what is written belongs to whom is signed in now.
        const hasMoved = error instanceof StoreClosed || !session.store.isOpen;
        if (!hasMoved || attempt === MOST_MOVES) {
          this.#board.refused(error);
          throw error;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, attempt * 20));
      await this.#follow().catch(() => {});
    }
  }

  /** Fulfilled when what is stored is shown; what cannot be read now is shown later. */
  async #shown(): Promise<void> {
    const watched = [...this.#views.values()].filter((view) => view.isWatched);
    await Promise.all(watched.map((view) => view.refreshed()));
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new SyncClientError("closed", "The SyncManager is closed");
    if (this.#isOutdated)
      throw new SyncClientError("closed", "A newer version runs in another tab: load this page again");
  }

  /** The queue of the user's changes: dead letters, conflicts, what waits. Good until a sign-in. */
  get writeBuffer(): WriteBuffer {
    return this.#session.buffer;
  }

  // --- who is signed in

  /** Who is signed in; undefined for a guest. */
  get user(): string | undefined {
    return this.#session.user;
  }

  /**
   * Signs a user in; needs no network. Tokens come from the settings, and tokens of another user are refused.
   *
   * @param user the `sub` of the tokens
   * @returns what the guest wrote, a JSON object on each line, if it is discarded; else nothing. It stays on the
   *     device until {@link forgetGuestExport}
   * @throws SyncClientError with `no-user` if the settings have no `tokens`
   */
  signIn(user: string, guestData: GuestData): Promise<string | undefined> {
    if (this.#settings.tokens === undefined)
      throw new SyncClientError("no-user", "The settings say no tokens");
    return this.#change(async () => {
      if (this.#device.user === user) return this.#device.exported;
      if (this.#device.user !== undefined) await this.#device.signedIn(user);
      else {
        await signInGuest(
          this.#device,
          this.#session.store,
          user,
          guestData,
          (name) => this.#openStore(name),
          this.#environment,
        );
      }
      return guestData === "discard" ? this.#device.exported : undefined;
    });
  }

  /** What a guest wrote that was discarded at a sign-in, until {@link forgetGuestExport}. */
  get guestExport(): string | undefined {
    return this.#device.exported;
  }

  /** It is kept elsewhere. */
  forgetGuestExport(): Promise<void> {
    return this.#device.forgetExport();
  }

  /** Signs the user out; what waits to be sent waits for the next sign-in of the same user. */
  async signOut(): Promise<void> {
    await this.#change(async () => {
      if (this.#device.user !== undefined) await this.#device.signedOut();
    });
  }

  /** Changes who is signed in, one change at a time in all tabs. */
  #change<T>(step: () => Promise<T>): Promise<T> {
    const change = this.#changing
      .catch(() => {})
      .then(() =>
        withSessionLock(this.#settings.name, async () => {
          this.#requireOpen();
          await this.#device.refresh();
          await this.#switchSession();
          const result = await step();
          await this.#switchSession();
          this.#channel.post({ kind: "device" });
          return result;
        }),
      );
    this.#changing = change;
    return change;
  }

  /** Follows what another tab has changed; tried again if that fails. */
  #follow(): Promise<void> {
    const change = this.#changing
      .catch(() => {})
      .then(() =>
        withSessionLock(this.#settings.name, async () => {
          if (this.#isClosed || this.#isOutdated) return;
          await this.#device.refresh();
          await this.#switchSession();
          if (this.#isConnected !== !this.#device.isSwitchedOff) this.#leader.renew();
        }),
      );
    this.#changing = change;
    change.then(
      () => {
        this.#follows = 0;
      },
      (error: unknown) => {
        this.#board.unreadable(error);
        setTimeout(() => void this.#follow().catch(() => {}), backoff(Math.random, ++this.#follows));
      },
    );
    return change;
  }

  async #switchSession(): Promise<void> {
    const before = this.#session;
    const name = storeOf(this.#device);
    if (name === before.store.name && before.store.isOpen) return;
    // Whatever becomes of the next one: nothing more of the last is shown, sent or written.
    this.#leader.disconnect();
    before.store.close();
    for (const view of this.#views.values()) view.rebind(undefined);
    const store = await this.#openStore(name);
    this.#session = this.#sessionOf(store);
    this.#leader.forget();
    for (const view of this.#views.values()) view.rebind(store);
    this.#board.forget();
    if (before.user === undefined && before.store.name !== this.#device.guestStore) {
      this.#deleteSoon(before.store.name);
    }
    this.#leader.connect();
    this.#board.countSoon();
    this.#board.report();
  }

  /** Once who is signed in has changed: nobody reads it any more, and one tab at a time looks whether it can go. */
  #deleteSoon(guestStore: string): void {
    void withSessionLock(this.#settings.name, () =>
      deleteGone(guestStore, (name) => this.#openStore(name)),
    ).catch(() => {}); // It stays, unread.
  }

  #openStore(name: string): Promise<Store> {
    return Store.open(name, this.#settings.entities, () => this.#outdated());
  }

  // --- what an application asks for

  /** Sends what waits, without waiting for more. */
  flush(): void {
    this.#leader.connection?.flush();
    this.#channel.post({ kind: "flush", store: this.#session.store.name });
  }

  /** The network is back: tries at once what else would wait. */
  reconnect(): void {
    this.#leader.connection?.reconnect();
    this.#channel.post({ kind: "reconnect", store: this.#session.store.name });
  }

  /** Switches syncing off, or on again, in all tabs, until it is switched again. */
  async setOffline(isSwitchedOff: boolean): Promise<void> {
    await this.#device.switchOff(isSwitchedOff);
    this.#channel.post({ kind: "device" });
    this.#leader.renew();
  }

  /**
   * Waits until every entity has all there is, and nothing waits to be sent, or the time is over.
   *
   * @returns whether that is so
   */
  async awaitSynced(millis: number): Promise<boolean> {
    if (this.status.isSynced) return true;
    return new Promise((resolve) => {
      const end = this.onStatus(() => {
        if (this.status.isSynced) finish(true);
      });
      const timer = setTimeout(() => finish(false), millis);
      const finish = (isSynced: boolean) => {
        end();
        clearTimeout(timer);
        resolve(isSynced);
      };
    });
  }

  /** What there is to know when something goes wrong, for a report: it has no values of rows and no tokens. */
  async dump(): Promise<string> {
    const { store, owner: _, ...session } = this.#session;
    const counts = await store.read(async (tx) => ({
      overlay: await tx.overlay.count(),
      buffer: await tx.buffer.toArray(),
      stream: await tx.stream.toArray(),
      rows: await Promise.all(store.entities.map(async (one) => [one.name, await tx.synced(one).count()])),
    }));
    const queue = counts.buffer.map(({ base: __, key: ___, error: ____, ...rest }) => rest);
    const told = { store: store.name, user: session.user, status: this.status, ...counts, buffer: queue };
    return JSON.stringify(told, (_name, value) => (typeof value === "bigint" ? String(value) : value), 2);
  }

  /** Stops syncing and lets go of the data; what waits to be sent waits for the next time. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#wakeUp.close();
    this.#leader.disconnect();
    this.#leader.close();
    await this.#changing.catch(() => {});
    this.#channel.close();
    this.#session.store.close();
    this.#device.close();
    this.#board.close();
  }
}

/** How often a write follows who is signed in, 20 ms later each time. */
const MOST_MOVES = 50;

function requireDistinct(entities: readonly AnyEntity[]): void {
  const names = entities.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new TypeError(`Two entities are called ${twice}`);
}
