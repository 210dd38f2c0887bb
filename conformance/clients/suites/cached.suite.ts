import { describe, expect, test } from "vitest";
import { createNumberedTable, createTable, insertNumbered, sql } from "./database.js";
import { column, controls, follow, followShape } from "./follow.js";
import { type Exchange, isLive } from "./recorded-fetch.js";
import { surroundings } from "./surroundings.js";

function fromCache({ headers }: Exchange): boolean {
  return ["HIT", "STALE", "UPDATING"].includes(headers.get("x-cache") ?? "");
}

/** Past the cache, which keeps what it has. */
async function deleteShape(table: string): Promise<void> {
  const url = new URL(surroundings.serverUrl);
  url.searchParams.set("table", table);
  expect((await fetch(url, { method: "DELETE" })).status).toBe(202);
}

describe("behind a cache", () => {
  test("the second client has its snapshot from there", async () => {
    const table = await createTable();
    await sql(`insert into ${table} select i, repeat('x', 200) from generate_series(1, 300) i`);
    const first = follow(table, { subscribe: false });
    await first.untilUpToDate();

    const second = follow(table, { subscribe: false });
    await second.untilUpToDate();

    expect(second.changes()).toEqual(first.changes());
    expect(second.fetch.exchanges.length).toBeGreaterThan(5);
    expect(second.fetch.exchanges.filter((exchange) => !fromCache(exchange))).toEqual([]);
  });

  test("ten live clients cost the server one request a change", async () => {
    const table = await createNumberedTable(1);
    const clients = Array.from({ length: 10 }, () => followShape(table));
    await Promise.all(clients.map(({ shape }) => shape.rows));

    for (let id = 2; id <= 4; id++) {
      await insertNumbered(table, id, id);
      for (const { shape } of clients) {
        await expect.poll(() => shape.currentRows.length).toBe(id);
      }
    }

    const live = clients.flatMap(({ fetch }) => fetch.exchanges.filter(isLive));
    const asked = live.filter(({ headers }) => headers.get("x-cache") === "MISS");
    expect(live.length).toBeGreaterThanOrEqual(30);
    expect(asked.length).toBeLessThanOrEqual(6);
  });

  test("a client that gets a deleted shape from there ends with the rows of today", async () => {
    const table = await createNumberedTable(3);
    const before = follow(table, { subscribe: false });
    await before.untilUpToDate();
    const old = before.stream.shapeHandle ?? "";
    await deleteShape(table);
    await sql(`delete from ${table} where id = 1`);
    await insertNumbered(table, 4, 4);

    const { shape, fetch } = followShape(table);
    const after = follow(table);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([2, 3, 4]);

    expect(fetch.exchanges[0] && fromCache(fetch.exchanges[0])).toBe(true);
    expect(fetch.exchanges[0]?.headers.get("electric-handle")).toBe(old);
    expect(shape.handle).not.toBe(old);
    const fresh = fetch.exchanges.find(({ url }) => url.searchParams.get("expired_handle") === old);
    expect(fresh?.url.searchParams.get("cache-buster")).toMatch(/./);
    await expect.poll(() => after.stream.shapeHandle).toBe(shape.handle);
    expect(controls(after.messages)).toContain("must-refetch");
  });

  test("a rotation reaches ten clients that wait, and all end at one handle", async () => {
    const table = await createNumberedTable(3);
    const shapes = Array.from({ length: 10 }, () => followShape(table).shape);
    await Promise.all(shapes.map((shape) => shape.rows));

    await sql(`truncate ${table}`);
    await insertNumbered(table, 8, 9);

    for (const shape of shapes) {
      await expect.poll(() => column(shape.currentRows, "id")).toEqual([8, 9]);
    }
    expect(new Set(shapes.map((shape) => shape.handle)).size).toBe(1);
  });

  test("a 409 that it kept does not send anybody round in circles", async () => {
    const table = await createNumberedTable(2);
    const first = follow(table, { handle: "7-7", offset: "0_0" });
    await first.untilUpToDate();
    const second = follow(table, { handle: "7-7", offset: "0_0" });
    await second.untilUpToDate();

    for (const { fetch, stream } of [first, second]) {
      expect(fetch.exchanges.filter(({ status }) => status === 409)).toHaveLength(1);
      expect(stream.shapeHandle).toBe(first.stream.shapeHandle);
    }
  });
});
