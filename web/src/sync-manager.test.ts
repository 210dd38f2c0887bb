import "../test/scenarios/quiet.js";
import "fake-indexeddb/auto";
import Dexie from "dexie";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Browser, tokenOf } from "../test/fakes/browser.js";
import { FakeChannel } from "../test/fakes/fake-channel.js";
import { noteId, notes } from "../test/fakes/notes.js";
import { quiet } from "../test/scenarios/quiet.js";
import { Step } from "../test/scenarios/step.js";
import { defineEntity, int4, text, uuid } from "./index.js";
import { Store } from "./store/store.js";
import type { SyncManager } from "./sync-manager.js";
import { WriteBuffer } from "./write-buffer/write-buffer.js";
import type { Together } from "./writes.js";

/** The notes of the next version of the application. */
const notes2 = defineEntity("notes", {
  columns: {
    id: uuid(),
    owner: text().nullable(),
    title: text(),
    stars: int4().nullable(),
    language: text().nullable(),
  },
  key: ["id"],
  owner: "owner",
});

let browser: Browser;

beforeEach(() => {
  browser = new Browser([notes]);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await browser.close();
  vi.unstubAllGlobals();
});

const titles = async (tab: SyncManager) => (await tab.rows(notes).all()).map(({ title }) => title).sort();

const create = (tab: SyncManager, title: string) => tab.rows(notes).create({ title });

const row = (number: number, title: string) => ({ id: noteId(number), title });

async function signedIn(): Promise<SyncManager> {
  const tab = await browser.open();
  await tab.signIn("ada", "adopt");
  browser.stream(notes, { rows: [row(1, "one"), row(2, "two")] });
  await browser.advance(1_000);
  expect(await titles(tab)).toEqual(["one", "two"]);
  return tab;
}

/** What a sign-in notes before it takes over a guest's rows: the page was left in the middle. */
async function leaveInAdoption(user: string): Promise<void> {
  const db = new Dexie(browser.name);
  db.version(1).stores({ device: "" });
  await db.table("device").update("this", { adopter: user });
  db.close();
}

/** Databases whose names have that in them cannot be opened until it is called. */
function refuseToOpen(part: string): () => void {
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (this: IDBFactory, name, ...rest) {
    if (name.includes(part)) throw new DOMException("no room", "QuotaExceededError");
    return open.call(this, name, ...rest);
  };
  return () => {
    IDBFactory.prototype.open = open;
  };
}

// --- guests and their databases

test("what an old tab writes when its guest has become a user elsewhere is that user's", async () => {
  const old = await browser.open();
  await create(old, "guest's");
  await leaveInAdoption("ada");

  const fresh = await browser.open();
  await create(old, "later");
  await quiet();

  expect([fresh.user, old.user]).toEqual(["ada", "ada"]);
  expect(await titles(old)).toEqual(["guest's", "later"]);
  expect(await titles(fresh)).toEqual(["guest's", "later"]);
  expect(await browser.databases()).toEqual([":user:ada"]);
});

test("an old tab hears of it when a new one has made its guest a user", async () => {
  const old = await browser.open();
  await create(old, "guest's");
  await leaveInAdoption("ada");

  await browser.open();

  await vi.waitFor(() => expect(old.user).toBe("ada"));
  expect(await titles(old)).toEqual(["guest's"]);
});

test("a tab whose guest's database is deleted shows the user's rows, and does not make it again", async () => {
  const [one, other] = [await browser.open(), await browser.open()];
  await create(one, "guest's");

  await one.signIn("ada", "adopt");
  await vi.waitFor(async () => {
    expect(await titles(other)).toEqual(["guest's"]);
    expect(other.user).toBe("ada");
    expect(await browser.databases()).toEqual([":user:ada"]);
  });
});

test("a tab that opens while another signs in hears of it", async () => {
  const one = await browser.open();
  await create(one, "guest's");

  const [other] = await Promise.all([browser.open(), one.signIn("ada", "adopt")]);
  await create(other, "later");
  await vi.waitFor(() => expect(other.user).toBe("ada"));

  expect(await titles(other)).toEqual(["guest's", "later"]);
  expect(await titles(one)).toEqual(["guest's", "later"]);
});

