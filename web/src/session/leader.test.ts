import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeLocks } from "../../test/fakes/fake-locks.js";
import { quiet } from "../../test/scenarios/quiet.js";
import type { Connection } from "./connection.js";
import { Leader } from "./leader.js";

beforeEach(() => {
  vi.stubGlobal("navigator", { locks: new FakeLocks() });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A connection that is there. */
class FakeConnection {
  isOpen = false;
  readonly streams = [];
  readonly upload = { phase: "idle" as const };

  start(): void {
    this.isOpen = true;
  }

  stop(): void {
    this.isOpen = false;
  }
}

/** A tab, and what it was asked for. */
class Tab {
  hellos = 0;
  told = 0;
  readonly connections: FakeConnection[] = [];
  readonly leader = new Leader("lead", {
    connection: () => {
      const connection = new FakeConnection();
      this.connections.push(connection);
      return connection as unknown as Connection;
    },
    onLead: () => {},
    onStatus: (isOwn) => {
      if (isOwn) this.told++;
    },
    hello: () => this.hellos++,
  });

  get open(): number {
    return this.connections.filter(({ isOpen }) => isOpen).length;
  }
}

async function twoTabs(): Promise<[Tab, Tab]> {
  const [one, other] = [new Tab(), new Tab()];
  one.leader.seek();
  other.leader.seek();
  await quiet();
  return [one, other];
}

/** All clocks go on. */
function pass(millis: number): void {
  const now = Date.now() + millis;
  vi.spyOn(Date, "now").mockReturnValue(now);
}

test("who leads has one connection, and who does not has none", async () => {
  const [one, other] = await twoTabs();

  one.leader.renew();

  expect([one.open, other.open]).toEqual([1, 0]);
  expect(one.leader.status.upload.phase).toBe("idle");
  expect(one.told).toBeGreaterThan(0);
  expect(other.told).toBe(0);
});

test("a leader that says nothing for too long is replaced by a tab in sight", async () => {
  const [one, other] = await twoTabs();
  pass(30_000);
  other.leader.look();
  await quiet();
  expect([other.hellos, other.open]).toEqual([1, 0]);

  pass(6_000);
  other.leader.look();
  await quiet();

  expect([one.open, other.open]).toEqual([0, 1]);
});

test("a leader that gives a sign of life is not replaced, nor by one that slept meanwhile", async () => {
  const [one, other] = await twoTabs();
  pass(36_000);

  other.leader.stirred();
  other.leader.look();
  await quiet();

  expect([one.open, other.open]).toEqual([1, 0]);
});

test("who has closed lets go of its connection, and leads no more", async () => {
  const [one, other] = await twoTabs();

  one.leader.close();
  await quiet();
  one.leader.seek();
  one.leader.renew();
  pass(36_000);
  one.leader.look();
  await quiet();

  expect([one.open, other.open]).toEqual([0, 1]);
});
