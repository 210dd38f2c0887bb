import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DemoSession } from "./demo-session";
import { FakeShapeServer } from "./fake-shape-server";
import { LiveWorks } from "./live-works";

let server: FakeShapeServer;
let titles: string[];
let statuses: string[];
let live: LiveWorks;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeShapeServer(row("1", "Emma"));
  vi.stubGlobal("fetch", server.fetch);
  // The client's event stream asks these two whether the page is in sight.
  vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
  vi.stubGlobal("window", globalThis);
  titles = [];
  statuses = [];
  live = new LiveWorks({
    url: "http://library.test/v1/shape",
    session: new DemoSession("http://library.test", "ada"),
    onWorks: (works) => {
      titles = works.map(({ title }) => title);
    },
    onStatus: ({ kind }) => {
      if (statuses.at(-1) !== kind) statuses.push(kind);
    },
  });
  live.open();
});

afterEach(() => {
  live.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("the rows are shown, then it is live", async () => {
  await follows();

  expect(titles).toEqual(["Emma"]);
  expect(statuses).toEqual(["live"]);
});

test("a row that is committed later is added", async () => {
  await follows();

  server.insert(row("2", "Hamlet"));

  await until(() => expect(titles).toEqual(["Emma", "Hamlet"]));
});

test("a lost server is told, and so is its return, though nothing changed meanwhile", async () => {
  await follows();

  server.failure = () => Promise.reject(new TypeError("Failed to fetch"));
  server.cut();
  await until(() => expect(statuses).toEqual(["live", "offline"]));
  await vi.advanceTimersByTimeAsync(60_000);
  server.failure = undefined;

  await until(() => expect(statuses).toEqual(["live", "offline", "live"]));
  expect(titles).toEqual(["Emma"]);
});

test("a server that is not ready is waited for", async () => {
  await follows();

  server.failure = async () => new Response("{}", { status: 503, headers: { "retry-after": "1" } });
  server.cut();
  await until(() => expect(statuses).toEqual(["live", "unavailable"]));
  server.failure = undefined;

  await until(() => expect(statuses).toEqual(["live", "unavailable", "live"]));
});

test.each([
  ["a refusal", 401, "refused"],
  ["an answer that is not understood", 418, "failed"],
])("%s ends the stream, and a new one is opened until it is answered", async (_, status, kind) => {
  await follows();

  server.failure = async () => Response.json({}, { status });
  server.cut();
  await until(() => expect(statuses).toEqual(["live", kind]));
  const { requests } = server;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.requests - requests).toBe(12);
  server.failure = undefined;

  await until(() => expect(statuses).toEqual(["live", kind, "live"]));
});

test("a table that is not the one of schema.sql is told", async () => {
  await follows();

  server.insert({ ...row("2", "Hamlet"), title: null });

  await until(() => expect(statuses).toEqual(["live", "failed"]));
});

test("a network that the device lost and found again is told at once", async () => {
  await follows();

  live.networkLost();
  expect(statuses).toEqual(["live", "offline"]);
  live.networkFound();

  await until(() => expect(statuses).toEqual(["live", "offline", "live"]));
});

test("nothing is asked for after the end", async () => {
  await follows();
  live.close();
  const { requests } = server;

  await vi.advanceTimersByTimeAsync(120_000);

  expect(server.requests).toBe(requests);
  expect(statuses).toEqual(["live"]);
});

/** Waits until the event stream is open. */
function follows(): Promise<void> {
  return until(() => expect(server.isFollowed && statuses.includes("live")).toBe(true));
}

/** Lets the clock run for up to twenty seconds, until the assertion holds. */
async function until(assertion: () => void): Promise<void> {
  for (let step = 0; step < 200; step++) {
    try {
      return assertion();
    } catch {
      await vi.advanceTimersByTimeAsync(100);
    }
  }
  assertion();
}

function row(id: string, title: string): Record<string, string | null> {
  return { id, title, author: null, year: null, language: "en", created_at: "2026-01-01 09:00:00+00" };
}
