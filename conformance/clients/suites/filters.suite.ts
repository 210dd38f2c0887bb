import { FetchError, type Message, type ShapeStreamOptions, snakeCamelMapper } from "@electric-sql/client";
import { describe, expect, test } from "vitest";
import { createTable, insertNumbered, sql, transact } from "./database.js";
import {
  column,
  controls,
  type FollowOptions,
  follow,
  followShape,
  liveModes,
  operations,
} from "./follow.js";
import { createTasks, owners, selectIds } from "./tasks.js";

type Params = NonNullable<ShapeStreamOptions["params"]>["params"];

function filtered(where: string, params?: Params, options: FollowOptions = {}): FollowOptions {
  return { ...options, params: { ...options.params, where, ...(params !== undefined && { params }) } };
}

function sizes(messages: readonly Message[]): number {
  return messages.filter(({ headers }) => headers.control === undefined).length;
}

describe("a Shape with a filter", () => {
  test.each(liveModes)("has the rows that meet it, as they enter and leave by $mode", async ({ liveSse }) => {
    const table = await createTasks(6);
    const where = "owner = $1 and priority between $2 and $3";
    const { shape } = followShape(table, filtered(where, [owners.ada, "2", "4"], { liveSse }));
    await shape.rows;
    expect(column(shape.currentRows, "id")).toEqual([3]);

    await sql(`update ${table} set priority = 4 where id = 1`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1, 3]);
    await sql(`update ${table} set owner = '${owners.bob}' where id = 3`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1]);
    await sql(`update ${table} set owner = '${owners.ada}' where owner = '${owners.bob}'`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1, 2, 3, 4]);
    await sql(`update ${table} set priority = null where id = 2`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1, 3, 4]);
    await sql(`delete from ${table} where id < 4`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([4]);

    expect(shape.currentRows).toMatchObject([{ id: 4, owner: owners.ada, title: "task 4", priority: 4 }]);
  });

  test.each(liveModes)("has rows that come and go with another table, by $mode", async ({ liveSse }) => {
    const table = await createTasks(6);
    const members = await createTable("task int primary key, member text");
    await sql(`insert into ${members} values (1, 'ada'), (2, 'ada'), (4, 'bob')`);
    const where = `id in (select task from ${members} where member = $1)`;
    const { shape } = followShape(table, filtered(where, ["ada"], { liveSse }));
    await shape.rows;
    expect(column(shape.currentRows, "id")).toEqual([1, 2]);
    const handle = shape.handle;

    await sql(`insert into ${members} values (3, 'ada')`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1, 2, 3]);
    await sql(`delete from ${members} where task = 1`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([2, 3]);
    await sql(`update ${table} set title = 'told' where id < 5`);
    await expect.poll(() => column(shape.currentRows, "title")).toEqual(["told", "told"]);

    expect(shape.handle).toBe(handle);
  });

  test.each([
    { where: "owner = $1", params: [owners.bob] },
    { where: "owner = $1 and done = $2", params: [owners.ada, "false"] },
    {
      where: "owner in ($1, $2) and priority > $3",
      params: { "1": owners.ada, "2": owners.nobody, "3": "1" },
    },
    { where: "id = any($1)", params: ["{2,3,5,8,13,99}"] },
    { where: "id <> all($1)", params: ["{1,2,3}"] },
    { where: "tags @> $1", params: ["{t1}"] },
    { where: "tags && $1", params: ['{t2,"t,3"}'] },
    { where: "$1 = any(tags)", params: ["t0"] },
    { where: "title like $1 or title ilike $2", params: ["task 1_", "TASK 2%"] },
    { where: "title ~ $1", params: ["[02468]$"] },
    { where: "priority is null or priority not in (1, 2)" },
    { where: "not (priority > $1)", params: ["2"] },
    { where: "price > $1", params: ["22.005"] },
    { where: "due < $1", params: ["2020-01-12T12:00:00+02:00"] },
    { where: "details ->> 'size' = $1 or details @> $2", params: ["1", '{"size": 3}'] },
    { where: "case when done then priority > 2 else owner = $1 end", params: [owners.ada] },
    { where: "coalesce(priority, 0) = 0 is distinct from done" },
    { where: "upper(title) || $1 = 'TASK 7!'", params: ["!"] },
    { where: "int4range(3, 9) @> id" },
  ] as readonly { where: string; params?: Params }[])(
    "$where $params has what SELECT has, also when all rows have changed",
    async ({ where, params }) => {
      const table = await createTasks(30);
      const { shape } = followShape(table, filtered(where, params));
      await shape.rows;
      const condition = Object.entries(params ?? {}).reduce(
        (text, [number, value]) =>
          text.replaceAll(`$${Array.isArray(params) ? Number(number) + 1 : number}`, () => `'${value}'`),
        where,
      );
      expect(column(shape.currentRows, "id")).toEqual(await selectIds(table, condition));

      await transact(
        `update ${table} set owner = '${owners.ada}', priority = 3 where id % 4 = 0`,
        `update ${table} set priority = coalesce(priority, 0) + 1, done = not done where id % 3 = 0`,
        `update ${table} set tags = array['t0', 't1'], title = 'task ' || id + 5 where id % 5 = 0`,
        `update ${table} set price = price * 3, due = due - interval '5 days' where id > 10`,
        `update ${table} set details = '{"size": 3}' where id < 6`,
        `update ${table} set id = id + 100 where id % 7 = 0`,
        `delete from ${table} where id = 9`,
        `insert into ${table} (id, owner, title) values (9, '${owners.bob}', 'task 1!')`,
      );

      const expected = await selectIds(table, condition);
      await expect.poll(() => column(shape.currentRows, "id")).toEqual(expected);
    },
  );

  test("is one shape however its parameters are written", async () => {
    const table = await createTasks(4);
    const written = [
      filtered("owner = $1 and priority = $2", [owners.ada, "3"]),
      filtered("owner = $1 and priority = $2", { "2": "3", "1": owners.ada }),
      filtered("OWNER=$2 AND (priority = $1)", ["3", owners.ada]),
      filtered(`owner = '${owners.ada}' and priority = 3`),
    ].map((options) => followShape(table, options).shape);

    for (const shape of written) expect(column(await shape.rows, "id")).toEqual([3]);

    expect(new Set(written.map((shape) => shape.handle)).size).toBe(1);
    const other = followShape(table, filtered("owner = $1 and priority = $2", [owners.ada, "1"])).shape;
    await other.rows;
    expect(other.handle).not.toBe(written[0]?.handle);
  });

  test("of its own is what each of a hundred users has", async () => {
    const table = await createTable("id int primary key, owner int, title text");
    await sql(`insert into ${table} select i, i % 100, 'row ' || i from generate_series(1, 300) i`);
    const shapes = Array.from(
      { length: 100 },
      (_, owner) => followShape(table, filtered("owner = $1", [String(owner)])).shape,
    );
    await Promise.all(shapes.map((shape) => shape.rows));

    await sql(`update ${table} set owner = (owner + 1) % 100 where id <= 100`);

    const owned = (
      await sql(`select owner, array_agg(id order by id) as ids from ${table} group by owner`)
    ).map(({ owner, ids }) => [owner, ids] as const);
    expect(owned).toHaveLength(100);
    for (const [owner, ids] of owned) {
      await expect.poll(() => column(shapes[Number(owner)]?.currentRows ?? [], "id")).toEqual(ids);
    }
  });

  test("takes the names of the page", async () => {
    const table = await createTable("id int primary key, owner_id int, is_done bool");
    await sql(`insert into ${table} values (1, 7, false), (2, 8, false)`);
    const { shape } = followShape(
      table,
      filtered("ownerId = $1 and not isDone", ["7"], { columnMapper: snakeCamelMapper() }),
    );
    expect(await shape.rows).toEqual([{ id: 1, ownerId: 7, isDone: false }]);

    await sql(`update ${table} set owner_id = 7 where id = 2`);

    await expect.poll(() => column(shape.currentRows, "ownerId")).toEqual([7, 7]);
  });

  test("may read columns that it does not have", async () => {
    const table = await createTasks(4);
    const { shape } = followShape(
      table,
      filtered("owner = $1", [owners.bob], { params: { columns: ["id", "title"] } }),
    );
    expect(column(await shape.rows, "id")).toEqual([2, 4]);

    await sql(`update ${table} set owner = '${owners.ada}' where id = 2`);
    await sql(`update ${table} set owner = '${owners.bob}' where id = 1`);

    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1, 4]);
    expect(shape.currentRows).toContainEqual({ id: 1, title: "task 1" });
  });

  test("is empty after TRUNCATE, then has what meets it", async () => {
    const table = await createTasks(4);
    const { shape } = followShape(table, filtered("priority > $1", ["2"], { liveSse: true }));
    expect(column(await shape.rows, "id")).toEqual([3, 4]);

    await sql(`truncate ${table}`);
    await expect.poll(() => shape.currentRows).toEqual([]);
    await sql(`insert into ${table} (id, priority) values (1, 1), (2, 7)`);

    await expect.poll(() => column(shape.currentRows, "id")).toEqual([2]);
  });
});

