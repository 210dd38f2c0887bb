import "../scenarios/quiet.js";
import "fake-indexeddb/auto";
import { vi } from "vitest";
import { type AnyEntity, type ClientSettings, type Environment, SyncManager } from "../../src/index.js";
import { quiet } from "../scenarios/quiet.js";
import { ScenarioValues } from "../scenarios/scenario-values.js";
import { ScriptedServer } from "../scenarios/scripted-server.js";
import { type Members, Step } from "../scenarios/step.js";
import { VirtualTime } from "../scenarios/virtual-time.js";
import { FakeChannel } from "./fake-channel.js";
import { FakeLocks } from "./fake-locks.js";

let count = 0;

/** A token of a user, which nobody has signed. */
export function tokenOf(user: string): string {
  return `h.${btoa(JSON.stringify({ sub: user })).replace(/=+$/, "")}.s`;
}

/** A browser with tabs of one application, and the server they talk to, in virtual time. */
export class Browser {
  readonly name = `browser${count++}-${Math.random()}`;
  readonly time = new VirtualTime();
  readonly values = new ScenarioValues();
  readonly server: ScriptedServer;
  readonly environment: Environment;
  readonly #entities: readonly AnyEntity[];
  readonly #tabs = new Set<SyncManager>();

  constructor(entities: readonly AnyEntity[]) {
    this.#entities = entities;
    this.server = new ScriptedServer(entities, this.values, this.time);
    this.environment = {
      fetch: (input, init) => this.server.fetch(input, init ?? undefined),
      now: () => this.time.now,
      after: (millis, call) => this.time.after(millis, call),
      random: () => 0.5,
      uuid: () => crypto.randomUUID(),
    };
    vi.stubGlobal("BroadcastChannel", FakeChannel);
    const locks = new FakeLocks();
    if (typeof navigator === "undefined") vi.stubGlobal("navigator", { locks });
    else Object.defineProperty(navigator, "locks", { value: locks, configurable: true });
  }

  /** Another tab. */
  async open(given: Partial<ClientSettings> = {}): Promise<SyncManager> {
    const tab = await SyncManager.open({
      name: this.name,
      server: "http://server.test",
      entities: this.#entities,
      tokens: async (user) => tokenOf(user),
      mayStream: false,
      environment: this.environment,
      ...given,
    });
    this.#tabs.add(tab);
    return tab;
  }

  /** What the stream of an entity says next, as in a scenario. */
  stream(entity: AnyEntity, said: Members): void {
    this.server.shape(entity.table).play(new Step(said));
  }

  /** The server applies writes of these names from now on. */
  apply(...names: readonly string[]): void {
    for (const whenever of names) {
      this.server.batches.whenever(new Step({ whenever, answer: { applied: {} } }));
    }
  }

  async advance(millis: number): Promise<void> {
    const end = this.time.now + millis;
    do await quiet();
    while (this.time.step(end));
  }

  async databases(): Promise<readonly string[]> {
    const all = await indexedDB.databases();
    return all.flatMap(({ name }) =>
      name?.startsWith(`${this.name}:`) ? [name.slice(this.name.length)] : [],
    );
  }

  async close(): Promise<void> {
    for (const tab of this.#tabs) await tab.close();
    this.#tabs.clear();
  }
}