test("what a discarded guest wrote stays at hand until it is kept elsewhere", async () => {
  const tab = await browser.open();
  await create(tab, "precious");

  const exported = await tab.signIn("ada", "discard");
  const again = await tab.signIn("ada", "discard");
  await tab.close();
  const next = await browser.open();

  expect(JSON.parse(exported ?? "")).toMatchObject({ table: "notes", payload: { title: "precious" } });
  expect(again).toBe(exported);
  expect(next.guestExport).toBe(exported);
  await next.forgetGuestExport();
  expect(next.guestExport).toBeUndefined();
  expect(await titles(next)).toEqual([]);
});

test("what a guest wrote is not lost when the user's database cannot be opened", async () => {
  const tab = await browser.open();
  await create(tab, "precious");
  const allow = refuseToOpen(":user:");

  await expect(tab.signIn("ada", "discard")).rejects.toThrow();
  allow();

  expect(await tab.signIn("ada", "discard")).toContain("precious");
  expect(tab.user).toBe("ada");
});

test("a guest writes on after a sign-in that failed", async () => {
  const tab = await browser.open();
  await create(tab, "before");
  const allow = refuseToOpen(":user:");

  await expect(tab.signIn("ada", "adopt")).rejects.toThrow();
  allow();
  await create(tab, "after");

  expect(tab.user).toBeUndefined();
  expect(await titles(tab)).toEqual(["after", "before"]);
  await tab.signIn("ada", "adopt");
  expect(await titles(tab)).toEqual(["after", "before"]);
});

// --- other versions of the application

test("another version of the application makes an old tab outdated, which keeps its rows", async () => {
  const old = await signedIn();

  const fresh = await browser.open({ entities: [notes2] });
  await quiet();

  expect([old.status.outdated, fresh.status.outdated]).toEqual([true, false]);
  expect(old.status.isLeader).toBe(false);
  expect(fresh.status.isLeader).toBe(true);
  await expect(create(old, "with the old columns")).rejects.toThrow("newer version");
  const found = await fresh.rows(notes2).all();
  expect(found.map(({ title, language }) => [title, language])).toEqual([
    ["one", null],
    ["two", null],
  ]);
  await browser.advance(5_000);
  expect((await fresh.rows(notes2).all()).map(({ title }) => title)).toEqual(["one", "two"]);
  expect(fresh.status.streams[0]?.phase).toBe("live");
});

// --- writes

test("what belongs together is made when all of it is known, also if that takes a while", async () => {
  const tab = await signedIn();
  const handles = await tab.together(async (together) => {
    const first = together.create(notes, { title: "first" });
    await tab.rows(notes).all();
    await quiet();
    expect(await titles(tab)).not.toContain("first");
    return [first, together.update(notes, { id: noteId(1), title: "second" })];
  });

  const waiting = await tab.writeBuffer.peek(10);

  expect(waiting.map(({ id }) => id)).toEqual(handles.map(({ id }) => id));
  expect(new Set(waiting.map(({ tx }) => tx)).size).toBe(1);
  expect(waiting[0]?.tx).toBeDefined();
  expect(await titles(tab)).toEqual(["first", "second", "two"]);
});

test("of what belongs together nothing is made if its work fails, or one of it is no such row", async () => {
  const tab = await signedIn();

  const failed = async (together: Together) => {
    together.create(notes, { title: "first" });
    await quiet();
    throw new Error("the application thinks better of it");
  };
  const wrong = (together: Together) => {
    together.create(notes, { title: "first" });
    together.create(notes, { title: "second", stars: "many" as unknown as number });
  };

  await expect(tab.together(failed)).rejects.toThrow("thinks better");
  await expect(tab.together(wrong)).rejects.toThrow(TypeError);
  expect(await tab.writeBuffer.size()).toBe(0);
  expect(await titles(tab)).toEqual(["one", "two"]);
});

test("what is written after its work has ended does not belong to it", async () => {
  const tab = await signedIn();
  const late = await tab.together((together) => together.create.bind(together));

  expect(() => late(notes, { title: "late" })).toThrow("has ended");
  expect(await tab.writeBuffer.size()).toBe(0);
});

test("a stored write is a success though it cannot be shown now, and is shown later", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const tab = await signedIn();
  const live = tab.rows(notes).live();
  const end = live.subscribe(() => {});
  await tab.rows(notes).all();
  const read = vi.spyOn(Store.prototype, "read");
  read.mockRejectedValueOnce(new Error("the connection to the database was lost"));

  await create(tab, "three");

  expect(await read.mock.results[0]?.value.catch(() => "lost")).toBe("lost");
  await vi.waitFor(() => expect(live.rows?.map(({ title }) => title)).toContain("three"));
  end();
  expect((await tab.writeBuffer.peek(10)).map(({ payload }) => payload.title)).toEqual(["three"]);
});