describe.each([
  { where: "n between $1 and $2", evaluator: "the server" },
  { where: "int4range($1, $2, '[]') @> n", evaluator: "Postgres" },
])("a ShapeStream with a filter that $evaluator evaluates", ({ where }) => {
  const within = (options: FollowOptions = {}) => filtered(where, ["10", "20"], options);

  async function createPlaces(): Promise<string> {
    const table = await createTable("id int primary key, n int, title text");
    await sql(`insert into ${table} values (1, 10, 'in'), (2, 20, 'in'), (3, 30, 'out'), (4, null, 'out')`);
    return table;
  }

  test.each(liveModes)("tells of rows that enter, stay and leave by $mode", async ({ liveSse }) => {
    const table = await createPlaces();
    const followed = follow(table, within({ liveSse }));
    await followed.untilUpToDate();

    const txid = await transact(
      `insert into ${table} values (5, 11, 'new'), (6, 9, 'never')`,
      `update ${table} set n = 15 where id = 3`,
      `update ${table} set n = 21 where id = 2`,
      `update ${table} set title = 'still' where id = 1`,
      `update ${table} set title = 'unseen' where id = 4`,
      `delete from ${table} where id in (4, 5)`,
    );
    await expect.poll(() => followed.changes().length).toBe(7);

    const told = ["insert 5", "insert 3", "delete 2", "update 1", "delete 5"];
    expect(operations(followed).slice(2)).toEqual(told);
    const [, entered, left, stayed] = followed.changes().slice(2);
    expect(entered?.value).toEqual({ id: 3, n: 15, title: "out" });
    expect(left?.value).toEqual({ id: 2 });
    expect(stayed?.value).toEqual({ id: 1, title: "still" });
    expect(
      followed
        .changes()
        .slice(2)
        .every(({ headers }) => headers.txids?.[0] === txid),
    ).toBe(true);
    expect(followed.changes().at(-1)?.headers.last).toBe(true);
  });

  test.each(liveModes)("with replica=full tells what was, by $mode", async ({ liveSse }) => {
    const table = await createPlaces();
    const followed = follow(table, within({ liveSse, params: { replica: "full" } }));
    await followed.untilUpToDate();

    await transact(
      `update ${table} set n = 40, title = 'gone' where id = 1`,
      `update ${table} set n = 19 where id = 2`,
      `update ${table} set n = 12 where id = 3`,
    );
    await expect.poll(() => followed.changes().length).toBe(5);

    const [left, stayed, entered] = followed.changes().slice(2);
    expect(left).toMatchObject({ headers: { operation: "delete" }, value: { id: 1, n: 10, title: "in" } });
    expect(stayed?.value).toEqual({ id: 2, n: 19, title: "in" });
    expect(stayed?.old_value).toEqual({ n: 20 });
    expect(entered).toMatchObject({
      headers: { operation: "insert" },
      value: { id: 3, n: 12, title: "out" },
    });
    expect(entered?.old_value).toBeUndefined();
  });

  test("tells a key that changes on the way in or out as one row only", async () => {
    const table = await createPlaces();
    const followed = follow(table, within());
    const { shape } = followShape(table, within());
    await followed.untilUpToDate();
    await shape.rows;

    await transact(
      `update ${table} set id = 31, n = 12 where id = 3`,
      `update ${table} set id = 11 where id = 1`,
      `update ${table} set id = 21, n = 0 where id = 2`,
    );
    await expect.poll(() => followed.changes().length).toBe(6);

    expect(operations(followed).slice(2)).toEqual(["insert 31", "delete 1", "insert 11", "delete 2"]);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([11, 31]);
  });

  test("goes on at a handle and an offset", async () => {
    const table = await createPlaces();
    const first = follow(table, within());
    await first.untilUpToDate();
    await sql(`update ${table} set n = 11 where id = 4`);
    await expect.poll(() => first.changes().length).toBe(3);
    first.abort();

    await sql(`update ${table} set n = n - 100 where id in (1, 3)`);
    const second = follow(
      table,
      within({ handle: first.stream.shapeHandle ?? "", offset: first.stream.lastOffset }),
    );
    await second.untilUpToDate();
    await expect.poll(() => operations(second)).toEqual(["delete 1"]);

    expect(second.stream.shapeHandle).toBe(first.stream.shapeHandle);
    expect(controls(second.messages)).not.toContain("must-refetch");
  });

  test("with log=changes_only has what enters, whole", async () => {
    const table = await createPlaces();
    const followed = follow(table, within({ log: "changes_only" }));
    await followed.untilUpToDate();
    expect(followed.changes()).toEqual([]);

    await sql(`update ${table} set n = 15 where id in (1, 4)`);
    await expect.poll(() => followed.changes().length).toBe(2);

    expect(followed.changes().map(({ value }) => value)).toEqual([
      { id: 1, n: 15 },
      { id: 4, n: 15, title: "out" },
    ]);
  });

  test.each(["GET", "POST"] as const)("has subsets of its rows by %s", async (subsetMethod) => {
    const table = await createPlaces();
    await sql(`insert into ${table} select i, i, 'more' from generate_series(11, 30) i`);
    const { stream, untilUpToDate } = follow(table, within({ log: "changes_only", subsetMethod }));
    await untilUpToDate();

    const some = await stream.fetchSnapshot({
      where: "title = $1 or n > $2",
      params: { "1": "more", "2": "19" },
      orderBy: "id desc",
      limit: 3,
    });
    const all = await stream.fetchSnapshot({ where: "true or n = 1" });

    expect(some.data.map(({ value }) => value.id)).toEqual([20, 19, 18]);
    expect(sizes(all.data)).toBe(12);
  });

  test("puts subsets between what enters and leaves", async () => {
    const table = await createPlaces();
    const { shape } = followShape(table, within({ log: "changes_only", offset: "now" }));
    await shape.requestSnapshot({ where: "id <= $1", params: { "1": "1" } });
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1]);

    await sql(`update ${table} set n = 13 where id = 3`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1, 3]);
    await sql(`update ${table} set n = 99 where id in (1, 2)`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([3]);
    await shape.requestSnapshot({ where: "id <= $1", params: { "1": "9" } });

    await expect.poll(() => column(shape.currentRows, "id")).toEqual([3]);
  });
});

