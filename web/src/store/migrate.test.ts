import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { type AnyEntity, defineEntity, int4, int8, text, uuid } from "../index.js";
import { WriteBuffer } from "../write-buffer/write-buffer.js";
import { localChange } from "./local-change.js";
import { acknowledge } from "./overlay.js";
import { Store } from "./store.js";
import { SyncedTable } from "./synced-table.js";

const described = { id: uuid(), title: text() };
const plain = defineEntity("works", { columns: described, key: ["id"] });
const dated = defineEntity("works", { columns: { ...described, year: int4().nullable() }, key: ["id"] });
const worded = defineEntity("works", { columns: { ...described, year: text().nullable() }, key: ["id"] });
const large = defineEntity("works", { columns: { ...described, year: int8().nullable() }, key: ["id"] });
const keyed = defineEntity("works", { columns: { isbn: text(), title: text() }, key: ["isbn"] });
const others = defineEntity("others", { columns: { id: uuid() }, key: ["id"] });

const id = "00000000-0000-4000-8000-000000000001";
let count = 0;
let name: string;

beforeEach(() => {
  name = `migrate${count++}`;
});

/** An application with these entities opens what is there. */
async function within<T>(entities: readonly AnyEntity[], work: (store: Store) => Promise<T>): Promise<T> {
  const store = await Store.open(name, entities, () => {});
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

function buffered(store: Store): WriteBuffer {
  const environment = {
    fetch: () => Promise.reject(new Error("no network")),
    now: () => 0,
    after: () => () => {},
    random: () => 0,
    uuid: () => crypto.randomUUID(),
  };
  return new WriteBuffer(store, environment, { onEnqueued: () => {}, onTold: () => {} });
}

const write = (entity: AnyEntity, values: object) =>
  within([entity], (store) =>
    store.write((tx) =>
      buffered(store).add(
        tx,
        [{ id: "write", change: localChange(entity, "insert", { ...values }), group: undefined }],
        true,
      ),
    ),
  );

const shown = (entity: AnyEntity) =>
  within([entity], (store) =>
    store.read(async (tx) => (await tx.local(entity).toArray()).map(({ row }) => row)),
  );

const sent = (entity: AnyEntity) =>
  within([entity], async (store) => (await buffered(store).peek(10)).map(({ payload }) => payload));

test("a column's type may change while a write of it waits, which is sent as it was written", async () => {
  await write(dated, { id, title: "a", year: 5 });

  expect(await shown(worded)).toEqual([{ id, title: "a", year: null }]);
  expect(await sent(worded)).toEqual([{ id, title: "a", year: 5 }]);
});

test("what cannot be read as the new type waits and is sent, too", async () => {
  await write(worded, { id, title: "a", year: "c. 1900" });

  expect(await shown(large)).toEqual([{ id, title: "a", year: null }]);
  expect(await sent(large)).toEqual([{ id, title: "a", year: "c. 1900" }]);
});

test("a write that has no such key is not shown, and is sent", async () => {
  await write(plain, { id, title: "a" });

  expect(await shown(keyed)).toEqual([]);
  expect(await sent(keyed)).toEqual([{ id, title: "a" }]);
});

test("a row shows what the server has once its write was applied while the application did not know it", async () => {
  await write(plain, { id, title: "a" });
  await within([others], async (store) => {
    const buffer = buffered(store);
    await store.write(async (tx) => {
      const [change] = await tx.overlay.toArray();
      await tx.buffer.clear();
      if (change !== undefined) await acknowledge(tx, store, [{ change, txid: 7, lsn: 10n }]);
    });
    expect(await buffer.size()).toBe(0);
    expect(await store.read((tx) => tx.overlay.count())).toBe(0);
  });

  const { overlay, local } = await within([plain, others], (store) =>
    store.read(async (tx) => ({ overlay: await tx.overlay.count(), local: await tx.local(plain).count() })),
  );

  expect({ overlay, local }).toEqual({ overlay: 0, local: 0 });
});

const copyOfOne = () =>
  within([plain], async (store) => {
    const table = new SyncedTable(store, plain);
    await table.take(
      await table.position(),
      { handle: "one", offset: "10_0", isLive: false },
      [
        {
          kind: "change",
          op: "insert",
          value: { id, title: "a", year: "1900" },
          place: undefined,
          ended: [],
        },
        { kind: "snapshot-end", snapshot: { xmin: 3n, xmax: 3n, running: [] } },
        { kind: "up-to-date", lsn: 10n },
      ],
      0,
    );
  });

test("rows that a version of the application does not know are there for the next", async () => {
  await copyOfOne();
  await within([others], async () => {});

  const { titles, at } = await within([plain, others], async (store) => ({
    titles: await store.read(async (tx) => (await tx.synced(plain).toArray()).map(({ title }) => title)),
    at: await new SyncedTable(store, plain).position(),
  }));

  expect(titles).toEqual(["a"]);
  expect(at).toMatchObject({ slot: "synced", offset: "10_0" });
});

test("rows stay shown when the application changes a column, and are copied anew beside", async () => {
  await copyOfOne();

  const found = await within([dated], async (store) => ({
    hasMigrated: store.hasMigrated,
    rows: await store.read((tx) => tx.synced(dated).toArray()),
    at: await new SyncedTable(store, dated).position(),
  }));

  expect(found.hasMigrated).toBe(true);
  expect(found.rows).toEqual([{ id, title: "a", year: 1900 }]);
  expect(found.at).toMatchObject({ slot: "next", offset: "-1" });
});

test("an application that says the same as before has changed nothing", async () => {
  await within([plain], async (store) => expect(store.hasMigrated).toBe(false));

  await within([plain], async (store) => expect(store.hasMigrated).toBe(false));
});
