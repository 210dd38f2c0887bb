import {
  and,
  BTreeIndex,
  type Collection,
  createCollection,
  createLiveQueryCollection,
  eq,
  gt,
  inArray,
  like,
  lte,
  not,
  type TransactionState,
} from "@tanstack/db";
import { type ElectricCollectionUtils, electricCollectionOptions } from "@tanstack/electric-db-collection";
import { describe, expect, onTestFinished, test } from "vitest";
import { createNumberedTable, createTable, insertNumbered, sql, transact } from "./database.js";
import { type Exchange, type RecordedFetch, recordedFetch } from "./recorded-fetch.js";
import { surroundings } from "./surroundings.js";

type Item = { readonly id: number; readonly title: string };
type Items = Collection<Item, string | number, ElectricCollectionUtils<Item>>;
type SyncMode = "eager" | "progressive" | "on-demand";

type Opened = { readonly items: Items; readonly fetch: RecordedFetch };

type OpenOptions = {
  readonly syncMode?: SyncMode;
  readonly fetchClient?: typeof fetch;
  readonly shapeOptions?: { readonly liveSse?: boolean; readonly subsetMethod?: "GET" | "POST" };
};

/** A collection of a table of `id` and `title` that writes to the database itself, as an API would. */
function openItems(
  table: string,
  { syncMode = "eager", fetchClient, shapeOptions }: OpenOptions = {},
): Opened {
  const fetch = recordedFetch(fetchClient);
  const items = createCollection(
    electricCollectionOptions<Item>({
      id: table,
      syncMode,
      getKey: (item) => item.id,
      autoIndex: "eager",
      defaultIndexType: BTreeIndex,
      shapeOptions: {
        url: surroundings.shapeUrl,
        params: { table },
        fetchClient: fetch,
        backoffOptions: { initialDelay: 50, multiplier: 2, maxDelay: 500 },
        ...shapeOptions,
      },
      onInsert: async ({ transaction }) => {
        const statements = transaction.mutations.map(
          ({ modified }) => `insert into ${table} values (${modified.id}, '${modified.title}')`,
        );
        return { txid: await transact(...statements), timeout: 20_000 };
      },
      onUpdate: async ({ transaction }) => {
        const statements = transaction.mutations.map(
          ({ modified }) => `update ${table} set title = '${modified.title}' where id = ${modified.id}`,
        );
        return { txid: await transact(...statements), timeout: 20_000 };
      },
      onDelete: async ({ transaction }) => {
        const statements = transaction.mutations.map(({ key }) => `delete from ${table} where id = ${key}`);
        return { txid: await transact(...statements), timeout: 20_000 };
      },
    }),
  ) as unknown as Items;
  onTestFinished(() => items.cleanup());
  return { items, fetch };
}

function ids(items: { readonly toArray: readonly { readonly id: number }[] }): number[] {
  return items.toArray.map(({ id }) => id);
}

function sortedIds(items: { readonly toArray: readonly { readonly id: number }[] }): number[] {
  return ids(items).toSorted((a, b) => a - b);
}

function subsets(fetch: RecordedFetch): readonly Exchange[] {
  return fetch.exchanges.filter(({ headers }) => headers.has("electric-snapshot"));
}

/** What the collection had under a key after each change, as a list that shows it. */
function watch(items: Items, key: number): (string | undefined)[] {
  const seen: (string | undefined)[] = [];
  const subscription = items.subscribeChanges(() => {
    const title = items.get(key)?.title;
    if (seen.length === 0 || seen.at(-1) !== title) seen.push(title);
  });
  onTestFinished(() => subscription.unsubscribe());
  return seen;
}

async function finished(transaction: {
  isPersisted: { promise: Promise<unknown> };
  state: TransactionState;
}) {
  await transaction.isPersisted.promise;
  return transaction.state;
}