describe("full-text search", () => {
  const search = "to_tsvector('english', title) @@ to_tsquery('english', $1)";

  test.each(liveModes)("follows what it finds by $mode", async ({ liveSse }) => {
    const table = await createTable();
    await sql(
      `insert into ${table} values (1, 'A rat runs'), (2, 'Cats sleep'), (3, null), (4, 'Two cats, running')`,
    );
    const { shape } = followShape(table, filtered(search, ["cat & !rat"], { liveSse }));
    expect(column(await shape.rows, "id")).toEqual([2, 4]);

    await sql(`update ${table} set title = 'The cat of a rat' where id = 2`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([4]);
    await sql(`update ${table} set title = 'Cat!' where id = 3`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([3, 4]);
    await sql(`insert into ${table} values (5, 'catalogue'), (6, 'the CATS')`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([3, 4, 6]);
    await sql(`delete from ${table} where id = 4`);

    await expect.poll(() => column(shape.currentRows, "title")).toEqual(["Cat!", "the CATS"]);
  });

  test("beside another condition has what SELECT has of a thousand rows", async () => {
    const table = await createTable();
    const where = (text: string) =>
      `id % 3 = 1 and to_tsvector('english', title) @@ to_tsquery('english', ${text})`;
    const { shape } = followShape(table, filtered(where("$1"), ["title & 1:*"]));
    await shape.rows;

    await insertNumbered(table, 1, 1000);
    await sql(`update ${table} set title = 'none' where id % 2 = 0`);

    const expected = await selectIds(table, where("'title & 1:*'"));
    expect(expected.length).toBeGreaterThan(10);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual(expected);
  });

  test("for what is no search is a mistake", async () => {
    const table = await createTable();
    await insertNumbered(table, 1, 1);
    const followed = follow(table, filtered(search, ["cat &"], { onError: () => {} }));

    await expect.poll(() => followed.errors.length).toBe(1);

    expect(followed.errors[0]).toMatchObject({ status: 400 });
    expect(JSON.stringify((followed.errors[0] as FetchError).json)).toContain("no operand in tsquery");
  });
});

describe("a filter with a mistake", () => {
  test.each([
    { where: "nosuch = 1", reason: 'column "nosuch" does not exist' },
    { where: "priority = $1", params: ["many"], reason: "invalid input syntax for type integer" },
    { where: "priority = $1", reason: "At location 11: parameter $1 was not provided" },
    { where: "title", reason: "WHERE clause must return a boolean" },
    { where: "due < now()", reason: "unknown or unsupported function now" },
    { where: "id in (select 1)", reason: "subquer" },
  ] as readonly { where: string; params?: Params; reason: string }[])(
    "$where is refused with the reason",
    async ({ where, params, reason }) => {
      const table = await createTasks(1);
      const followed = follow(table, filtered(where, params, { onError: () => {} }));

      await expect.poll(() => followed.errors.length).toBe(1);

      const error = followed.errors[0];
      expect(error).toBeInstanceOf(FetchError);
      expect(error).toMatchObject({ status: 400 });
      expect(JSON.stringify((error as FetchError).json).replaceAll('\\"', '"')).toContain(reason);
    },
  );

  test("is mended by onError, and the stream goes on", async () => {
    const table = await createTasks(4);
    const { shape } = followShape(
      table,
      filtered("priority = $1", ["three"], {
        onError: () => ({ params: { table, where: "priority = $1", params: ["3"] } }),
      }),
    );
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([3]);

    await sql(`update ${table} set priority = 3 where id = 1`);

    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1, 3]);
  });
});