test("a listener that throws neither fails a write nor keeps it from being sent", async () => {
  const reported = vi.fn();
  vi.stubGlobal("reportError", reported);
  const tab = await signedIn();
  const fault = () => {
    throw new Error("a fault of the application");
  };
  const heard = vi.fn();
  tab.onStatus(fault);
  tab.onQueue(fault);
  tab.onStatus(heard);
  tab.rows(notes).live().subscribe(fault);

  const handle = await create(tab, "three");
  browser.values.name("w", handle.id);
  browser.apply("w");
  await browser.advance(1_000);

  expect(handle.state.kind).toBe("confirmed");
  expect(heard).toHaveBeenCalled();
  expect(reported).toHaveBeenCalledWith(new Error("a fault of the application"));
  expect(await titles(tab)).toEqual(["one", "three", "two"]);
});

test("the status says why what waits cannot be counted, and what was counted last", async () => {
  const tab = await signedIn();
  await tab.setOffline(true);
  await create(tab, "three");
  await vi.waitFor(() => expect(tab.status.writes.pending).toBe(1));
  const stats = vi.spyOn(WriteBuffer.prototype, "stats");
  stats.mockRejectedValue(new Error("the database is gone"));

  await create(tab, "four");
  await vi.waitFor(() => expect(tab.status.storage).toBe("the database is gone"));
  expect(tab.status.writes.pending).toBe(1);
  stats.mockRestore();
  await create(tab, "five");

  await vi.waitFor(() => expect(tab.status.writes.pending).toBe(3));
  expect(tab.status.storage).toBeUndefined();
});

test("what became of writes is found in what is stored when nobody has told", async () => {
  const leader = await signedIn();
  const other = await browser.open();
  const [good, bad] = [await create(other, "good"), await create(other, "bad")];
  browser.values.name("good", good.id);
  browser.values.name("bad", bad.id);
  browser.server.batches.whenever(
    new Step({
      whenever: "good",
      answer: {
        results: [
          { id: "good", status: "applied", txid: "50", lsn: "5000" },
          { id: "bad", status: "rejected", code: "check_violation", error: "not as it should be" },
        ],
      },
    }),
  );
  const deaf = vi.spyOn(FakeChannel.prototype, "postMessage").mockImplementation(() => {});
  await browser.advance(1_000);
  deaf.mockRestore();
  expect([good.state.kind, bad.state.kind]).toEqual(["local", "local"]);

  await leader.close();
  await quiet();

  expect(other.status.isLeader).toBe(true);
  expect(await good.settled).toEqual({ kind: "confirmed" });
  expect(await bad.settled).toMatchObject({ kind: "rejected", code: "check_violation" });
});

// --- reads

test("a row is found by its key in whatever form it is given", async () => {
  const tab = await browser.open();
  const id = "ABCDEF00-0000-4000-8000-000000000001";
  await tab.rows(notes).create({ id, title: "upper" });

  expect((await tab.rows(notes).get({ id }))?.title).toBe("upper");
  expect((await tab.rows(notes).get({ id: id.toLowerCase() }))?.title).toBe("upper");
});

test("a write that has returned is shown", async () => {
  const tab = await browser.open();
  const live = tab.rows(notes).live();
  const end = live.subscribe(() => {});

  for (const title of ["a", "b", "c"]) {
    await create(tab, title);
    expect(live.rows?.map((one) => one.title)).toContain(title);
  }
  end();
});

// --- tokens

test("without a way to ask for a token it is offline, and nobody has to sign in", async () => {
  let hasNetwork = false;
  const tab = await browser.open({
    tokens: async (user) => {
      if (!hasNetwork) throw new Error("no network");
      return tokenOf(user);
    },
  });
  await tab.signIn("ada", "adopt");
  const handle = await create(tab, "a");
  browser.values.name("w", handle.id);
  browser.apply("w");
  browser.stream(notes, { rows: [] });
  await browser.advance(5_000);
  expect(tab.status).toMatchObject({ isOffline: true, needsAuth: false });
  expect(tab.status.upload.phase).toBe("offline");

  hasNetwork = true;
  await browser.advance(60_000);

  expect(handle.state.kind).toBe("confirmed");
  expect(tab.status).toMatchObject({ isOffline: false, needsAuth: false });
});
