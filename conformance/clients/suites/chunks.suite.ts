import { describe, expect, test } from "vitest";
import { createTable, sql } from "./database.js";
import { column, follow, followShape } from "./follow.js";
import { isLive } from "./recorded-fetch.js";

/** The server is told to cut at 10,000 bytes. */
const chunkBytes = { least: 8_000, most: 12_000 };

/** A fetch that measures the bodies of answers that were cut. */
function measuringFetch(): { readonly fetch: typeof fetch; readonly cut: number[]; readonly last: number[] } {
  const cut: number[] = [];
  const last: number[] = [];
  const measured = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    const response = await fetch(...request);
    const body = await response.clone().arrayBuffer();
    (response.headers.has("electric-up-to-date") ? last : cut).push(body.byteLength);
    return response;
  };
  return { fetch: measured, cut, last };
}

describe("chunks", () => {
  test("a snapshot comes in answers of the size that was set", async () => {
    const table = await createTable();
    await sql(`insert into ${table} select i, repeat('x', 400) from generate_series(1, 500) i`);
    const { fetch, cut, last } = measuringFetch();
    const followed = follow(table, { subscribe: false, fetchClient: fetch });
    await followed.untilUpToDate();

    expect(followed.changes()).toHaveLength(500);
    expect(new Set(followed.changes().map((change) => change.key)).size).toBe(500);
    expect(cut.length).toBeGreaterThan(20);
    // The last chunk of the snapshot is what was left.
    const full = cut.toSorted((a, b) => a - b).slice(1);
    expect(Math.min(...full)).toBeGreaterThanOrEqual(chunkBytes.least);
    expect(Math.max(...full)).toBeLessThanOrEqual(chunkBytes.most);
    expect(last).toHaveLength(1);
  });

  test("a log comes in answers of the size that was set, in order", async () => {
    const table = await createTable();
    const early = follow(table, { params: { columns: ["id", "title"] } });
    await early.untilUpToDate();
    for (let i = 0; i < 5; i++) {
      await sql(`insert into ${table} select ${i * 60} + i, repeat('x', 400) from generate_series(1, 60) i`);
    }
    await expect.poll(() => early.changes().length).toBe(300);

    // The same shape by an address of its own: no cache knows how the log went on.
    const { fetch, cut } = measuringFetch();
    const late = follow(table, {
      params: { columns: ["title", "id"] },
      subscribe: false,
      fetchClient: fetch,
    });
    await late.untilUpToDate();

    expect(late.changes().map((change) => change.value.id)).toEqual(
      Array.from({ length: 300 }, (_, i) => i + 1),
    );
    const inLog = cut.slice(1);
    expect(inLog.length).toBeGreaterThan(10);
    expect(Math.min(...inLog)).toBeGreaterThanOrEqual(chunkBytes.least);
    expect(Math.max(...inLog)).toBeLessThanOrEqual(chunkBytes.most);
  });

  test("clients that come while a big snapshot is written get all of it", async () => {
    const table = await createTable();
    await sql(`insert into ${table} select i, repeat('x', 100) from generate_series(1, 3000) i`);

    const shapes = Array.from({ length: 5 }, () => followShape(table).shape);
    await sql(`update ${table} set title = 'changed' where id % 300 = 0`);

    for (const shape of shapes) {
      await shape.rows;
      await expect.poll(() => shape.currentRows.filter((row) => row.title === "changed").length).toBe(10);
      expect(column(shape.currentRows, "id")).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1));
    }
  });

  test("the next chunk is asked for before it is wanted, at the same address", async () => {
    const table = await createTable();
    await sql(`insert into ${table} select i, repeat('x', 400) from generate_series(1, 200) i`);
    const followed = follow(table, { subscribe: false });
    await followed.untilUpToDate();

    const addresses = followed.fetch.exchanges.map(({ url }) => url.toString());
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(followed.fetch.exchanges.some(isLive)).toBe(false);
  });
});
