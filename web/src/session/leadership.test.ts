import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeLocks } from "../../test/fakes/fake-locks.js";
import { quiet } from "../../test/scenarios/quiet.js";
import { Leadership } from "./leadership.js";

beforeEach(() => {
  vi.stubGlobal("navigator", { locks: new FakeLocks() });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A tab that seeks to lead, and what it was told. */
class Tab {
  readonly told: boolean[] = [];
  readonly leadership = new Leadership("lead", (isLeader) => this.told.push(isLeader));
}

async function twoTabs(): Promise<[Tab, Tab]> {
  const [one, other] = [new Tab(), new Tab()];
  one.leadership.seek();
  other.leadership.seek();
  await quiet();
  return [one, other];
}

test("one leads, and when it closes the next does", async () => {
  const [one, other] = await twoTabs();
  expect([one.leadership.isLeader, other.leadership.isLeader]).toEqual([true, false]);

  one.leadership.close();
  await quiet();

  expect([one.told, other.told]).toEqual([[true, false], [true]]);
});

test("a leader that yields waits in line behind the other", async () => {
  const [one, other] = await twoTabs();

  one.leadership.yield();
  await quiet();
  expect([one.leadership.isLeader, other.leadership.isLeader]).toEqual([false, true]);
  other.leadership.close();
  await quiet();

  expect(one.told).toEqual([true, false, true]);
});

test("a leader that is suspended is replaced, knows it when it wakes, and waits in line again", async () => {
  const [one, other] = await twoTabs();

  other.leadership.steal();
  await quiet();
  expect([one.leadership.isLeader, other.leadership.isLeader]).toEqual([false, true]);
  other.leadership.close();
  await quiet();

  expect([one.told, other.told]).toEqual([
    [true, false, true],
    [true, false],
  ]);
});

test("who leads steals from nobody", async () => {
  const [one] = await twoTabs();

  one.leadership.steal();
  await quiet();

  expect(one.told).toEqual([true]);
});

test("who gave up the line leads no more", async () => {
  const [one, other] = await twoTabs();

  other.leadership.close();
  one.leadership.close();
  await quiet();

  expect(other.told).toEqual([]);
});
