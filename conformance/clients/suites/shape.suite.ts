import { FetchError } from "@electric-sql/client";
import { describe, expect, test } from "vitest";
import { createNumberedTable, createTable, insertNumbered, sql, transact } from "./database.js";
import { asShape, column, controls, follow, followShape, liveModes, open, operations } from "./follow.js";
import { isLive } from "./recorded-fetch.js";

describe("Shape", () => {
  test("has the rows of the table after the first sync", async () => {
    const table = await createNumberedTable(3);
    const { shape } = followShape(table);

    const rows = await shape.rows;

    expect(column(rows, "title")).toEqual(["title 1", "title 2", "title 3"]);
    expect(column(rows, "id")).toEqual([1, 2, 3]);
  });

  test.each(liveModes)("follows inserts, updates and deletes by $mode", async ({ liveSse }) => {
    const table = await createNumberedTable(2);
    const { shape } = followShape(table, { liveSse });
    await shape.rows;

    await insertNumbered(table, 3, 3);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1, 2, 3]);
    await sql(`update ${table} set title = 'new' where id = 2`);
    await expect.poll(() => column(shape.currentRows, "title")).toEqual(["title 1", "new", "title 3"]);
    await sql(`update ${table} set id = 4 where id = 2`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1, 3, 4]);
    await sql(`delete from ${table} where id = 1`);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([3, 4]);

    expect(shape.currentRows).toContainEqual({ id: 4, title: "new" });
  });

  test("tells its subscribers, until they unsubscribe", async () => {
    const table = await createNumberedTable(1);
    const { shape } = followShape(table);
    const heard: number[] = [];
    const unsubscribe = shape.subscribe(({ rows }) => heard.push(rows.length));
    await shape.rows;

    await insertNumbered(table, 2, 2);
    await expect.poll(() => heard).toEqual([1, 2]);
    unsubscribe();
    await insertNumbered(table, 3, 3);
    await expect.poll(() => shape.currentRows.length).toBe(3);

    expect(heard).toEqual([1, 2]);
    expect(shape.numSubscribers).toBe(0);
  });

  test("says how far it is", async () => {
    const table = await createNumberedTable(1);
    const { stream } = open(table);
    expect(stream.hasStarted()).toBe(false);
    const shape = asShape(stream);
    expect(stream.hasStarted()).toBe(true);
    expect(shape.isLoading()).toBe(true);
    expect(shape.isUpToDate).toBe(false);
    expect(shape.isConnected()).toBe(false);
    expect(shape.lastSyncedAt()).toBeUndefined();
    expect(shape.lastSynced()).toBe(Number.POSITIVE_INFINITY);
    expect(shape.lastOffset).toBe("-1");
    const before = Date.now();

    await shape.rows;

    expect(shape.isLoading()).toBe(false);
    expect(shape.isUpToDate).toBe(true);
    expect(shape.isConnected()).toBe(true);
    expect(shape.lastSyncedAt()).toBeGreaterThanOrEqual(before);
    expect(shape.lastSynced()).toBeLessThan(60_000);
    expect(shape.handle).toMatch(/^\d+-\d+$/);
    expect(shape.lastOffset).toBe("0_inf");
    expect(shape.error).toBe(false);
  });

  test("is not connected any more once it is aborted", async () => {
    const table = await createNumberedTable(1);
    const { shape, abort, fetch } = followShape(table);
    await shape.rows;

    abort();
    await expect.poll(() => shape.isConnected()).toBe(false);
    const asked = fetch.exchanges.length;
    const other = followShape(table).shape;
    await other.rows;
    await insertNumbered(table, 2, 2);
    await expect.poll(() => other.currentRows.length).toBe(2);

    expect(shape.currentRows).toHaveLength(1);
    expect(fetch.exchanges).toHaveLength(asked);
  });

  test("has every one of 60 shapes of 20 tables at once", async () => {
    const tables = await Promise.all(Array.from({ length: 20 }, (_, i) => createNumberedTable(i)));
    const selections = [["id"], ["id", "title"], ["title", "id"]];
    const shapes = tables.flatMap((table) =>
      selections.map((columns) => followShape(table, { params: { columns } }).shape),
    );
    await Promise.all(shapes.map((shape) => shape.rows));

    await Promise.all(tables.map((table) => insertNumbered(table, 101, 102)));

    for (const [i, shape] of shapes.entries()) {
      await expect.poll(() => shape.currentRows.length).toBe(Math.floor(i / selections.length) + 2);
    }
    expect(new Set(shapes.map((shape) => shape.handle)).size).toBe(40);
  });
});

