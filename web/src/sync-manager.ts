import { backoff } from "./backoff.js";
import type { ClientSettings } from "./client-settings.js";
import {
  type AnyEntity,
  columnOf,
  type InsertOf,
  type KeyOf,
  type RowOf,
  type UpdateOf,
  type Values,
} from "./entity.js";
import { browserEnvironment, type Environment } from "./environment.js";
import { reasonOf, SyncClientError } from "./errors.js";
import { tellAll } from "./listeners.js";
import { LiveQuery } from "./query/live-query.js";
import { MergedView } from "./query/merged-view.js";
import type { Query } from "./query/query.js";
import { Rows } from "./rows/rows.js";
import { Connection } from "./session/connection.js";
import { Device } from "./session/device.js";
import { adopt, canOwn, exportGuest, type GuestData } from "./session/guest-move.js";
import { Leadership } from "./session/leadership.js";
import {
  type LeaderStatus,
  type SessionMessage,
  TabChannel,
  type TabMessage,
} from "./session/tab-channel.js";
import { Tokens } from "./session/tokens.js";
import { WakeUp } from "./session/wake-up.js";
import { type LocalChange, localChange } from "./store/local-change.js";
import { Store, StoreClosed } from "./store/store.js";
import type { Op } from "./store/stored.js";
import type { StreamPosition } from "./store/stream-position.js";
import type { Touched, Tx } from "./store/tx.js";
import { type SyncStatus, syncStatus } from "./sync-status.js";
import { DEFAULT_LIMITS } from "./write-buffer/next-batch.js";
import { WriteBuffer, type WriteBufferStats } from "./write-buffer/write-buffer.js";
import { type WriteHandle, WriteHandles } from "./write-buffer/write-handle.js";

/** What a server takes at once. */
const MOST_TOGETHER = 1_000;
const NOTHING: WriteBufferStats = { pending: 0, syncing: 0, errors: 0 };
const STOPPED: LeaderStatus = { streams: [], upload: { phase: "stopped" }, isHidden: false };

/** Writes that belong together; each throws a `TypeError` if a value does not fit its column. */
export interface Together {
  create<E extends AnyEntity>(entity: E, row: InsertOf<E>): WriteHandle;
  update<E extends AnyEntity>(entity: E, changed: UpdateOf<E>): WriteHandle;
  delete<E extends AnyEntity>(entity: E, key: KeyOf<E>): WriteHandle;
}

/** A write that somebody asks for. */
interface Wish {
  readonly id: string;
  readonly entity: AnyEntity;
  readonly op: Op;
  readonly values: Values;
}

/** Whose rows are read and written now. */
interface Session {
  readonly user: string | undefined;
  /** What new rows have as their owner: the user's id, or the guest's. */
  readonly owner: string;
  readonly store: Store;
  readonly buffer: WriteBuffer;
}

/**
 * The one owner of an application's data in a browser: its stores, its streams and its writes; one in each tab, of
 * which one leads. Guest at first, and again after a sign-out; who was signed in when the page was left is signed in
 * when it is loaded, with or without network.
 */
