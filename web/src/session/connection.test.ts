import "../../test/scenarios/quiet.js";
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Browser } from "../../test/fakes/browser.js";
import { noteId, notes } from "../../test/fakes/notes.js";
import { defineEntity, int4, uuid } from "../index.js";

const lines = defineEntity("lines", {
  columns: { note: uuid(), number: int4() },
  key: ["note", "number"],
  priority: 1,
});

let browser: Browser;

beforeEach(() => {
  browser = new Browser([notes, lines]);
});

afterEach(() => browser.close());

const line = (number: number) => ({ note: noteId(1), number });

test("streams of a later priority wait for those of an earlier one that are new", async () => {
  const tab = await browser.open();
  await tab.signIn("ada", "adopt");
  await browser.advance(1_000);
  expect(browser.server.shape("lines").beginnings).toBe(0);

  browser.stream(notes, { rows: [] });
  await browser.advance(1_000);

  expect(browser.server.shape("lines").beginnings).toBe(1);
});

test("a stream that was up to date once and now fails keeps no other waiting", async () => {
  const first = await browser.open();
  await first.signIn("ada", "adopt");
  browser.stream(notes, { rows: [] });
  await browser.advance(1_000);
  browser.stream(lines, { rows: [line(1)] });
  await browser.advance(1_000);
  await first.close();
  for (let i = 0; i < 3; i++) browser.stream(notes, { refuse: { status: 500, retryAfter: 60 } });

  const again = await browser.open();
  await browser.advance(1_000);
  browser.stream(lines, { txid: 20, changes: [{ insert: line(2) }] });
  await browser.advance(1_000);

  expect(again.status.streams.map(({ phase }) => phase)).toEqual(["offline", "live"]);
  expect(await again.rows(lines).all()).toEqual([line(1), line(2)]);
});
