import "../../test/scenarios/quiet.js";
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Browser, tokenOf } from "../../test/fakes/browser.js";
import { noteId, notes } from "../../test/fakes/notes.js";
import { quiet } from "../../test/scenarios/quiet.js";
import { schemaOf } from "../../test/scenarios/scenario-values.js";
import { Tokens } from "../session/tokens.js";
import { Store } from "../store/store.js";
import { SyncedTable } from "../store/synced-table.js";
import { ShapeFollower, type StreamStatus } from "./shape-follower.js";

let browser: Browser;
let store: Store;
let table: SyncedTable;
let follower: ShapeFollower;
let asked: string[];
let phases: string[];
/** What answers instead of the server, if it does. */
let between: (url: URL) => Response | undefined;

beforeEach(async () => {
  browser = new Browser([notes]);
  store = await Store.open(browser.name, [notes], () => {});
  table = new SyncedTable(store, notes);
  asked = [];
  phases = [];
  between = () => undefined;
  follower = followed();
});

afterEach(() => {
  follower.stop();
  store.close();
  vi.restoreAllMocks();
});

function followed(): ShapeFollower {
  const environment = {
    ...browser.environment,
    fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
      const url = new URL(String(input));
      asked.push(url.searchParams.get("offset") ?? "");
      return between(url) ?? browser.environment.fetch(input, init);
    },
  };
  const tokens = new Tokens(async (user) => tokenOf(user), "ada");
  const heard = ({ phase }: StreamStatus) => {
    if (phases.at(-1) !== phase) phases.push(phase);
  };
  return new ShapeFollower(environment, "http://server.test", tokens, undefined, false, table, heard);
}

const row = (number: number, title: string) => ({ id: noteId(number), title });

const titles = () =>
  store.read(async (tx) => (await tx.synced(notes).toArray()).map(({ title }) => title as string));

async function caughtUp(): Promise<void> {
  browser.stream(notes, { rows: [row(1, "old"), row(2, "to go")] });
  follower.start();
  await browser.advance(100);
  browser.stream(notes, {
    txid: 11,
    changes: [{ update: row(1, "new") }, { delete: { id: noteId(2) } }],
  });
  await browser.advance(100);
  expect(await titles()).toEqual(["new"]);
}

test("an old snapshot that comes without a word is a copy beside: newer rows stay", async () => {
  await caughtUp();
  follower.stop();
  vi.spyOn(console, "warn").mockImplementation(() => {});
  // The same answer again and again: the official client distrusts its caches, and begins anew.
  between = (url) =>
    url.searchParams.get("offset") === "-1" || url.searchParams.has("live")
      ? undefined
      : new Response("[]", {
          headers: {
            "electric-handle": url.searchParams.get("handle") ?? "",
            "electric-offset": url.searchParams.get("offset") ?? "",
            "electric-schema": schemaOf(notes),
          },
        });
  const seen: string[][] = [];
  store.onTouched(async () => seen.push([...(await titles())]));
  asked = [];

  follower = followed();
  follower.start();
  await vi.waitFor(() => expect(follower.status.reason).toBe("the stream begins anew"));
  between = () => undefined;
  await browser.advance(10_000);

  expect(await titles()).toEqual(["new"]);
  for (const shown of seen) expect(shown).toEqual(["new"]);
  expect((await table.position()).slot).toBe("synced");
  expect(follower.status.phase).toBe("live");
});

test("who asks for news does not break into a pause that the server asked for", async () => {
  await caughtUp();
  between = () => new Response("{}", { status: 503, headers: { "retry-after": "60" } });
  asked = [];
  follower.nudge();
  await browser.advance(100);
  const before = asked.length;
  expect(before).toBeGreaterThan(0);

  for (let second = 0; second < 50; second++) {
    follower.nudge();
    await browser.advance(1_000);
  }
  expect(asked).toHaveLength(before);
  between = () => undefined;
  await browser.advance(15_000);

  expect(asked.length).toBeGreaterThan(before);
  expect(follower.status.phase).toBe("live");
});

test("a copy that another tab has gone on with is followed from there, and nobody is offline", async () => {
  await caughtUp();
  await table.beginNext();
  phases = [];

  browser.stream(notes, { txid: 12, changes: [{ insert: row(3, "more") }] });
  await browser.advance(5_000);

  expect((await titles()).sort()).toEqual(["more", "new"]);
  expect(phases).not.toContain("offline");
  expect((await table.position()).slot).toBe("synced");
});

test("a stream that has ended hears of the page no more", async () => {
  const listening = new Set<unknown>();
  vi.stubGlobal("document", {
    hidden: false,
    addEventListener: (_: string, listener: unknown) => listening.add(listener),
    removeEventListener: (_: string, listener: unknown) => listening.delete(listener),
  });
  browser.stream(notes, { rows: [] });
  follower.start();
  await browser.advance(100);
  const before = listening.size;

  follower.stop();
  await quiet();
  vi.unstubAllGlobals();

  expect([before, listening.size]).toEqual([1, 0]);
});
