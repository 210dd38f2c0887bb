import {
  type AnyEntity,
  type Environment,
  type GuestData,
  SyncManager,
  type Together,
  type WriteHandle,
} from "../../src/index.js";
import { DeviceProcess } from "./device-process.js";
import { quiet } from "./quiet.js";
import type { Scenario } from "./scenario.js";
import { entityOf, ScenarioValues } from "./scenario-values.js";
import { ScriptedServer } from "./scripted-server.js";
import { type Json, type Members, Step } from "./step.js";
import { VirtualTime } from "./virtual-time.js";

/** For how long a batch is waited for, unless a step says otherwise: writes are gathered. */
const GATHERING_MS = 100;

/** For how long, of real time, an expectation may take to hold. */
const PATIENCE_MS = 3_000;

type View = readonly { readonly [column: string]: unknown }[];

/** Plays one scenario on the real client, in virtual time. */
export class ScenarioPlay {
  readonly #scenario: Scenario;
  readonly #store: string;
  readonly #mayStream: boolean;
  readonly #crashAt: number;
  readonly #time = new VirtualTime();
  readonly #values = new ScenarioValues();
  readonly #server: ScriptedServer;
  readonly #handles = new Map<string, WriteHandle>();
  readonly #views = new Map<string, View[]>();
  #process = DeviceProcess.begin();
  #sync: SyncManager | undefined;
  #user: string | undefined;
  #hasTokens = true;
  #refreshes = 0;
  #hasCrashed = false;

  /**
   * @param mayStream whether streams come as events rather than by long polls
   * @param crashAt at which writing the process ends in the step that is to crash
   */
  constructor(scenario: Scenario, mayStream: boolean, crashAt: number) {
    this.#scenario = scenario;
    this.#store = `${scenario.file.replace(".json", "")}-${mayStream ? "events" : "polls"}-${crashAt}`;
    this.#mayStream = mayStream;
    this.#crashAt = crashAt;
    this.#server = new ScriptedServer(scenario.entities, this.#values, this.#time);
  }

  /** Plays all steps; says whether the process has ended in the middle of one. */
  async play(): Promise<boolean> {
    try {
      for (const [i, given] of this.#scenario.steps.entries()) {
        try {
          await this.#play(given);
          await quiet();
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          throw new Error(`step ${i + 1} ${JSON.stringify(given)}: ${reason}`, { cause: error });
        }
      }
      this.#server.batches.expectNone();
      return this.#hasCrashed;
    } finally {
      this.#kill();
    }
  }

