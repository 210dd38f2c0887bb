import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createNumberedTable, createTable, insertNumbered, sql, transact } from "./database.js";
import { column, controls, follow, followShape, operations } from "./follow.js";
import { isLive } from "./recorded-fetch.js";
import { surroundings } from "./surroundings.js";

/** A way to the shape endpoint that ends each event stream as soon as it has begun. */
async function startHastyProxy(): Promise<string> {
  const proxy = createServer(async (request, answer) => {
    const target = new URL(request.url ?? "", surroundings.shapeUrl);
    const aborter = new AbortController();
    answer.on("close", () => aborter.abort());
    try {
      const response = await fetch(target, { signal: aborter.signal });
      const isStream = target.searchParams.get("live_sse") === "true";
      const headers = Object.fromEntries(
        [...response.headers].filter(
          ([name]) => !["content-length", "connection", "transfer-encoding"].includes(name),
        ),
      );
      const body = isStream ? "" : await response.text();
      answer.writeHead(response.status, headers).end(body);
    } catch {
      answer.destroy();
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => closeAll(proxy));
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/v1/shape`;
}

function closeAll(proxy: Server): void {
  proxy.closeAllConnections();
  proxy.close();
}

describe("an event stream", () => {
  test("carries many messages over one connection", async () => {
    const table = await createTable();
    const followed = follow(table, { liveSse: true });
    await followed.untilUpToDate();
    await expect.poll(() => followed.fetch.exchanges.some(isLive)).toBe(true);

    for (let i = 1; i <= 200; i++) await sql(`insert into ${table} values (${i}, 'one by one')`);
    await insertNumbered(table, 201, 2000);
    await sql(`update ${table} set title = 'all' where id > 1000`);

    await expect.poll(() => followed.changes().length).toBe(3000);
    expect(followed.changes().map((change) => change.value.id)).toEqual([
      ...Array.from({ length: 2000 }, (_, i) => i + 1),
      ...Array.from({ length: 1000 }, (_, i) => i + 1001),
    ]);
    const streams = followed.fetch.exchanges.filter(isLive);
    expect(streams).toHaveLength(1);
    expect(streams[0]?.headers.get("content-type")).toBe("text/event-stream");
    expect(streams[0]?.url.searchParams.get("live_sse")).toBe("true");
  });

  test("gives a transaction to subscribers whole", async () => {
    const table = await createNumberedTable(0);
    const batches: number[] = [];
    const followed = follow(table, { liveSse: true });
    followed.stream.subscribe((messages) => {
      const ids = messages.filter((message) => "key" in message).length;
      if (ids > 0) batches.push(ids);
    });
    await followed.untilUpToDate();

    await transact(...Array.from({ length: 50 }, (_, i) => `insert into ${table} values (${i}, 'x')`));
    await expect.poll(() => followed.changes().length).toBe(50);

    expect(batches).toEqual([50]);
  });

  test("that a proxy ends at once is given up for long polls", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const table = await createNumberedTable(1);
    const { shape, fetch } = followShape(table, { liveSse: true, url: await startHastyProxy() });
    await shape.rows;

    await expect.poll(() => warn.mock.calls.flat().join("\n")).toContain("Falling back to long polling");
    await insertNumbered(table, 2, 3);
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1, 2, 3]);

    const live = fetch.exchanges.filter(isLive);
    // The client counts those that end within a second; on a busy machine some take longer.
    expect(live.filter(({ url }) => url.searchParams.has("live_sse")).length).toBeGreaterThanOrEqual(3);
    expect(live.at(-1)?.url.searchParams.has("live_sse")).toBe(false);
    warn.mockRestore();
  });

  test("that begins anew after a refresh repeats nothing", async () => {
    const table = await createNumberedTable(1);
    const followed = follow(table, { liveSse: true });
    await followed.untilUpToDate();

    for (let i = 0; i < 5; i++) {
      await transact(
        `insert into ${table} values (${2 * i + 2}, 'a')`,
        `insert into ${table} values (${2 * i + 3}, 'b')`,
      );
      await expect.poll(() => followed.changes().length).toBe(2 * i + 3);
      await followed.stream.forceDisconnectAndRefresh();
    }

    expect(operations(followed)).toEqual(Array.from({ length: 11 }, (_, i) => `insert ${i + 1}`));
    expect(controls(followed.messages)).not.toContain("must-refetch");
  });
});
