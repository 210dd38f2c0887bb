import { describe, expect, test } from "vitest";
import { createNumberedTable, insertNumbered, sql } from "./database.js";
import { column, controls, follow, followShape, liveModes, operations } from "./follow.js";
import { surroundings } from "./surroundings.js";

async function deleteShape(table: string): Promise<void> {
  const url = new URL(surroundings.shapeUrl);
  url.searchParams.set("table", table);
  const response = await fetch(url, { method: "DELETE" });
  expect(response.status).toBe(202);
}

describe("a shape that is gone", () => {
  test.each(liveModes)("is fetched anew after TRUNCATE, by $mode", async ({ liveSse }) => {
    const table = await createNumberedTable(3);
    const { shape, fetch } = followShape(table, { liveSse });
    const sizes: number[] = [];
    shape.subscribe(({ rows }) => sizes.push(rows.length));
    await shape.rows;
    const handle = shape.handle ?? "";

    await sql(`truncate ${table}`);
    await expect.poll(() => shape.currentRows.length).toBe(0);
    await expect.poll(() => shape.isUpToDate).toBe(true);
    await insertNumbered(table, 7, 8);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([7, 8]);

    expect(shape.handle).not.toBe(handle);
    const refused = fetch.exchanges.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.headers.get("electric-handle")).not.toBe(handle);
    expect(sizes.every((size) => [0, 1, 2, 3].includes(size))).toBe(true);
  });

  test.each(liveModes)("is fetched anew after DELETE, by $mode", async ({ liveSse }) => {
    const table = await createNumberedTable(2);
    const followed = follow(table, { liveSse });
    await followed.untilUpToDate();
    const handle = followed.stream.shapeHandle;

    await deleteShape(table);
    await expect.poll(() => operations(followed)).toEqual(["insert 1", "insert 2", "insert 1", "insert 2"]);
    await insertNumbered(table, 3, 3);
    await expect.poll(() => operations(followed).at(-1)).toBe("insert 3");

    expect(controls(followed.messages).filter((control) => control === "must-refetch")).toHaveLength(1);
    expect(followed.stream.shapeHandle).not.toBe(handle);
  });

  test("is not asked for again by those who come later: they name the expired handle", async () => {
    const table = await createNumberedTable(1);
    const first = follow(table);
    await first.untilUpToDate();
    const handle = first.stream.shapeHandle ?? "";
    await sql(`truncate ${table}`);
    await expect.poll(() => controls(first.messages)).toContain("must-refetch");

    const later = follow(table);
    await later.untilUpToDate();

    expect(later.fetch.exchanges[0]?.url.searchParams.get("expired_handle")).toBe(handle);
    expect(later.stream.shapeHandle).not.toBe(handle);
    await expect.poll(() => later.stream.shapeHandle === first.stream.shapeHandle).toBe(true);
    expect(controls(later.messages)).not.toContain("must-refetch");
    expect(later.fetch.exchanges.map(({ status }) => status)).not.toContain(409);
  });

  test("is fetched anew when its table gets a column", async () => {
    const table = await createNumberedTable(1);
    const { shape } = followShape(table);
    await shape.rows;

    await sql(`alter table ${table} add column note text default 'none'`);
    await sql(`insert into ${table} values (2, 'title 2', 'none')`);

    await expect
      .poll(() => shape.currentRows)
      .toEqual([
        { id: 1, title: "title 1", note: "none" },
        { id: 2, title: "title 2", note: "none" },
      ]);
  });

  test("is fetched anew once somebody has asked for the table that took its name", async () => {
    const table = await createNumberedTable(2);
    const { shape } = followShape(table);
    await shape.rows;
    await sql(`drop table ${table}; create table ${table} (id int primary key, title text, extra int)`);

    const { shape: newcomer } = followShape(table, { url: surroundings.serverUrl });
    await newcomer.rows;
    await sql(`insert into ${table} values (5, 'five', 55)`);

    await expect.poll(() => newcomer.currentRows).toEqual([{ id: 5, title: "five", extra: 55 }]);
    await expect.poll(() => shape.currentRows).toEqual([{ id: 5, title: "five", extra: 55 }]);
  });

  test("is fetched anew by each of 20 clients at once, and all end at one handle", async () => {
    const table = await createNumberedTable(2);
    const shapes = Array.from({ length: 20 }, (_, i) => followShape(table, { liveSse: i % 2 === 0 }).shape);
    await Promise.all(shapes.map((shape) => shape.rows));

    await sql(`truncate ${table}`);
    await insertNumbered(table, 5, 6);

    for (const shape of shapes) {
      await expect.poll(() => column(shape.currentRows, "id")).toEqual([5, 6]);
    }
    expect(new Set(shapes.map((shape) => shape.handle)).size).toBe(1);
  });
});
