import { FetchError, isChangeMessage, isControlMessage, type Message, Shape } from "@electric-sql/client";
import { describe, expect, test } from "vitest";
import { createNumberedTable, createTable, insertNumbered, sql, transact } from "./database.js";
import { column, controls, follow, followShape, open } from "./follow.js";

const methods = ["GET", "POST"] as const;

/** As an application opens a table of which it wants parts. */
const parts = { log: "changes_only", offset: "now" } as const;

function ids(messages: readonly Message[]): unknown[] {
  return messages.filter((message) => isChangeMessage(message)).map((message) => message.value.id);
}

describe.each(methods)("a subset asked for by %s", (subsetMethod) => {
  test("has the rows of its where, in its order, from its place on", async () => {
    const table = await createNumberedTable(50);
    const { stream, untilUpToDate, fetch } = follow(table, { ...parts, subsetMethod });
    await untilUpToDate();

    const subset = await stream.fetchSnapshot({
      where: "id > $1 and title like $2",
      params: { "1": "10", "2": "title 3%" },
      orderBy: "id desc",
      limit: 4,
      offset: 2,
    });

    expect(ids(subset.data)).toEqual([37, 36, 35, 34]);
    expect(subset.data[0]?.value).toEqual({ id: 37, title: "title 37" });
    expect(subset.data[0]?.key).toBe(`"public"."${table}"/"37"`);
    expect(subset.data[0]?.headers).toMatchObject({ operation: "insert", relation: ["public", table] });
    expect(BigInt(subset.metadata.xmax)).toBeGreaterThanOrEqual(BigInt(subset.metadata.xmin));
    const exchange = fetch.exchanges.find(({ headers }) => headers.has("electric-snapshot"));
    expect(exchange).toMatchObject({ method: subsetMethod, status: 200 });
  });

  test("is put into the stream with its two ends", async () => {
    const table = await createNumberedTable(10);
    const followed = follow(table, { ...parts, subsetMethod });
    await followed.untilUpToDate();

    const subset = await followed.stream.requestSnapshot({ orderBy: "id", limit: 3 });
    await expect.poll(() => ids(followed.messages)).toEqual([1, 2, 3]);

    expect(controls(followed.messages)).toEqual(["up-to-date", "snapshot-end", "subset-end"]);
    expect(followed.messages.at(-1)?.headers).toMatchObject({ orderBy: "id", limit: 3 });
    expect(new Set(subset.data.map((row) => row.headers.snapshot_mark))).toEqual(
      new Set([subset.metadata.snapshot_mark]),
    );
  });

  test("knows the parsers and the names of the page", async () => {
    const table = await createTable("user_id int8 primary key, is_active bool, tags text[]");
    await sql(`insert into ${table} values (1, true, '{a,b}'), (2, false, null)`);
    const { stream, untilUpToDate } = follow(table, {
      ...parts,
      subsetMethod,
      columnMapper: {
        decode: (name: string) => (name === "user_id" ? "userId" : name),
        encode: (name: string) => (name === "userId" ? "user_id" : name),
      },
    });
    await untilUpToDate();

    const subset = await stream.fetchSnapshot({ where: "userId = $1", params: { "1": "1" } });

    expect(subset.data.map((row) => row.value)).toEqual([{ userId: 1n, is_active: true, tags: ["a", "b"] }]);
  });

  test("begins a stream that has not been read yet", async () => {
    const table = await createNumberedTable(5);
    const followed = follow(table, { ...parts, subsetMethod });

    await followed.stream.requestSnapshot({ where: "id <= 2" });
    await insertNumbered(table, 6, 6);

    await expect.poll(() => ids(followed.messages)).toEqual([1, 2, 6]);
  });

  test("takes the dummy condition that TanStack sends", async () => {
    const table = await createNumberedTable(3);
    const { stream, untilUpToDate } = follow(table, { ...parts, subsetMethod });
    await untilUpToDate();

    const subset = await stream.fetchSnapshot({ where: "true = true", params: {} });

    expect(ids(subset.data).toSorted()).toEqual([1, 2, 3]);
  });

  test("that cannot be is refused with the reason, and the stream goes on", async () => {
    const table = await createNumberedTable(3);
    const followed = follow(table, { ...parts, subsetMethod });
    await followed.untilUpToDate();

    const refusal = await followed.stream.requestSnapshot({ limit: 2 }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(FetchError);
    expect(refusal).toMatchObject({ status: 400 });
    expect(JSON.stringify((refusal as FetchError).json)).toContain(
      "order_by is required when limit or offset is present",
    );
    const unknown = await followed.stream
      .fetchSnapshot({ where: "nosuch = 1" })
      .catch((error: unknown) => error);
    expect(unknown).toMatchObject({ status: 400 });

    await insertNumbered(table, 4, 4);
    await expect.poll(() => ids(followed.messages)).toEqual([4]);
  });

  test("is asked for again with the handle of a 409", async () => {
    const table = await createNumberedTable(3);
    const { stream } = open(table, { ...parts, subsetMethod, handle: "1-1", offset: "0_0" });

    const subset = await stream.fetchSnapshot({ where: "id = 2" });

    expect(ids(subset.data)).toEqual([2]);
    expect(stream.shapeHandle).toMatch(/^\d+-\d{10,}$/);
  });

  test("of an event stream is put between its changes", async () => {
    const table = await createNumberedTable(3);
    const followed = follow(table, { ...parts, subsetMethod, liveSse: true });
    await followed.untilUpToDate();

    await sql(`update ${table} set title = 'first' where id = 1`);
    await expect.poll(() => ids(followed.messages)).toEqual([1]);
    await followed.stream.requestSnapshot({ where: "id <= 2", orderBy: "id" });
    await sql(`update ${table} set title = 'second' where id = 2`);

    await expect.poll(() => ids(followed.messages)).toEqual([1, 1, 2, 2]);
  });

  test("repeats no change that it holds and hides none of other rows", async () => {
    const table = await createTable("id int primary key, n int");
    await sql(`insert into ${table} select i, 0 from generate_series(1, 4) i`);
    const gate = livePollGate();
    const followed = follow(table, { ...parts, subsetMethod, fetchClient: gate.fetch });
    const witness = follow(table, { ...parts });
    await followed.stream.requestSnapshot({ where: "id > 0", orderBy: "id" });
    await Promise.all([followed.untilUpToDate(), witness.untilUpToDate()]);
    // The server has logged these while the client has not asked for them yet.
    await sql(`update ${table} set n = 1 where id in (1, 4)`);
    await expect.poll(() => witness.changes().length).toBe(2);

    await followed.stream.requestSnapshot({ where: "id <= 2", orderBy: "id" });
    gate.open();
    await sql(`update ${table} set n = 2 where id in (1, 3)`);
    await expect.poll(() => told(followed.messages).at(-1)).toBe("3: 2");

    expect(told(followed.messages)).toEqual([
      ...["1: 0", "2: 0", "3: 0", "4: 0"],
      ...["1: 1", "2: 0"],
      "4: 1",
      ...["1: 2", "3: 2"],
    ]);
  });

  test("taken again and again under writes ends with the rows of the table", async () => {
    const table = await createTable("id int primary key, n int");
    await sql(`insert into ${table} select i, 0 from generate_series(1, 5) i`);
    const followed = follow(table, { ...parts, subsetMethod });
    await followed.untilUpToDate();
    let isWriting = true;
    const writer = (async () => {
      while (isWriting) await transact(`update ${table} set n = n + 1`, "select pg_sleep(0.005)");
    })();

    for (let i = 0; i < 15; i++) await followed.stream.requestSnapshot({ where: "id > 0" });
    isWriting = false;
    await writer;
    const expected = (await sql(`select n from ${table} order by id`)).map(({ n }) => n);

    const last = new Map<unknown, number>();
    await expect
      .poll(() => {
        for (const message of followed.messages) {
          if (isChangeMessage(message)) last.set(message.key, Number(message.value.n));
        }
        return [...last.values()];
      })
      .toEqual(expected);
    expect(repeated(followed.messages)).toEqual([]);
  });
});

/** A fetch whose live requests do not leave before it is opened. */
function livePollGate(): { readonly fetch: typeof fetch; readonly open: () => void } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const gated = async (...[input, init]: Parameters<typeof fetch>): Promise<Response> => {
    const aborted = new Promise<never>((_, reject) => {
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason), { once: true });
    });
    if (String(input).includes("live=true")) await Promise.race([opened, aborted]);
    return fetch(input, init);
  };
  return { fetch: gated, open };
}

