import {
  and,
  BTreeIndex,
  type Collection,
  createCollection,
  createLiveQueryCollection,
  eq,
  gte,
  ilike,
  inArray,
  isNull,
  length,
  lower,
  lt,
  not,
  or,
} from "@tanstack/db";
import { type ElectricCollectionUtils, electricCollectionOptions } from "@tanstack/electric-db-collection";
import { describe, expect, onTestFinished, test } from "vitest";
import { createTable, sql, transact } from "./database.js";
import { isLive, type RecordedFetch, recordedFetch } from "./recorded-fetch.js";
import { surroundings } from "./surroundings.js";
import { createTasks, owners, selectIds } from "./tasks.js";

type Task = {
  readonly id: number;
  readonly owner: string | null;
  readonly title: string | null;
  readonly priority: number | null;
  readonly done: boolean;
};
type Tasks = Collection<Task, string | number, ElectricCollectionUtils<Task>>;
type SyncMode = "eager" | "progressive" | "on-demand";

type Opened = { readonly tasks: Tasks; readonly fetch: RecordedFetch };

type OpenOptions = {
  readonly syncMode: SyncMode;
  readonly where: string;
  readonly params?: readonly string[];
  readonly liveSse?: boolean;
  readonly subsetMethod?: "GET" | "POST";
};

/** A collection of those tasks that meet a condition. */
function openTasks(table: string, { syncMode, where, params = [], ...shapeOptions }: OpenOptions): Opened {
  const fetch = recordedFetch();
  const tasks = createCollection(
    electricCollectionOptions<Task>({
      id: `${table} ${where} ${params.join()}`,
      syncMode,
      getKey: (task) => task.id,
      autoIndex: "eager",
      defaultIndexType: BTreeIndex,
      shapeOptions: {
        url: surroundings.shapeUrl,
        // A row that an update brings into a query's sight is not known to the client before.
        params: { table, where, params: [...params], replica: "full" },
        fetchClient: fetch,
        backoffOptions: { initialDelay: 50, multiplier: 2, maxDelay: 500 },
        ...shapeOptions,
      },
      onUpdate: async ({ transaction }) => {
        const statements = transaction.mutations.map(
          ({ key, modified }) => `update ${table} set owner = '${modified.owner}' where id = ${key}`,
        );
        return { txid: await transact(...statements), timeout: 20_000 };
      },
    }),
  ) as unknown as Tasks;
  onTestFinished(() => tasks.cleanup());
  return { tasks, fetch };
}

function sortedIds(tasks: { readonly toArray: readonly { readonly id: number }[] }): number[] {
  return tasks.toArray.map(({ id }) => id).toSorted((a, b) => a - b);
}

/** The conditions of the subsets that were asked for. */
function pushedDown(fetch: RecordedFetch): string[] {
  return fetch.exchanges
    .filter(({ headers }) => headers.has("electric-snapshot"))
    .map(({ url }) => url.searchParams.get("subset__where") ?? "");
}