describe.each(["eager", "progressive"] as const)("a collection in mode %s", (syncMode) => {
  test("has the table and what becomes of it", async () => {
    const table = await createNumberedTable(30);
    const { items } = openItems(table, { syncMode });
    await items.preload();
    await expect.poll(() => items.size).toBe(30);

    await sql(`update ${table} set title = 'new' where id = 3`);
    await sql(`delete from ${table} where id > 28`);
    await sql(`update ${table} set id = 100 where id = 1`);
    await insertNumbered(table, 200, 200);

    await expect.poll(() => sortedIds(items).slice(-3)).toEqual([28, 100, 200]);
    expect(items.size).toBe(29);
    expect(items.get(3)).toMatchObject({ id: 3, title: "new" });
    expect(items.status).toBe("ready");
  });

  test("keeps what the user wrote in sight until it has come back", async () => {
    const table = await createNumberedTable(5);
    const { items } = openItems(table, { syncMode });
    await items.preload();
    await expect.poll(() => items.size).toBe(5);
    const [inserted, updated, deleted] = [watch(items, 6), watch(items, 2), watch(items, 3)];

    const states = await Promise.all([
      finished(items.insert({ id: 6, title: "mine" })),
      finished(
        items.update(2, (draft) => {
          (draft as { title: string }).title = "changed";
        }),
      ),
      finished(items.delete(3)),
    ]);
    await insertNumbered(table, 7, 7);
    await expect.poll(() => sortedIds(items)).toEqual([1, 2, 4, 5, 6, 7]);

    expect(states).toEqual(["completed", "completed", "completed"]);
    expect(inserted.filter((title) => title !== undefined)).toEqual(["mine"]);
    expect(inserted.slice(inserted.indexOf("mine"))).toEqual(["mine"]);
    expect(updated.slice(updated.indexOf("changed"))).toEqual(["changed"]);
    expect(deleted.slice(deleted.indexOf(undefined))).toEqual([undefined]);
  });

  test("is filled anew after TRUNCATE", async () => {
    const table = await createNumberedTable(10);
    const { items } = openItems(table, { syncMode });
    await items.preload();
    await expect.poll(() => items.size).toBe(10);

    await sql(`truncate ${table}`);
    await insertNumbered(table, 5, 6);

    await expect.poll(() => sortedIds(items)).toEqual([5, 6]);
    const transaction = items.insert({ id: 7, title: "after" });
    expect(await finished(transaction)).toBe("completed");
  });
});

describe("awaitTxId", () => {
  test.each([
    { syncMode: "eager", liveSse: false },
    { syncMode: "eager", liveSse: true },
    { syncMode: "progressive", liveSse: false },
    { syncMode: "on-demand", liveSse: false },
    { syncMode: "on-demand", liveSse: true },
  ] as const)(
    "resolves once the transaction is in the collection ($syncMode, liveSse $liveSse)",
    async (mode) => {
      const table = await createNumberedTable(2);
      const { items } = openItems(table, {
        syncMode: mode.syncMode,
        shapeOptions: { liveSse: mode.liveSse },
      });
      await items.preload();

      const txid = await transact(`insert into ${table} values (3, 'three')`);
      await items.utils.awaitTxId(txid, 20_000);

      expect(items.get(3)?.title).toBe("three");
    },
  );

  test("resolves for a transaction that the snapshot held already", async () => {
    const table = await createNumberedTable(2);
    const txid = await transact(`insert into ${table} values (3, 'three')`);
    const { items } = openItems(table);
    await items.preload();

    await items.utils.awaitTxId(txid, 20_000);

    expect(items.get(3)?.title).toBe("three");
  });

  test("rejects for a transaction that touched another table", async () => {
    const [table, other] = [await createNumberedTable(1), await createNumberedTable(0)];
    const { items } = openItems(table);
    await items.preload();

    const txid = await transact(`insert into ${other} values (1, 'elsewhere')`);

    await expect(items.utils.awaitTxId(txid, 300)).rejects.toThrow("Timeout");
  });

  test("resolves for a transaction with savepoints by the id of the whole", async () => {
    const table = await createNumberedTable(0);
    const { items } = openItems(table);
    await items.preload();

    const txid = await transact(
      "savepoint one",
      `insert into ${table} values (1, 'kept')`,
      "savepoint two",
      `insert into ${table} values (2, 'lost')`,
      "rollback to savepoint two",
    );
    await items.utils.awaitTxId(txid, 20_000);

    expect(sortedIds(items)).toEqual([1]);
  });
});

describe("a collection in mode progressive", () => {
  test("shows what a query wants while the table is still coming", async () => {
    const table = await createNumberedTable(2000);
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { items, fetch } = openItems(table, {
      syncMode: "progressive",
      fetchClient: async (...request) => {
        const response = await globalThis.fetch(...request);
        if (!response.headers.has("electric-snapshot")) await released;
        return response;
      },
    });
    const query = createLiveQueryCollection({
      startSync: true,
      query: (q) => q.from({ item: items }).where(({ item }) => lte(item.id, 3)),
    });
    onTestFinished(() => query.cleanup());

    await expect.poll(() => sortedIds(query)).toEqual([1, 2, 3]);
    expect(items.size).toBeLessThan(2000);
    expect(subsets(fetch).length).toBeGreaterThan(0);
    release();

    await expect.poll(() => items.size).toBe(2000);
    await insertNumbered(table, 2001, 2001);
    await expect.poll(() => items.size).toBe(2001);
  });
});

