import { expect, test } from "vitest";
import { tokenOf } from "../../test/fakes/browser.js";
import { quiet } from "../../test/scenarios/quiet.js";
import { VirtualTime } from "../../test/scenarios/virtual-time.js";
import { type TokenSupplier, Tokens } from "../session/tokens.js";
import { PatientFetch } from "./patient-fetch.js";

const rows = "http://server.test/v1/shape?offset=1_0";

/** A way to a server that answers as it is told, in virtual time. */
class Way {
  readonly time = new VirtualTime();
  readonly states: string[] = [];
  readonly asked: { readonly at: number; readonly signal: AbortSignal }[] = [];
  readonly way: PatientFetch;
  answer: (count: number, signal: AbortSignal) => Promise<Response> = async () => new Response("[]");

  constructor(supplier: TokenSupplier = async (user) => tokenOf(user)) {
    const environment = {
      fetch: async (_: unknown, init?: RequestInit) => {
        const signal = init?.signal ?? new AbortController().signal;
        this.asked.push({ at: this.time.now - START, signal });
        return this.answer(this.asked.length, signal);
      },
      now: () => this.time.now,
      after: (millis: number, call: () => void) => this.time.after(millis, call),
      random: () => 0.5,
      uuid: () => "",
    };
    this.way = new PatientFetch(
      environment,
      new Tokens(supplier, "ada"),
      undefined,
      () => {},
      (state) => this.states.push(state.kind === "answered" ? state.kind : `${state.kind}: ${state.reason}`),
    );
  }

  get times(): readonly number[] {
    return this.asked.map(({ at }) => at);
  }

  async advance(millis: number): Promise<void> {
    const end = this.time.now + millis;
    do await quiet();
    while (this.time.step(end));
    await quiet();
  }
}

const START = new VirtualTime().now;

/** Never answers, until it is given up. */
const silent = (signal: AbortSignal): Promise<Response> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

const refusal = (status: number, headers = {}) => new Response('{"message":"not now"}', { status, headers });

test("whoever reconnects while a token is being asked for cuts nothing short", async () => {
  let give: (token: string) => void = () => {};
  const { way, states } = new Way(
    () =>
      new Promise((resolve) => {
        give = resolve;
      }),
  );
  const answer = way.fetch(rows);
  await quiet();

  way.reconnect();
  await quiet();
  give(tokenOf("ada"));

  expect((await answer).status).toBe(200);
  expect(states).toEqual(["answered"]);
});

test("requests that are refused one token together are sent again with a better one, and nobody signs in", async () => {
  let isRefreshed = false;
  const way = new Way(async (user, isRefresh) => {
    isRefreshed ||= isRefresh;
    return tokenOf(user);
  });
  way.answer = async (count) => {
    const isGood = isRefreshed && count > 3;
    await quiet();
    return isGood ? new Response("[]") : refusal(401);
  };

  const answers = Promise.all([1, 2, 3].map((place) => way.way.fetch(`${rows}${place}`)));
  await way.advance(0);

  expect((await answers).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(way.states).toEqual(["answered", "answered", "answered"]);
});

test("two refused tokens in a row are a reason to sign in", async () => {
  const way = new Way();
  way.answer = async (count) => (count < 3 ? refusal(401) : new Response("[]"));

  const answer = way.way.fetch(rows);
  await way.advance(10_000);

  expect((await answer).status).toBe(200);
  expect(way.states).toEqual(["needs-auth: not now", "answered"]);
  expect(way.times).toEqual([0, 0, 5_500]);
});

test("a token that cannot be asked for is no reason to sign in, one that there is not is", async () => {
  const supplied = [Promise.reject(new Error("no network")), Promise.resolve(undefined)];
  for (const one of supplied) one.catch(() => {});
  const way = new Way((user) => supplied.shift() ?? Promise.resolve(tokenOf(user)));

  const answer = way.way.fetch(rows);
  await way.advance(10_000);

  expect((await answer).status).toBe(200);
  expect(way.states).toEqual([
    "offline: no token is to be had: no network",
    "needs-auth: there is no token",
    "answered",
  ]);
});

test("all that wait for better times go on when somebody reconnects", async () => {
  const way = new Way();
  way.answer = async (count) => (count > 2 ? new Response("[]") : refusal(503, { "retry-after": "60" }));
  const answers = Promise.all([way.way.fetch(rows), way.way.fetch(rows)]);
  await way.advance(1_000);
  expect(way.times).toEqual([0, 0]);

  way.way.reconnect();

  expect((await answers).map(({ status }) => status)).toEqual([200, 200]);
  expect(way.times).toEqual([0, 0, 1_000, 1_000]);
});

test("a server that says nothing is given up, and asked again", async () => {
  const way = new Way();
  way.answer = (count, signal) => (count === 1 ? silent(signal) : Promise.resolve(new Response("[]")));

  const answer = way.way.fetch(rows);
  await way.advance(80_000);

  expect((await answer).status).toBe(200);
  expect(way.states).toEqual(["offline: the server fell silent", "answered"]);
  expect(way.times).toEqual([0, 70_500]);
});

test("an answer that stops in the middle breaks off; one that goes on slowly does not", async () => {
  const way = new Way();
  let body: ReadableStreamDefaultController<Uint8Array> | undefined;
  way.answer = async (_, signal) => {
    const source = new ReadableStream<Uint8Array>({
      start: (controller) => {
        body = controller;
        signal.addEventListener("abort", () => controller.error(signal.reason));
      },
    });
    return new Response(source, { headers: { "content-type": "text/event-stream" } });
  };
  const response = await way.way.fetch(`${rows}&live=true`);
  const reader = response.body?.getReader();
  for (let i = 0; i < 5; i++) {
    await way.advance(60_000);
    body?.enqueue(new TextEncoder().encode(": keep-alive\n\n"));
    expect((await reader?.read())?.done).toBe(false);
  }

  const read = reader?.read();
  read?.catch(() => {});
  await way.advance(80_000);

  await expect(read).rejects.toThrow("the server fell silent");
});

test("a pause that the server asked for outlives the request that met it", async () => {
  const way = new Way();
  way.answer = async (count) => (count === 1 ? refusal(503, { "retry-after": "60" }) : new Response("[]"));
  const gone = new AbortController();
  const first = way.way.fetch(rows, { signal: gone.signal });
  first.catch(() => {});
  await way.advance(5_000);
  expect(way.way.isWaiting).toBe(true);

  gone.abort(new Error("given up"));
  const second = way.way.fetch(rows);
  await way.advance(60_000);

  await expect(first).rejects.toThrow("given up");
  expect((await second).status).toBe(200);
  expect(way.times).toEqual([0, 60_500]);
  expect(way.way.isWaiting).toBe(false);
});

test("a request that is given up before it is sent is not sent", async () => {
  const way = new Way();

  await expect(way.way.fetch(rows, { signal: AbortSignal.abort(new Error("given up")) })).rejects.toThrow(
    "given up",
  );

  expect(way.times).toEqual([]);
});
