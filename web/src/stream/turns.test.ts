import { beforeEach, expect, test } from "vitest";
import { type Turn, Turns } from "./turns.js";

let now = 0;
let timers: { at: number; call: () => void }[] = [];

const environment = {
  fetch: () => Promise.reject(new Error("no network")),
  now: () => now,
  after: (millis: number, call: () => void) => {
    const timer = { at: now + millis, call };
    timers.push(timer);
    return () => {
      timers = timers.filter((one) => one !== timer);
    };
  },
  random: () => 0,
  uuid: () => "",
};

async function advance(millis: number): Promise<void> {
  for (const end = now + millis; ; ) {
    const next = timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
    now = next?.at ?? end;
    if (next === undefined) return;
    timers = timers.filter((one) => one !== next);
    next.call();
    await settle();
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve));
const never = new AbortController().signal;

beforeEach(() => {
  now = 0;
  timers = [];
});

/** A stream that wants a place, takes it when it is given, and another once that is over. */
class Stream {
  hasPlace = false;
  places = 0;

  constructor(turns: Turns) {
    void this.#follow(turns);
  }

  async #follow(turns: Turns): Promise<void> {
    while (true) {
      const turn: Turn = await turns.take(never);
      this.hasPlace = true;
      this.places++;
      await new Promise<void>((resolve) => turn.onOver(resolve));
      this.hasPlace = false;
      turn.end();
    }
  }
}

test("as long as there are places nobody has to go", async () => {
  const turns = new Turns(environment, 2);
  const streams = [new Stream(turns), new Stream(turns)];
  await settle();

  await advance(60_000);

  expect(streams.map(({ places }) => places)).toEqual([1, 1]);
});

test("with fewer places than streams each has one again and again, and no more have one than there are", async () => {
  const turns = new Turns(environment, 2);
  const streams = Array.from({ length: 5 }, () => new Stream(turns));
  await settle();

  for (let i = 0; i < 60; i++) {
    await advance(1_000);
    expect(streams.filter(({ hasPlace }) => hasPlace).length).toBe(2);
  }

  for (const { places } of streams) expect(places).toBeGreaterThanOrEqual(8);
});

test("who gives up waiting leaves the line", async () => {
  const turns = new Turns(environment, 1);
  const first = await turns.take(never);
  const gone = new AbortController();
  const given = turns.take(gone.signal);
  const next = turns.take(never);

  gone.abort();
  first.end();
  first.end();

  await expect(given).rejects.toThrow();
  expect(await next).toBeDefined();
});