describe.each([
  { syncMode: "eager", liveSse: false },
  { syncMode: "eager", liveSse: true },
  { syncMode: "progressive", liveSse: false },
  { syncMode: "progressive", liveSse: true },
] as const)("a filtered collection in mode $syncMode, liveSse $liveSse", ({ syncMode, liveSse }) => {
  const adas = { syncMode, liveSse, where: "owner = $1", params: [owners.ada] };

  test("has what meets its condition, as it enters and leaves", async () => {
    const table = await createTasks(20);
    const { tasks } = openTasks(table, adas);
    await tasks.preload();
    await expect.poll(() => sortedIds(tasks)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);

    await transact(
      `update ${table} set owner = '${owners.bob}' where id between 5 and 15`,
      `update ${table} set owner = '${owners.ada}', title = 'mine' where id in (2, 12)`,
      `update ${table} set id = 30 where id = 1`,
      `delete from ${table} where id = 3`,
      `insert into ${table} (id, owner) values (31, '${owners.ada}'), (32, '${owners.bob}')`,
    );

    await expect.poll(() => sortedIds(tasks)).toEqual([2, 12, 17, 19, 30, 31]);
    expect(tasks.get(12)).toMatchObject({ id: 12, owner: owners.ada, title: "mine", priority: 2 });
  });

  test("has what comes and goes with another table", async () => {
    const table = await createTasks(8);
    const members = await createTable("task int primary key, member text");
    await sql(`insert into ${members} values (1, 'ada'), (5, 'ada')`);
    const where = `id in (select task from ${members} where member = $1)`;
    const { tasks } = openTasks(table, { syncMode, liveSse, where, params: ["ada"] });
    await tasks.preload();
    await expect.poll(() => sortedIds(tasks)).toEqual([1, 5]);

    const joined = await transact(`insert into ${members} values (7, 'ada')`);
    await tasks.utils.awaitTxId(joined, 20_000);
    expect(sortedIds(tasks)).toEqual([1, 5, 7]);
    const left = await transact(
      `update ${table} set title = 'seen' where id = 7`,
      `delete from ${members} where task < 6`,
      `insert into ${table} (id) values (20)`,
    );
    await tasks.utils.awaitTxId(left, 20_000);
    expect(sortedIds(tasks)).toEqual([7]);
    expect(tasks.get(7)).toMatchObject({ title: "seen" });
  });

  test("lets go of a row that its user gives away", async () => {
    const table = await createTasks(6);
    const { tasks } = openTasks(table, adas);
    await tasks.preload();
    await expect.poll(() => sortedIds(tasks)).toEqual([1, 3, 5]);

    const given = tasks.update(3, (draft) => {
      (draft as { owner: string }).owner = owners.bob;
    });
    await given.isPersisted.promise;

    expect(given.state).toBe("completed");
    await expect.poll(() => sortedIds(tasks)).toEqual([1, 5]);
  });

  test("has live queries with conditions of their own", async () => {
    const table = await createTasks(12);
    const { tasks } = openTasks(table, adas);
    const query = createLiveQueryCollection((q) =>
      q.from({ task: tasks }).where(({ task }) => and(eq(task.done, false), gte(task.priority, 2))),
    );
    onTestFinished(() => query.cleanup());
    await query.preload();
    await expect.poll(() => sortedIds(query)).toEqual([7]);

    await sql(`update ${table} set owner = '${owners.ada}', done = false where id in (2, 4, 8)`);

    await expect.poll(() => sortedIds(query)).toEqual([2, 4, 7, 8]);
    await sql(`update ${table} set owner = null where id = 7`);
    await expect.poll(() => sortedIds(query)).toEqual([2, 4, 8]);
  });
});