export class SyncManager {
  readonly #settings: ClientSettings & { readonly name: string; readonly server: string };
  readonly #environment: Environment;
  readonly #device: Device;
  readonly #leadership: Leadership;
  readonly #channel: TabChannel;
  readonly #wakeUp: WakeUp;
  readonly #handles = new WriteHandles();
  readonly #views = new Map<string, MergedView>();
  readonly #listeners = new Set<() => void>();
  readonly #queueListeners = new Set<() => void>();
  #session: Session;
  #connection: Connection | undefined;
  #ofLeader: LeaderStatus = STOPPED;
  #stats: WriteBufferStats = NOTHING;
  #conflicts = 0;
  #positions: readonly StreamPosition[] = [];
  #isCounting = false;
  #isCountDue = false;
  #storage: string | undefined;
  /** Why what waits cannot be counted. */
  #unreadable: string | undefined;
  #isOutdated = false;
  #isClosed = false;
  #status: SyncStatus;
  /** Whether syncing was switched on when it was last looked. */
  #isConnected = true;
  #heardOfLeader = Date.now();
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
    this.#leadership = new Leadership(`${settings.name}:lead`, () => this.#led());
    this.#wakeUp = new WakeUp(
      () => this.#wokeUp(),
      () => this.#report(),
      () => this.#lookForLeader(),
    );
    this.#session = openSession(this);
    this.#status = this.#now();
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
    this.#leadership.seek();
    this.#countSoon();
  }

  #sessionOf(store: Store): Session {
    const { user } = this.#device;
    if (store.hasMigrated) this.#channel.post({ kind: "migrated", store: store.name });
    store.onTouched((touched) => this.#touched(store, touched));
    const buffer = new WriteBuffer(store, this.#environment, {
      onEnqueued: () => {
        this.#connection?.enqueued();
        if (!this.#leadership.isLeader) this.#channel.post({ kind: "enqueued", store: store.name });
        this.#countSoon();
      },
      onTold: (states) => {
        for (const { id, state } of states) this.#handles.tell(id, state);
        this.#channel.post({ kind: "told", store: store.name, states });
        this.#countSoon();
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
    this.#countSoon();
  }

  #heard(message: TabMessage): void {
    if (this.#isClosed) return;
    if (message.kind === "status") this.#heardOfLeader = Date.now();
    switch (message.kind) {
      case "device":
        void this.#follow().catch(() => {});
        return;
      case "hello":
        if (this.#leadership.isLeader) this.#tellStatus();
        return;
      case "in-sight":
        if (this.#leadership.isLeader && WakeUp.isHidden()) this.#leadership.yield();
        return;
      default:
        if (message.store === this.#session.store.name) this.#heardOfSession(message);
    }
  }

  #heardOfSession(message: SessionMessage): void {
    switch (message.kind) {
      case "touched":
        this.#views.get(message.entity)?.touched(message.keys === "all" ? "all" : new Set(message.keys));
        this.#countSoon();
        return;
      case "told":
        for (const { id, state } of message.states) this.#handles.tell(id, state);
        this.#countSoon();
        return;
      case "enqueued":
        this.#connection?.enqueued();
        this.#countSoon();
        return;
      case "flush":
        this.#connection?.flush();
        return;
      case "reconnect":
        this.#connection?.reconnect();
        return;
      case "nudge":
        this.#connection?.nudge(message.entity);
        return;
      case "migrated":
        this.#outdated();
        return;
      case "status":
        if (this.#leadership.isLeader) return;
        this.#ofLeader = message.status;
        this.#report();
        if (message.status.isHidden && !WakeUp.isHidden()) this.#channel.post({ kind: "in-sight" });
        return;
    }
  }

  #wokeUp(): void {
    this.#heardOfLeader = Date.now(); // It slept, too.
    for (const view of this.#views.values()) view.touched("all"); // News of other tabs may be lost.
    void this.#follow().catch(() => {});
    this.#countSoon();
    void this.#lookForHandles();
    this.#connection?.refresh();
    if (!this.#leadership.isLeader) {
      this.#channel.post({ kind: "hello" });
      if (!WakeUp.isHidden()) this.#channel.post({ kind: "in-sight" });
    }
  }

  /** A leader answers at once, unless it is suspended: then this tab, which is in sight, leads. */
  #lookForLeader(): void {
    if (this.#leadership.isLeader || this.#isOutdated || this.#isClosed) return;
    if (Date.now() - this.#heardOfLeader > SILENT_LEADER_MS) this.#leadership.steal();
    else this.#channel.post({ kind: "hello" });
  }

  #outdated(): void {
    this.#isOutdated = true;
    this.#leadership.close();
    this.#report();
  }

  // --- who leads, and what it does

  #led(): void {
    if (this.#isClosed || this.#isOutdated || !this.#leadership.isLeader) {
      this.#disconnect();
    } else {
      this.#connect();
      void this.#lookForHandles();
    }
    this.#report();
  }

  /** What became of writes of which nobody told this tab: the one that sent them may have ended before it could. */
  async #lookForHandles(): Promise<void> {
    const ids = this.#handles.unsettled;
    const { store } = this.#session;
    if (ids.length === 0 || this.#session.user === undefined) return;
    try {
      const [buffered, written] = await store.read((tx) =>
        Promise.all([
          tx.buffer.where("id").anyOf(ids).toArray(),
          tx.overlay.where("id").anyOf(ids).toArray(),
        ]),
      );
      const waiting = new Map(buffered.map((change) => [change.id, change]));
      const shown = new Map(written.map((change) => [change.id, change]));
      for (const id of ids) {
        const change = waiting.get(id);
        const isApplied = change === undefined && shown.get(id)?.lsn !== undefined;
        if (isApplied) this.#handles.tell(id, { kind: "confirmed" });
        if (change?.status === "error") {
          this.#handles.tell(id, { kind: "rejected", code: change.code ?? "", message: change.error ?? "" });
        }
      }
    } catch {
      // Looked for at the next occasion.
    }
  }

  #connect(): void {
    this.#disconnect();
    this.#isConnected = !this.#device.isSwitchedOff;
    const { user, store, buffer } = this.#session;
    const { tokens } = this.#settings;
    if (
      !this.#leadership.isLeader ||
      user === undefined ||
      tokens === undefined ||
      this.#device.isSwitchedOff
    )
      return;
    this.#connection = new Connection(
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
      () => this.#tellStatus(),
    );
    this.#connection.start();
    this.#tellStatus();
  }

  #disconnect(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.stop();
    if (this.#leadership.isLeader) this.#tellStatus();
  }

  #tellStatus(): void {
    const { streams, upload } = this.#connection ?? STOPPED;
    this.#ofLeader = { streams, upload, isHidden: WakeUp.isHidden() };
    this.#channel.post({ kind: "status", store: this.#session.store.name, status: this.#ofLeader });
    this.#report();
  }

  // --- status

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
    return syncStatus({
      ...this.#ofLeader,
      user: this.#session.user,
      isLeader: this.#leadership.isLeader,
      isSwitchedOff: this.#device.isSwitchedOff,
      hasNetwork: WakeUp.hasNetwork(),
      writes: this.#stats,
      isCounting: this.#isCounting || this.#isCountDue,
      conflicts: this.#conflicts,
      lastUpToDate: lastUpToDate(this.#session.store.entities, this.#positions),
      storage: this.#storage ?? this.#unreadable,
      outdated: this.#isOutdated,
    });
  }

  #report(): void {
    const status = this.#now();
    if (JSON.stringify(status) === JSON.stringify(this.#status)) return;
    this.#status = status;
    tellAll(this.#listeners);
  }

  /** Counts what waits, once for several changes in a row. */
  #countSoon(): void {
    this.#isCountDue = true;
    if (this.#isCounting) return;
    this.#isCounting = true;
    void this.#count();
  }

  async #count(): Promise<void> {
    try {
      while (this.#isCountDue && !this.#isClosed) {
        this.#isCountDue = false;
        await new Promise((resolve) => setTimeout(resolve, COUNT_MS));
        const { buffer, store } = this.#session;
        try {
          const stats = await buffer.stats();
          const [conflicts, positions] = await store.read((tx) =>
            Promise.all([tx.conflicts.count(), tx.stream.toArray()]),
          );
          if (store !== this.#session.store) continue;
          this.#stats = stats;
          this.#conflicts = conflicts;
          this.#positions = positions;
          this.#unreadable = undefined;
        } catch (error) {
          if (store === this.#session.store && store.isOpen) this.#unreadable = reasonOf(error);
        }
        tellAll(this.#queueListeners);
      }
    } finally {
      this.#isCounting = false;
      this.#report();
    }
  }

  // --- rows

  /** The rows of an entity of the settings. */
  rows<E extends AnyEntity>(entity: E): Rows<E> {
    this.#requireKnown(entity);
    return new Rows(this, entity);
  }

  #requireKnown(entity: AnyEntity): void {
    if (!this.#settings.entities.includes(entity))
      throw new TypeError(`${entity.name} is no entity of the settings`);
  }

  /** For the four parts of an entity's rows. */
  view(entity: AnyEntity): MergedView {
    this.#requireKnown(entity);
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
    this.#connection?.nudge(entity.name);
    this.#channel.post({ kind: "nudge", store: this.#session.store.name, entity: entity.name });
  }

  /** For the four parts of an entity's rows. */
  async write(entity: AnyEntity, op: Op, values: Values): Promise<WriteHandle> {
    const { wish, handle } = this.#wish(entity, op, values);
    await this.#writeAll([wish], undefined);
    return handle;
  }

  /**
   * Makes several writes at once: all are stored and shown when this returns, and the server applies all of them or
   * none. They are noted while `work` runs, which may take its time and reads nothing of them, and made when it has
   * ended; if it throws, none is made. 1000 writes at most.
   */
  async together<T>(work: (together: Together) => T | Promise<T>): Promise<T> {
    const wishes: Wish[] = [];
    let isOver = false;
    const note = (entity: AnyEntity, op: Op, values: Values): WriteHandle => {
      if (isOver) throw new Error("What these writes belong to has ended");
      if (wishes.length === MOST_TOGETHER) {
        throw new RangeError(`More than ${MOST_TOGETHER} writes cannot belong together`);
      }
      const { wish, handle } = this.#wish(entity, op, values);
      wishes.push(wish);
      return handle;
    };
    try {
      const result = await work({
        create: (entity, row) => note(entity, "insert", row as Values),
        update: (entity, changed) => note(entity, "update", changed as Values),
        delete: (entity, key) => note(entity, "delete", key as Values),
      });
      isOver = true;
      await this.#writeAll(wishes, this.#environment.uuid());
      return result;
    } catch (error) {
      isOver = true;
      for (const { id } of wishes) this.#handles.forget(id);
      throw error;
    }
  }

  #wish(entity: AnyEntity, op: Op, given: Values): { readonly wish: Wish; readonly handle: WriteHandle } {
    this.#requireKnown(entity);
    const values = op === "insert" ? this.#withKey(entity, given) : given;
    const { key } = this.#changed(this.#session, { entity, op, values });
    const id = this.#environment.uuid();
    // Before the sender can have anything to tell of it.
    return { wish: { id, entity, op, values }, handle: this.#handles.open(id, key) };
  }

  #withKey(entity: AnyEntity, values: Values): Values {
    const all: Record<string, unknown> = { ...values };
    for (const name of entity.key) {
      if (all[name] === undefined && columnOf(entity, name).type.name === "uuid")
        all[name] = this.#environment.uuid();
    }
    return all;
  }

  /** The change that a wish is for who is signed in: new rows without an owner are theirs. */
  #changed(session: Session, { entity, op, values }: Omit<Wish, "id">): LocalChange {
    const { owner } = entity;
    if (op !== "insert" || owner === undefined || (values[owner] ?? undefined) !== undefined) {
      return localChange(entity, op, values);
    }
    const { [owner]: _, ...rest } = values;
    return localChange(
      entity,
      op,
      canOwn(entity, session.owner) ? { ...rest, [owner]: session.owner } : rest,
    );
  }

  async #writeAll(wishes: readonly Wish[], group: string | undefined): Promise<void> {
    if (wishes.length === 0) return;
    try {
      await this.#inStore((session, tx) => {
        const changes = wishes.map((wish) => ({ id: wish.id, change: this.#changed(session, wish), group }));
        return session.buffer.add(tx, changes, session.user !== undefined);
      });
    } catch (error) {
      for (const { id } of wishes) this.#handles.forget(id);
      throw error;
    }
  }

  /** Writes for who is signed in, also if that changes meanwhile. */
  async #inStore<T>(work: (session: Session, tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      await this.#changing.catch(() => {});
      this.#requireOpen();
      const session = this.#session;
      try {
        const result = await session.store.write((tx) => work(session, tx));
        this.#refused(undefined);
        await this.#shown();
        return result;
      } catch (error) {
        // Another tab has signed somebody in or out: what is written belongs to whom is signed in now.
        const hasMoved = error instanceof StoreClosed || !session.store.isOpen;
        if (!hasMoved || attempt === MOST_MOVES) {
          this.#refused(error);
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

  /** Notes whether the device stores what it is given. */
  #refused(error: unknown): void {
    const isQuota = error !== undefined && isQuotaError(error);
    const storage = isQuota
      ? "the browser has no room left for this page: make some, then write again"
      : undefined;
    if (storage === this.#storage || (error !== undefined && !isQuota)) return;
    this.#storage = storage;
    this.#report();
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
      else await this.#signInGuest(user, guestData);
      return guestData === "discard" ? this.#device.exported : undefined;
    });
  }

  async #signInGuest(user: string, guestData: GuestData): Promise<void> {
    const guests = this.#session.store;
    if (guestData === "keep-separate") {
      await this.#device.signedIn(user);
      return;
    }
    try {
      if (guestData === "adopt") {
        await this.#device.beginAdoption(user);
        await adoptInto(this.#device, guests, user, (name) => this.#openStore(name), this.#environment);
      } else {
        await guests.closeForWriting(true);
        await this.#device.signedInForGuest(user, await exportGuest(guests));
      }
    } catch (error) {
      // The guest goes on.
      await this.#device.endAdoption();
      await guests.closeForWriting(false);
      throw error;
    }
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
          if (this.#isConnected !== !this.#device.isSwitchedOff) this.#led();
        }),
      );
    this.#changing = change;
    change.then(
      () => {
        this.#follows = 0;
      },
      (error: unknown) => {
        this.#unreadable = reasonOf(error);
        this.#report();
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
    this.#disconnect();
    before.store.close();
    for (const view of this.#views.values()) view.rebind(undefined);
    const store = await this.#openStore(name);
    this.#session = this.#sessionOf(store);
    this.#ofLeader = STOPPED;
    this.#stats = NOTHING;
    this.#conflicts = 0;
    this.#positions = [];
    this.#unreadable = undefined;
    for (const view of this.#views.values()) view.rebind(store);
    tellAll(this.#queueListeners);
    if (before.user === undefined && before.store.name !== this.#device.guestStore) {
      this.#deleteSoon(before.store.name);
    }
    this.#connect();
    this.#countSoon();
    this.#report();
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
    this.#connection?.flush();
    this.#channel.post({ kind: "flush", store: this.#session.store.name });
  }

  /** The network is back: tries at once what else would wait. */
  reconnect(): void {
    this.#connection?.reconnect();
    this.#channel.post({ kind: "reconnect", store: this.#session.store.name });
  }

  /** Switches syncing off, or on again, in all tabs, until it is switched again. */
  async setOffline(isSwitchedOff: boolean): Promise<void> {
    await this.#device.switchOff(isSwitchedOff);
    this.#channel.post({ kind: "device" });
    this.#led();
  }

  /**
   * Waits until every entity has all there is, and nothing waits to be sent, or the time is over.
   *
   * @returns whether that is so
   */
  async awaitSynced(millis: number): Promise<boolean> {
    if (this.#status.isSynced) return true;
    return new Promise((resolve) => {
      const end = this.onStatus(() => {
        if (this.#status.isSynced) finish(true);
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
    const told = { store: store.name, user: session.user, status: this.#status, ...counts, buffer: queue };
    return JSON.stringify(told, (_name, value) => (typeof value === "bigint" ? String(value) : value), 2);
  }

  /** Stops syncing and lets go of the data; what waits to be sent waits for the next time. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#wakeUp.close();
    this.#disconnect();
    this.#leadership.close();
    await this.#changing.catch(() => {});
    this.#channel.close();
    this.#session.store.close();
    this.#device.close();
    this.#listeners.clear();
    this.#queueListeners.clear();
  }
}

/** Counting goes through the store's queue as writes do: not for each of them. */
const COUNT_MS = 30;

/** A leader is asked every ten seconds; after its third silence another leads. */
const SILENT_LEADER_MS = 35_000;

/** How often a write follows who is signed in, 20 ms later each time. */
const MOST_MOVES = 50;

/** The oldest of the entities' last up-to-dates, as stored; undefined as long as one has never been. */
function lastUpToDate(
  entities: readonly AnyEntity[],
  positions: readonly StreamPosition[],
): number | undefined {
  const shown = positions.filter(({ slot }) => slot === "synced");
  const times = entities.map(({ name }) => shown.find(({ entity }) => entity === name)?.upToDateAt);
  return times.length === 0 || times.includes(undefined) ? undefined : Math.min(...(times as number[]));
}

function storeOf(device: Device): string {
  return device.user === undefined ? device.guestStore : device.userStore(device.user);
}

function requireDistinct(entities: readonly AnyEntity[]): void {
  const names = entities.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new TypeError(`Two entities are called ${twice}`);
}

/** One tab at a time; waits for its turn. */
async function withSessionLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (typeof navigator === "undefined" || navigator.locks === undefined) return work();
  return (await navigator.locks.request(`${name}:session`, work)) as T;
}

type OpenStore = (name: string) => Promise<Store>;

/** Goes on with an adoption, unless somebody else has been signed in since. Gives whether it has. */
async function adoptAfterCrash(
  device: Device,
  openStore: OpenStore,
  environment: Environment,
): Promise<boolean> {
  await device.refresh();
  const { adopter, user } = device;
  const isGivenUp = adopter !== undefined && user !== undefined && user !== adopter;
  if (isGivenUp) await device.endAdoption();
  if (adopter === undefined || isGivenUp) {
    // A sign-in that broke off has left it closed.
    if (user === undefined || isGivenUp) await reopenGuest(await openStore(device.guestStore));
    return false;
  }
  const guests = await openStore(device.guestStore);
  try {
    await adoptInto(device, guests, adopter, openStore, environment);
  } finally {
    guests.close();
  }
  await Store.delete(guests.name);
  return true;
}

async function reopenGuest(guests: Store): Promise<void> {
  try {
    await guests.closeForWriting(false);
  } finally {
    guests.close();
  }
}

/** Deletes a guest's database that has been adopted or exported, and that alone. */
async function deleteGone(name: string, openStore: OpenStore): Promise<void> {
  if (!(await Store.exists(name))) return; // Another tab has.
  const guests = await openStore(name);
  const isClosed = await guests.read(async (tx) => (await tx.meta.get("closed")) !== undefined);
  guests.close();
  if (isClosed) await Store.delete(name);
}

function isQuotaError(error: unknown): boolean {
  const { name, inner } = error as { readonly name?: string; readonly inner?: unknown };
  return /quota/i.test(`${name} ${reasonOf(error)}`) || (inner instanceof Error && isQuotaError(inner));
}

async function adoptInto(
  device: Device,
  guests: Store,
  user: string,
  openStore: OpenStore,
  environment: Environment,
): Promise<void> {
  await guests.closeForWriting(true);
  const users = await openStore(device.userStore(user));
  try {
    const silent = { onEnqueued: () => {}, onTold: () => {} };
    const buffer = new WriteBuffer(users, environment, silent);
    await adopt(guests, device.guestId, users, user, buffer);
  } finally {
    users.close();
  }
  await device.signedInForGuest(user, undefined);
}