describe("ShapeStream", () => {
  test.each(liveModes)(
    "tells each change with its place and its transaction by $mode",
    async ({ liveSse }) => {
      const table = await createNumberedTable(1);
      const followed = follow(table, { liveSse });
      await followed.untilUpToDate();

      const txid = await transact(
        `insert into ${table} values (2, 'two')`,
        `update ${table} set title = 'one' where id = 1`,
        `delete from ${table} where id = 2`,
      );
      await expect.poll(() => followed.changes().length).toBe(4);

      expect(operations(followed)).toEqual(["insert 1", "insert 2", "update 1", "delete 2"]);
      const [insert, update, remove] = followed.changes().slice(1);
      expect(insert?.headers).toMatchObject({ txids: [txid], relation: ["public", table], op_position: 0 });
      expect(update?.headers).toMatchObject({ txids: [txid], lsn: insert?.headers.lsn, op_position: 2 });
      expect(remove?.headers).toMatchObject({ txids: [txid], op_position: 4, last: true });
      expect(insert?.headers.last).toBeUndefined();
      expect(update?.value).toEqual({ id: 1, title: "one" });
      expect(remove?.value).toEqual({ id: 2 });
      expect(insert?.key).toBe(`"public"."${table}"/"2"`);
    },
  );

  test("with replica=full tells old values and whole rows", async () => {
    const table = await createTable("id int primary key, title text, stock int8");
    await sql(`insert into ${table} values (1, 'one', 10), (2, 'two', 20)`);
    const followed = follow(table, { params: { replica: "full" } });
    await followed.untilUpToDate();

    await sql(`update ${table} set stock = 11 where id = 1`);
    await sql(`delete from ${table} where id = 2`);
    await expect.poll(() => followed.changes().length).toBe(4);

    const [update, remove] = followed.changes().slice(2);
    expect(update?.value).toEqual({ id: 1, title: "one", stock: 11n });
    expect(update?.old_value).toEqual({ stock: 10n });
    expect(remove?.value).toEqual({ id: 2, title: "two", stock: 20n });
  });

  test("with columns has those and tells nothing of others", async () => {
    const table = await createTable('id int primary key, "Odd, ""name""" text, hidden text');
    await sql(`insert into ${table} values (1, 'a', 'b')`);
    const followed = follow(table, { params: { columns: ["id", 'Odd, "name"'] } });
    await followed.untilUpToDate();

    await sql(`update ${table} set hidden = 'c'`);
    await sql(`update ${table} set "Odd, ""name""" = 'd'`);
    await expect.poll(() => followed.changes().length).toBe(2);

    expect(followed.changes().map((change) => change.value)).toEqual([
      { id: 1, 'Odd, "name"': "a" },
      { id: 1, 'Odd, "name"': "d" },
    ]);
  });

  test.each(liveModes)("with log=changes_only has no rows but what changes by $mode", async ({ liveSse }) => {
    const table = await createNumberedTable(3);
    const followed = follow(table, { log: "changes_only", liveSse });
    await followed.untilUpToDate();
    expect(followed.changes()).toEqual([]);

    await sql(`update ${table} set title = 'new' where id = 1`);
    await insertNumbered(table, 4, 4);
    await expect.poll(() => followed.changes().length).toBe(2);

    expect(operations(followed)).toEqual(["update 1", "insert 4"]);
  });

  test.each(liveModes)("from offset=now has only what comes by $mode", async ({ liveSse }) => {
    const table = await createNumberedTable(3);
    const first = follow(table);
    await first.untilUpToDate();
    await insertNumbered(table, 4, 4);
    await expect.poll(() => first.changes().length).toBe(4);

    const followed = follow(table, { offset: "now", liveSse });
    await followed.untilUpToDate();
    await insertNumbered(table, 5, 5);
    await expect.poll(() => followed.changes().length).toBe(1);

    expect(operations(followed)).toEqual(["insert 5"]);
    expect(followed.stream.shapeHandle).toBe(first.stream.shapeHandle);
  });

  test.each(liveModes)("resumes at a handle and an offset by $mode", async ({ liveSse }) => {
    const table = await createNumberedTable(1);
    const first = follow(table, { liveSse });
    await first.untilUpToDate();
    await insertNumbered(table, 2, 2);
    await expect.poll(() => first.changes().length).toBe(2);
    first.abort();
    const handle = first.stream.shapeHandle ?? "";
    const offset = first.stream.lastOffset;

    await insertNumbered(table, 3, 4);
    const second = follow(table, { handle, offset, liveSse });
    await second.untilUpToDate();
    await expect.poll(() => second.changes().length).toBe(2);

    expect(operations(second)).toEqual(["insert 3", "insert 4"]);
    expect(second.stream.shapeHandle).toBe(handle);
    expect(controls(second.messages)).not.toContain("must-refetch");
  });

  test("without subscribe ends at the first up-to-date", async () => {
    const table = await createNumberedTable(2);
    const followed = follow(table, { subscribe: false });
    await followed.untilUpToDate();
    await expect.poll(() => followed.stream.isConnected()).toBe(false);

    expect(followed.fetch.exchanges.some(isLive)).toBe(false);
    expect(operations(followed)).toEqual(["insert 1", "insert 2"]);
    expect(followed.stream.isUpToDate).toBe(true);
  });

  test("refreshes on demand instead of waiting for the long poll", async () => {
    const table = await createNumberedTable(1);
    const followed = follow(table);
    await followed.untilUpToDate();
    const begun = performance.now();

    await followed.stream.forceDisconnectAndRefresh();

    expect(performance.now() - begun).toBeLessThan(4_000);
    expect(followed.fetch.exchanges.filter((exchange) => !isLive(exchange)).length).toBeGreaterThan(2);
    await insertNumbered(table, 2, 2);
    await expect.poll(() => operations(followed)).toEqual(["insert 1", "insert 2"]);
  });

  test("asks for nothing while it is hidden and catches up when it is seen again", async () => {
    const table = await createNumberedTable(1);
    let tell: (state: "visible" | "hidden") => void = () => {};
    const followed = follow(table, {
      runtimeVisibility: {
        subscribe: (callback) => {
          tell = callback;
          return () => {};
        },
      },
    });
    const watcher = follow(table);
    await followed.untilUpToDate();
    await watcher.untilUpToDate();

    tell("hidden");
    await expect.poll(() => followed.stream.isPaused()).toBe(true);
    await insertNumbered(table, 2, 2);
    await expect.poll(() => watcher.changes().length).toBe(2);
    expect(followed.changes()).toHaveLength(1);
    tell("visible");

    await expect.poll(() => operations(followed)).toEqual(["insert 1", "insert 2"]);
  });

  test("hands a refusal to onError with its body, and stops", async () => {
    const refusals: Error[] = [];
    const followed = follow("no_such_table", {
      onError: (error) => {
        refusals.push(error);
      },
    });
    await expect.poll(() => followed.errors.length).toBe(1);

    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toBeInstanceOf(FetchError);
    expect(refusals[0]).toMatchObject({
      status: 400,
      json: {
        message: "Invalid request",
        errors: {
          table: [
            'Table "public"."no_such_table" does not exist. ' +
              "If the table name contains capitals or special characters you must quote it.",
          ],
        },
      },
    });
    expect(followed.stream.error).toBe(refusals[0]);
    expect(followed.stream.isConnected()).toBe(false);
  });

  test("goes on with the parameters that onError returns", async () => {
    const table = await createNumberedTable(1);
    const followed = follow("no_such_table", { onError: () => ({ params: { table } }) });

    await followed.untilUpToDate();

    expect(operations(followed)).toEqual(["insert 1"]);
    expect(followed.errors).toEqual([]);
    expect(followed.stream.error).toBeNull();
  });

  test("refetches when it resumes at a handle that nobody knows", async () => {
    const table = await createNumberedTable(2);
    const followed = follow(table, { handle: "1-1", offset: "0_0" });
    await followed.untilUpToDate();

    expect(controls(followed.messages)[0]).toBe("must-refetch");
    expect(operations(followed)).toEqual(["insert 1", "insert 2"]);
    expect(followed.stream.shapeHandle).not.toBe("1-1");
  });

  test("answers everything with headers that a page may read", async () => {
    const table = await createNumberedTable(1);
    const followed = follow(table);
    await followed.untilUpToDate();

    for (const { headers } of followed.fetch.exchanges) {
      const exposed = new Set(headers.get("access-control-expose-headers")?.split(","));
      const own = [...headers.keys()].filter(
        (name) => name.startsWith("electric-") && name !== "electric-server",
      );
      expect(own.length).toBeGreaterThan(2);
      expect(own.filter((name) => !exposed.has(name))).toEqual([]);
    }
  });
});
