import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { noteId, notes } from "../../test/fakes/notes.js";
import { localChange } from "../store/local-change.js";
import { addToOverlay } from "../store/overlay.js";
import { Store } from "../store/store.js";
import type { Tx } from "../store/tx.js";
import { MergedView } from "./merged-view.js";

let count = 0;
let store: Store;
let view: MergedView;

beforeEach(async () => {
  store = await Store.open(`view${count++}`, [notes], () => {});
  view = new MergedView(notes, store);
});

afterEach(() => {
  view.close();
  store.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const write = (number: number, title: string) =>
  store.write((tx) =>
    addToOverlay(tx, [
      {
        id: `${number} ${title}`,
        change: localChange(notes, "insert", { id: noteId(number), title }),
        group: undefined,
      },
    ]),
  );

const titles = () => view.rows?.map(({ title }) => title);

/** The next reading of the store breaks off, as when a browser loses the connection to its database. */
function breakOnce(): void {
  const { read } = store;
  store.read = <T>(_: (tx: Tx) => Promise<T>): Promise<T> => {
    store.read = read;
    return Promise.reject(new Error("the connection to the database was lost"));
  };
}

test("rows that could not be read once are read with the next ones", async () => {
  await write(1, "new");
  view.subscribe(() => {});
  await view.refreshed();
  await write(1, "newer");
  breakOnce();
  view.touched(new Set([noteId(1)]));
  await view.refreshed();
  expect(titles()).toEqual(["new"]);

  await view.refreshed();

  expect(titles()).toEqual(["newer"]);
});

test("who waits for rows waits for those that are being read, too", async () => {
  await write(1, "a");
  view.subscribe(() => {});

  await view.refreshed();

  expect(titles()).toEqual(["a"]);
});

test("rows that could not be read are read again by themselves", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const listener = vi.fn();
  await write(1, "new");
  breakOnce();

  view.subscribe(listener);
  await vi.waitFor(() => expect(titles()).toEqual(["new"]));

  expect(listener).toHaveBeenCalledTimes(1);
});

test("a listener that throws keeps neither others from hearing nor the view from its rows", async () => {
  const reported = vi.fn();
  vi.stubGlobal("reportError", reported);
  const listener = vi.fn();
  view.subscribe(() => {
    throw new Error("a fault of the application");
  });
  view.subscribe(listener);

  await write(1, "a");
  view.touched(new Set([noteId(1)]));
  await view.refreshed();

  expect(titles()).toEqual(["a"]);
  expect(listener).toHaveBeenCalled();
  expect(reported).toHaveBeenCalledWith(new Error("a fault of the application"));
});

test("of another user it shows nothing, not even what was being read", async () => {
  await write(1, "ada's");
  view.subscribe(() => {});

  view.rebind(undefined);
  await view.refreshed();

  expect(view.isRead).toBe(false);
  expect(view.rows).toBeUndefined();
});

test("beyond two thousand rows that changed it reads all once", async () => {
  await view.refreshed();
  for (let i = 0; i < 2_001; i++) {
    await Promise.resolve();
    view.touched(new Set([noteId(i)]));
  }
  await write(2_500, "one that nobody told of");

  await view.refreshed();

  expect(titles()).toEqual(["one that nobody told of"]);
});