/** `id: n` of each change. */
function told(messages: readonly Message[]): string[] {
  return messages
    .filter((message) => isChangeMessage(message))
    .map((message) => `${message.value.id}: ${message.value.n}`);
}

/** Changes of the log that a subset before them held already. */
function repeated(messages: readonly Message[]): string[] {
  const held = new Map<string, number>();
  const found: string[] = [];
  for (const message of messages) {
    if (!isChangeMessage(message)) continue;
    const n = Number(message.value.n);
    if (message.headers.lsn === undefined) {
      held.set(message.key, n);
    } else if (n <= (held.get(message.key) ?? -1)) {
      found.push(`${message.key}: ${n} after ${held.get(message.key)}`);
    }
  }
  return found;
}

describe("subsets", () => {
  test("of a thousand ids go by POST, for which no address is too long", async () => {
    const table = await createNumberedTable(3000);
    const { stream, untilUpToDate } = follow(table, parts);
    await untilUpToDate();
    const wanted = Array.from({ length: 2500 }, (_, i) => i + 1);
    const params = { "1": `{${wanted.join(",")}}` };

    const byPost = await stream.fetchSnapshot({ where: "id = any($1)", params, method: "POST" });
    const byGet = await stream
      .fetchSnapshot({ where: "id = any($1)", params, method: "GET" })
      .catch((error: unknown) => error);

    expect(ids(byPost.data)).toHaveLength(2500);
    expect(byGet).toMatchObject({ status: 414 });
  });

  test("of a Shape are its rows, and are fetched anew after TRUNCATE", async () => {
    const table = await createNumberedTable(10);
    const { shape } = followShape(table, parts);
    await shape.requestSnapshot({ where: "id <= 3" });
    await expect.poll(() => column(shape.currentRows, "id")).toEqual([1, 2, 3]);

    await sql(`update ${table} set title = 'seen' where id in (2, 9)`);
    await expect.poll(() => column(shape.currentRows, "title")).toEqual(["title 1", "seen", "title 3"]);
    await sql(`truncate ${table}`);
    await expect.poll(() => shape.currentRows.length).toBe(0);
    await insertNumbered(table, 2, 2);

    await expect.poll(() => column(shape.currentRows, "title")).toEqual(["title 2"]);
    expect(shape).toBeInstanceOf(Shape);
  });

  test("asked for at once all arrive", async () => {
    const table = await createNumberedTable(40);
    const followed = follow(table, parts);
    await followed.untilUpToDate();

    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        followed.stream.requestSnapshot({ orderBy: "id", limit: 5, offset: 5 * i }),
      ),
    );

    expect(new Set(ids(followed.messages)).size).toBe(40);
    expect(
      followed.messages.filter((m) => isControlMessage(m) && m.headers.control === "subset-end"),
    ).toHaveLength(8);
    await insertNumbered(table, 41, 41);
    await expect.poll(() => ids(followed.messages).at(-1)).toBe(41);
  });

  test("work beside the whole table too, outside of the stream", async () => {
    const table = await createNumberedTable(20);
    const { stream, untilUpToDate, messages } = follow(table);

    const subset = await stream.fetchSnapshot({ orderBy: "id desc", limit: 2 });
    await untilUpToDate();

    expect(ids(subset.data)).toEqual([20, 19]);
    expect(ids(messages)).toHaveLength(20);
  });
});
