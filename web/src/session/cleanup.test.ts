import { expect, test } from "vitest";
import { quiet } from "../../test/scenarios/quiet.js";
import { VirtualTime } from "../../test/scenarios/virtual-time.js";
import type { ShapeFollower } from "../stream/shape-follower.js";
import { Cleanup } from "./cleanup.js";

/** A stream of which is said how much it has not shown. */
class FakeStream {
  nudges = 0;
  awaited: () => Promise<number> = async () => 0;
  readonly table = { awaited: () => this.awaited() };

  nudge(): void {
    this.nudges++;
  }
}

function watched() {
  const time = new VirtualTime();
  const stream = new FakeStream();
  const environment = {
    fetch: () => Promise.reject(new Error("no network")),
    now: () => time.now,
    after: (millis: number, call: () => void) => time.after(millis, call),
    random: () => 0.5,
    uuid: () => "",
  };
  const cleanup = new Cleanup(environment, new Map([["notes", stream as unknown as ShapeFollower]]));
  const advance = async (millis: number) => {
    const end = time.now + millis;
    do await quiet();
    while (time.step(end));
    await quiet();
  };
  return { stream, cleanup, advance };
}

test("a stream is asked for what it has not shown, less and less often, until it has", async () => {
  const { stream, cleanup, advance } = watched();
  stream.awaited = async () => 1;
  cleanup.expect(["notes"]);
  await advance(30_000);
  expect(stream.nudges).toBe(5);

  stream.awaited = async () => 0;
  await advance(60_000);

  expect(stream.nudges).toBe(5);
});

test("what comes to be awaited while it is looked for is not forgotten", async () => {
  const { stream, cleanup, advance } = watched();
  let count: (awaited: number) => void = () => {};
  stream.awaited = () =>
    new Promise((resolve) => {
      count = resolve;
    });
  cleanup.expect(["notes"]);
  await advance(1_000);

  cleanup.expect(["notes"]);
  count(0);
  stream.awaited = async () => 1;
  await advance(5_000);

  expect(stream.nudges).toBeGreaterThan(1);
});
