import "fake-indexeddb/auto";
import { expect, test, vi } from "vitest";
import { notes } from "../../test/fakes/notes.js";
import { Store, StoreClosed } from "./store.js";

const isThere = async (name: string) => (await indexedDB.databases()).some((one) => one.name === name);

test("a store that is deleted elsewhere lets go, and is not made again by who still has it", async () => {
  const onOutdated = vi.fn();
  const store = await Store.open("deleted", [notes], onOutdated);

  await Store.delete("deleted");

  expect(store.isOpen).toBe(false);
  await expect(store.read((tx) => tx.overlay.count())).rejects.toThrow();
  await expect(store.write((tx) => tx.overlay.count())).rejects.toThrow();
  expect(await isThere("deleted")).toBe(false);
  expect(onOutdated).not.toHaveBeenCalled();
});

test("a store that has been left takes nothing more, from whoever has it open", async () => {
  const [one, other] = [
    await Store.open("left", [notes], () => {}),
    await Store.open("left", [notes], () => {}),
  ];

  await one.closeForWriting(true);
  await expect(other.write((tx) => tx.overlay.count())).rejects.toThrow(StoreClosed);
  await one.closeForWriting(false);

  expect(await other.write((tx) => tx.overlay.count())).toBe(0);
});

test("whether there is a store can be asked without making one", async () => {
  await Store.open("there", [notes], () => {});

  expect([await Store.exists("there"), await Store.exists("nowhere")]).toEqual([true, false]);
  expect(await isThere("nowhere")).toBe(false);
});