  async #play(given: Members): Promise<void> {
    const step = new Step(given);
    const verb = step.verb;
    if (!verb.startsWith("expect")) {
      await this.#do(step);
      step.end();
    } else if (verb === "expectBatch") {
      await this.#expectBatch(step);
      step.end();
    } else if (verb === "expectNoBatch" || verb === "expectNoRequest") {
      await this.#expectNothing(step);
      step.end();
    } else {
      await this.#soon(step.number("within", 0), async () => {
        const again = new Step(given);
        again.find("within");
        await this.#expect(again);
        again.end();
      });
    }
  }

  async #do(step: Step): Promise<void> {
    switch (step.verb) {
      case "open":
        return this.#open(step.text("open"));
      case "signIn":
        return this.#signIn(step);
      case "signOut":
        if (!step.flag("signOut")) return;
        this.#user = undefined;
        return this.#now.signOut();
      case "restart":
        return step.flag("restart") ? this.#restart() : undefined;
      case "tokens":
        this.#hasTokens = step.text("tokens") === "good";
        return;
      case "advance":
        return this.#advance(step.number("advance"), () => false);
      case "flush":
        return step.flag("flush") ? this.#now.flush() : undefined;
      case "reconnect":
        return step.flag("reconnect") ? this.#now.reconnect() : undefined;
      case "create":
      case "update":
      case "delete":
        return this.#keep(step, await this.#write(step, undefined));
      case "together":
        return this.#together(step);
      case "retry":
        if (!(await this.#buffer.retry(this.#id(step, "retry")))) throw new Error("no such dead letter");
        return;
      case "edit":
        return this.#edit(step);
      case "discard":
        return this.#discard(step);
      case "settleConflict":
        return this.#settleConflict(step);
      case "follow":
        this.#views.set(step.text("follow"), []);
        return this.#follow(step.text("follow"));
      case "stream":
        return this.#server.shape(step.text("stream")).play(step);
      case "whenever":
        return this.#server.batches.whenever(step);
      case "answer":
        return this.#server.batches.answer(step.get("answer"));
      default:
        throw new Error("no such step");
    }
  }

  async #expect(step: Step): Promise<void> {
    switch (step.verb) {
      case "expectBeginnings":
        return this.#expectBeginnings(step);
      case "expectRows":
        return this.#expectRows(step);
      case "expectViews":
        return this.#expectViews(step);
      case "expectStatus":
        return this.#expectStatus(step.members("expectStatus"));
      case "expectWrite":
        return this.#expectWrite(step);
      case "expectDeadLetters":
        return this.#expectDeadLetters(step);
      case "expectConflicts":
        return this.#expectConflicts(step);
      default:
        throw new Error("no such step");
    }
  }

  // --- time

  async #advance(millis: number, isEnough: () => boolean): Promise<void> {
    const end = this.#time.now + millis;
    do await quiet();
    while (!isEnough() && this.#time.step(end));
  }

  /** Tries until it holds; no more time goes by than that. */
  async #soon(millis: number, check: () => Promise<void>): Promise<void> {
    const end = this.#time.now + millis;
    const patience = Date.now() + PATIENCE_MS;
    while (true) {
      await quiet();
      try {
        return await check();
      } catch (error) {
        if (this.#time.stepWithin(end)) continue;
        if (Date.now() > patience) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }

  // --- the device

  get #now(): SyncManager {
    if (this.#sync === undefined) throw new Error("nothing is open");
    return this.#sync;
  }

  get #buffer() {
    return this.#now.writeBuffer;
  }

  async #open(as: string): Promise<void> {
    await this.#start();
    if (as === "guest") return;
    this.#user = as;
    await this.#now.signIn(as, "adopt");
  }

  async #start(): Promise<void> {
    this.#process = DeviceProcess.begin();
    this.#sync = await SyncManager.open({
      name: this.#store,
      server: `http://${this.#store}.test`,
      entities: this.#scenario.entities,
      tokens: async (user, isRefresh) => this.#token(user, isRefresh),
      schemaVersion: 1,
      mayStream: this.#mayStream,
      environment: this.#environment(this.#process),
    });
    this.#user = this.#sync.user;
    for (const name of this.#views.keys()) await this.#follow(name);
  }

  #environment(process: DeviceProcess): Environment {
    return {
      fetch: (input, init) =>
        process.isDead ? new Promise(() => {}) : this.#server.fetch(input, init ?? undefined),
      now: () => this.#time.now,
      after: (millis, call) => this.#time.after(millis, () => (process.isDead ? undefined : call())),
      random: () => 0.5,
      uuid: () => crypto.randomUUID(),
    };
  }

  #token(user: string, isRefresh: boolean): string | undefined {
    if (!this.#hasTokens) return undefined;
    if (isRefresh) this.#refreshes++;
    return `h.${btoa(JSON.stringify({ sub: user, n: this.#refreshes })).replace(/=+$/, "")}.s`;
  }

  async #signIn(step: Step): Promise<void> {
    const user = step.text("signIn");
    const guest = step.text("guest") as GuestData;
    const isCrashing = step.findText("crash") !== undefined;
    this.#user = user;
    if (isCrashing) this.#process.crashAt(this.#crashAt);
    try {
      await this.#now.signIn(user, guest);
      await quiet();
    } catch (error) {
      if (!this.#process.isDead) throw error;
    }
    this.#hasCrashed ||= this.#process.isDead;
    this.#process.crashAt(Number.POSITIVE_INFINITY);
  }

  #kill(): void {
    this.#process.kill();
    this.#server.forgetRequests();
    this.#handles.clear();
    this.#sync = undefined;
  }

  async #restart(): Promise<void> {
    this.#kill();
    await this.#start();
  }

  // --- writes

  async #write(step: Step, together: Together | undefined): Promise<WriteHandle> {
    const entity = entityOf(step.text(step.verb));
    const row = this.#values.given(entity, step.members("row"));
    const rows = this.#now.rows(entity);
    switch (step.verb) {
      case "create":
        return together?.create(entity, row) ?? rows.create(row);
      case "update":
        return together?.update(entity, row) ?? rows.update(row);
      default:
        return together?.delete(entity, row) ?? rows.delete(row);
    }
  }

  #keep(step: Step, handle: WriteHandle): void {
    const name = step.findText("as");
    if (name === undefined) return;
    this.#values.name(name, handle.id);
    this.#handles.set(name, handle);
  }

  async #together(step: Step): Promise<void> {
    const writes = step.steps("together");
    const made = await this.#now.together(async (together) => {
      const handles: WriteHandle[] = [];
      for (const write of writes) handles.push(await this.#write(write, together));
      return handles;
    });
    writes.forEach((write, i) => {
      const handle = made[i];
      if (handle !== undefined) this.#keep(write, handle);
      write.end();
    });
  }

  #id(step: Step, member: string): string {
    return this.#values.named(step.text(member));
  }

  async #edit(step: Step): Promise<void> {
    const entity = entityOf(step.findText("entity") ?? "notes");
    const values = this.#values.given(entity, step.members("values"));
    const fresh = await this.#buffer.edit(this.#id(step, "edit"), values);
    if (fresh === undefined) throw new Error("no such dead letter");
    this.#values.name(step.text("as"), fresh);
  }

  async #discard(step: Step): Promise<void> {
    const gone = (await this.#buffer.discard(this.#id(step, "discard"))).map(({ id }) => id);
    const expected = step.items("gone").map((name) => this.#values.named(String(name)));
    same([...gone].sort(), expected.sort());
  }

  async #settleConflict(step: Step): Promise<void> {
    const entity = entityOf(step.text("settleConflict"));
    const key = step.members("row");
    const column = step.text("column");
    const found = (await this.#buffer.conflicts()).filter(
      (one) => one.column === column && this.#values.isRow(entity, key, one.key),
    );
    const [conflict] = found;
    if (conflict === undefined || found.length > 1) throw new Error(`${found.length} such conflicts`);
    await this.#buffer.settleConflict(conflict.id);
  }

  // --- what is expected of requests

  async #expectBatch(step: Step): Promise<void> {
    await this.#advance(step.number("within", GATHERING_MS), () => this.#server.batches.hasArrived);
    this.#server.batches.expect(step, this.#user, this.#refreshes);
    const answer = step.find("answer");
    if (answer !== undefined) this.#server.batches.answer(answer);
  }

  async #expectNothing(step: Step): Promise<void> {
    await quiet();
    const before = this.#server.requests;
    const { batches } = this.#server;
    await this.#advance(step.number(step.verb), () => batches.hasArrived);
    batches.expectNone();
    if (step.verb === "expectNoRequest") same(this.#server.requests, before);
  }

  #expectBeginnings(step: Step): void {
    for (const [name, count] of Object.entries(step.members("expectBeginnings")))
      same(this.#server.shape(name).beginnings, count);
  }

  // --- what is expected of rows

  async #expectRows(step: Step): Promise<void> {
    const entity = entityOf(step.text("expectRows"));
    const actual = (await this.#now.rows(entity).all()) as View;
    if (!this.#values.areRows(entity, step.items("rows") as Members[], actual))
      throw new Error(`rows are ${this.#shown(entity, actual)}`);
  }

  #shown(entity: AnyEntity, rows: View): string {
    return JSON.stringify(rows.map((row) => this.#values.plainRow(entity, row)));
  }

  /** Notes what an entity shows whenever that is something else than before. */
  async #follow(name: string): Promise<void> {
    const entity = entityOf(name);
    const live = this.#now.rows(entity).live();
    const seen = this.#views.get(name) ?? [];
    const process = this.#process;
    const look = () => {
      const rows = live.rows as View | undefined;
      if (rows === undefined || process.isDead) return;
      const last = seen.at(-1);
      const plain = (view: View) => this.#shown(entity, view);
      if (last === undefined || plain(last) !== plain(rows)) seen.push([...rows]);
    };
    live.subscribe(look);
    await quiet();
    look();
  }

  /** All that was seen is among what is expected, in its order, and ends with the last of it. */
  #expectViews(step: Step): void {
    const name = step.text("expectViews");
    const entity = entityOf(name);
    const views = step.items("views") as Json[];
    let at = 0;
    for (const seen of this.#views.get(name) ?? []) {
      while (at < views.length && !this.#values.areRows(entity, views[at] as Members[], seen)) at++;
      if (at === views.length) throw new Error(`not to be seen there: ${this.#shown(entity, seen)}`);
    }
    if (at !== views.length - 1) throw new Error(`the last that was seen is number ${at + 1}`);
  }

  // --- what is expected of status and queue

  #expectStatus(expected: Members): void {
    const { status } = this.#now;
    const { writes, upload } = status;
    const actual: Members = {
      user: status.user ?? null,
      unsent: writes.pending + writes.syncing,
      errors: writes.errors,
      conflicts: status.conflicts,
      isOffline: status.isOffline,
      needsAuth: status.needsAuth,
      isSynced: status.isSynced,
      upload: upload.phase,
      code: upload.code ?? null,
    };
    for (const { entity, phase } of status.streams) actual[`stream ${entity}`] = phase;
    const looked = Object.keys(expected).map((name) => [name, actual[name]]);
    same(looked, Object.entries(expected));
  }

  #expectWrite(step: Step): void {
    const handle = this.#handles.get(step.text("expectWrite"));
    same(handle?.state.kind, step.text("state"));
  }

  async #expectDeadLetters(step: Step): Promise<void> {
    const actual = (await this.#buffer.deadLetters()).map(({ id, code, entity, op, payload }) => [
      id,
      code,
      entity,
      op,
      this.#values.plainRow(entityOf(entity), payload),
    ]);
    const expected = step.steps("expectDeadLetters").map((letter) => {
      const op = letter.verb;
      const entity = entityOf(letter.findText("entity") ?? "notes");
      const payload = this.#values.plainRow(entity, letter.members(op));
      const told = [this.#id(letter, "id"), letter.text("code"), entity.name, op, payload];
      letter.end();
      return told;
    });
    same(actual, expected);
  }

  async #expectConflicts(step: Step): Promise<void> {
    const actual = (await this.#buffer.conflicts()).map((conflict) => {
      const entity = entityOf(conflict.entity);
      const { column, base, yours, theirs, kept } = conflict;
      return this.#conflict(entity, conflict.key, column, base, yours, theirs, kept);
    });
    const expected = step.steps("expectConflicts").map((conflict) => {
      const entity = entityOf(conflict.findText("entity") ?? "notes");
      const column = conflict.text("column");
      const base = conflict.find("base");
      const [yours, theirs] = [conflict.get("yours"), conflict.get("theirs")];
      const kept = conflict.text("kept");
      const told = this.#conflict(entity, conflict.members("row"), column, base, yours, theirs, kept);
      conflict.end();
      return told;
    });
    same(actual, expected);
  }

  #conflict(
    entity: AnyEntity,
    key: { readonly [column: string]: unknown },
    column: string,
    base: unknown,
    yours: unknown,
    theirs: unknown,
    kept: string,
  ): unknown {
    const plain = (value: unknown) => this.#values.plain(entity, column, value);
    return {
      entity: entity.name,
      key: this.#values.plainRow(entity, key),
      column,
      base: base === undefined ? "unknown" : { is: plain(base) },
      yours: plain(yours),
      theirs: plain(theirs),
      kept,
    };
  }
}

function same(actual: unknown, expected: unknown): void {
  const [is, shall] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== shall) throw new Error(`is ${is}, not ${shall}`);
}