describe.each(["GET", "POST"] as const)("a collection on demand, subsets by %s", (subsetMethod) => {
  test("has no more than the queries want", async () => {
    const table = await createNumberedTable(500);
    const { items, fetch } = openItems(table, { syncMode: "on-demand", shapeOptions: { subsetMethod } });
    const query = createLiveQueryCollection((q) =>
      q
        .from({ item: items })
        .where(({ item }) => and(gt(item.id, 100), like(item.title, "title 2%")))
        .orderBy(({ item }) => item.id, "desc")
        .limit(3),
    );
    onTestFinished(() => query.cleanup());
    await query.preload();

    expect(ids(query)).toEqual([299, 298, 297]);
    expect(items.size).toBeLessThan(50);
    expect(subsets(fetch).every(({ method, status }) => method === subsetMethod && status === 200)).toBe(
      true,
    );
    await sql(`insert into ${table} values (1000, 'title 2000')`);
    await expect.poll(() => ids(query)).toEqual([1000, 299, 298]);
    await sql(`delete from ${table} where id = 299`);
    await expect.poll(() => ids(query)).toEqual([1000, 298, 297]);
    await sql(`update ${table} set title = 'not any more' where id = 298`);
    await expect.poll(() => ids(query)).toEqual([1000, 297, 296]);
  });

  test("loads the next page and the one before", async () => {
    const table = await createNumberedTable(30);
    const { items } = openItems(table, { syncMode: "on-demand", shapeOptions: { subsetMethod } });
    const query = createLiveQueryCollection((q) =>
      q
        .from({ item: items })
        .orderBy(({ item }) => item.id)
        .limit(5)
        .offset(0),
    );
    onTestFinished(() => query.cleanup());
    await query.preload();
    expect(ids(query)).toEqual([1, 2, 3, 4, 5]);

    await query.utils.setWindow({ offset: 10, limit: 5 });
    await expect.poll(() => ids(query)).toEqual([11, 12, 13, 14, 15]);
    await query.utils.setWindow({ offset: 5, limit: 5 });
    await expect.poll(() => ids(query)).toEqual([6, 7, 8, 9, 10]);
  });

  test("takes the conditions that queries are made of", async () => {
    const table = await createTable();
    await sql(
      `insert into ${table} values (1, ''), (2, null), (3, 'it''s "so"'), (4, 'x'), (5, '50%'), (6, 'É')`,
    );
    const { items } = openItems(table, { syncMode: "on-demand", shapeOptions: { subsetMethod } });
    const queries = [
      createLiveQueryCollection((q) =>
        q.from({ item: items }).where(({ item }) => eq(item.title, 'it\'s "so"')),
      ),
      createLiveQueryCollection((q) => q.from({ item: items }).where(({ item }) => eq(item.title, "É"))),
      createLiveQueryCollection((q) =>
        q.from({ item: items }).where(({ item }) => inArray(item.id, [4, 5, 77])),
      ),
      createLiveQueryCollection((q) =>
        q.from({ item: items }).where(({ item }) => and(not(eq(item.title, "x")), lte(item.id, 5))),
      ),
    ];
    for (const query of queries) {
      onTestFinished(() => query.cleanup());
      await query.preload();
    }

    expect(queries.map(sortedIds)).toEqual([[3], [6], [4, 5], [1, 3, 5]]);
  });

  test("keeps what the user wrote in sight until it has come back", async () => {
    const table = await createNumberedTable(20);
    const { items } = openItems(table, {
      syncMode: "on-demand",
      shapeOptions: { subsetMethod, liveSse: true },
    });
    const query = createLiveQueryCollection((q) =>
      q.from({ item: items }).where(({ item }) => lte(item.id, 10)),
    );
    onTestFinished(() => query.cleanup());
    await query.preload();
    const [updated, deleted] = [watch(items, 2), watch(items, 3)];

    const states = await Promise.all([
      finished(
        items.update(2, (draft) => {
          (draft as { title: string }).title = "changed";
        }),
      ),
      finished(items.delete(3)),
    ]);
    await sql(`update ${table} set title = 'later' where id = 4`);
    await expect.poll(() => query.toArray.map(({ title }) => title)).toContain("later");

    expect(states).toEqual(["completed", "completed"]);
    expect(updated.slice(updated.indexOf("changed"))).toEqual(["changed"]);
    expect(deleted.slice(deleted.indexOf(undefined))).toEqual([undefined]);
    expect(query.size).toBe(9);
  });

  test("loads its subsets again after TRUNCATE", async () => {
    const table = await createNumberedTable(20);
    const { items } = openItems(table, { syncMode: "on-demand", shapeOptions: { subsetMethod } });
    const query = createLiveQueryCollection((q) =>
      q.from({ item: items }).where(({ item }) => lte(item.id, 3)),
    );
    onTestFinished(() => query.cleanup());
    await query.preload();
    expect(sortedIds(query)).toEqual([1, 2, 3]);

    await sql(`truncate ${table}; insert into ${table} values (2, 'again'), (7, 'unwanted')`);

    await expect.poll(() => query.toArray.map(({ title }) => title)).toEqual(["again"]);
    await insertNumbered(table, 1, 1);
    await expect.poll(() => sortedIds(query)).toEqual([1, 2]);
  });
});