describe.each([
  { liveSse: false, subsetMethod: "GET" },
  { liveSse: true, subsetMethod: "GET" },
  { liveSse: false, subsetMethod: "POST" },
] as const)("a filtered collection on demand, liveSse $liveSse, $subsetMethod", (manner) => {
  const adas = { ...manner, syncMode: "on-demand", where: "owner = $1", params: [owners.ada] } as const;

  test("hands the conditions of live queries to the server", async () => {
    const table = await createTasks(200);
    const { tasks, fetch } = openTasks(table, adas);
    const query = createLiveQueryCollection((q) =>
      q.from({ task: tasks }).where(({ task }) => and(lt(task.id, 40), eq(task.priority, 4))),
    );
    onTestFinished(() => query.cleanup());
    await query.preload();
    expect(sortedIds(query)).toEqual([9, 19, 29, 39]);
    expect(tasks.size).toBe(4);
    if (manner.subsetMethod === "GET") {
      expect(pushedDown(fetch)).toEqual(['"id" < $1 AND "priority" = $2']);
    }
    expect(
      fetch.exchanges.filter((exchange) => !isLive(exchange)).every(({ status }) => status === 200),
    ).toBe(true);

    await transact(
      `update ${table} set owner = '${owners.ada}' where id in (4, 44)`,
      `update ${table} set owner = '${owners.bob}' where id = 9`,
      `update ${table} set priority = 4 where id in (11, 12)`,
      `update ${table} set priority = 1 where id = 19`,
      `delete from ${table} where id = 29`,
    );

    await expect.poll(() => sortedIds(query)).toEqual([4, 11, 39]);
    expect(query.toArray.map(({ title }) => title).toSorted()).toEqual(["task 11", "task 39", "task 4"]);
  });

  const conditions = [
    {
      condition: "priority is null or not done",
      queryOf: (tasks: Tasks) =>
        createLiveQueryCollection((q) =>
          q.from({ task: tasks }).where(({ task }) => or(isNull(task.priority), not(task.done))),
        ),
    },
    {
      condition: "id in (3, 4, 5) and title <> 'task 3'",
      queryOf: (tasks: Tasks) =>
        createLiveQueryCollection((q) =>
          q
            .from({ task: tasks })
            .where(({ task }) => and(inArray(task.id, [3, 4, 5]), not(eq(task.title, "task 3")))),
        ),
    },
    {
      condition: "title ilike 'TASK _' and length(lower(title)) = 6",
      queryOf: (tasks: Tasks) =>
        createLiveQueryCollection((q) =>
          q
            .from({ task: tasks })
            .where(({ task }) => and(ilike(task.title, "TASK _"), eq(length(lower(task.title)), 6))),
        ),
    },
  ];

  test.each(conditions)("has for $condition what SELECT has", async ({ condition, queryOf }) => {
    const table = await createTasks(30);
    const { tasks } = openTasks(table, adas);
    const query = queryOf(tasks);
    onTestFinished(() => query.cleanup());
    await query.preload();
    const expected = () => selectIds(table, `owner = '${owners.ada}' and (${condition})`);
    expect(sortedIds(query)).toEqual(await expected());

    await transact(
      `update ${table} set owner = '${owners.ada}' where id % 4 = 0`,
      `update ${table} set owner = '${owners.bob}' where id % 5 = 0`,
      `update ${table} set done = not done, title = 'Task ' || id % 10 where id % 3 = 0`,
    );

    const ids = await expected();
    await expect.poll(() => sortedIds(query)).toEqual(ids);
  });

  test("orders and limits the rows of its condition", async () => {
    const table = await createTasks(50);
    const { tasks } = openTasks(table, adas);
    const query = createLiveQueryCollection((q) =>
      q
        .from({ task: tasks })
        .where(({ task }) => eq(task.done, true))
        .orderBy(({ task }) => task.id, "desc")
        .limit(3),
    );
    onTestFinished(() => query.cleanup());
    await query.preload();
    expect(query.toArray.map(({ id }) => id)).toEqual([45, 39, 33]);

    await sql(`update ${table} set owner = '${owners.bob}' where id = 39`);
    await expect.poll(() => query.toArray.map(({ id }) => id)).toEqual([45, 33, 27]);
    await sql(`update ${table} set owner = '${owners.ada}' where id = 48`);

    await expect.poll(() => query.toArray.map(({ id }) => id)).toEqual([48, 45, 33]);
  });
});

describe.each(["eager", "progressive", "on-demand"] as const)("full-text search in mode %s", (syncMode) => {
  test("is a collection", async () => {
    const table = await createTasks(5);
    const { tasks } = openTasks(table, {
      syncMode,
      where: "to_tsvector('english', title) @@ to_tsquery('english', $1)",
      params: ["urgent & !done"],
    });
    const query = createLiveQueryCollection((q) =>
      q.from({ task: tasks }).where(({ task }) => lt(task.id, 5)),
    );
    onTestFinished(() => query.cleanup());
    await query.preload();
    expect(sortedIds(query)).toEqual([]);

    await sql(`update ${table} set title = 'Urgent: water the plants' where id in (2, 3, 5)`);
    await expect.poll(() => sortedIds(query)).toEqual([2, 3]);
    await sql(`update ${table} set title = 'urgent, but done' where id = 3`);

    await expect.poll(() => sortedIds(query)).toEqual([2]);
  });
});
