import { createCollection } from "@tanstack/db";
import { type ElectricCollectionUtils, electricCollectionOptions } from "@tanstack/electric-db-collection";
import { describe, expect, onTestFinished, test } from "vitest";
import { sql } from "./database.js";
import { follow } from "./follow.js";
import { SeedWriteBuffer } from "./seed-write-buffer.js";
import { surroundings } from "./surroundings.js";

type Work = { readonly id: string; readonly title: string };

type Result = { readonly id: string; readonly status: string; readonly txid: string };

/** A table of which each user may touch only their own rows. */
async function createWorks(): Promise<string> {
  const table = `suite_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  await sql(`
    create table ${table} (
      id uuid primary key,
      owner_id text not null default current_setting('app.user_id', true),
      work_type text not null default 'book',
      title text not null,
      created_at timestamptz
    );
    alter table ${table} enable row level security;
    grant select, insert, update, delete on ${table} to authenticated;
    create policy own on ${table} to authenticated
      using (owner_id = current_setting('app.user_id', true))
      with check (owner_id = current_setting('app.user_id', true));
  `);
  return table;
}

async function write(table: string, op: string, payload: object): Promise<Result> {
  const change = { id: crypto.randomUUID(), table, op, payload, created_at: Date.now() };
  const response = await fetch(surroundings.writesUrl, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${surroundings.token}` },
    body: JSON.stringify({ changes: [change] }),
  });
  expect(response.status).toBe(200);
  const { results } = (await response.json()) as { readonly results: readonly [Result] };
  return results[0];
}

describe("the seed's write buffer", () => {
  test("has its changes applied in order, camel case and milliseconds and all", async () => {
    const table = await createWorks();
    const buffer = new SeedWriteBuffer(surroundings.writesUrl, surroundings.token);
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
    const createdAt = Date.parse("2026-11-25T12:00:00.123Z");

    buffer.enqueue({
      table,
      op: "insert",
      payload: { id: first, workType: "poem", title: "Sonnets", createdAt },
    });
    buffer.enqueue({ table, op: "insert", payload: { id: second, title: "Emma", createdAt } });
    buffer.enqueue({ table, op: "update", payload: { id: first, title: "The Sonnets" } });
    buffer.enqueue({ table, op: "delete", payload: { id: second } });
    await buffer.flush();

    expect(buffer.size()).toBe(0);
    const rows = await sql(`select id, owner_id, work_type, title, created_at from ${table}`);
    expect(rows).toEqual([
      {
        id: first,
        owner_id: "ada",
        work_type: "poem",
        title: "The Sonnets",
        created_at: new Date(createdAt),
      },
    ]);
  });

  test("is told of the one that fails, and the others are applied", async () => {
    const table = await createWorks();
    const buffer = new SeedWriteBuffer(surroundings.writesUrl, surroundings.token);
    const good = buffer.enqueue({ table, op: "insert", payload: { id: crypto.randomUUID(), title: "Emma" } });
    const bad = buffer.enqueue({ table, op: "insert", payload: { id: crypto.randomUUID(), title: null } });
    const foreign = buffer.enqueue({
      table,
      op: "insert",
      payload: { id: crypto.randomUUID(), title: "Ulysses", ownerId: "eve" },
    });

    await buffer.flush();

    expect(buffer.get(good.id)?.status).toBe("applied");
    expect(buffer.get(bad.id)).toMatchObject({ status: "error", error: expect.stringContaining("title") });
    expect(buffer.get(foreign.id)).toMatchObject({
      status: "error",
      error: expect.stringContaining("row-level security"),
    });
    expect(await sql(`select title from ${table}`)).toEqual([{ title: "Emma" }]);
  });

  test("may send again what was applied when the answer is lost", async () => {
    const table = await createWorks();
    let isLost = true;
    const buffer = new SeedWriteBuffer(surroundings.writesUrl, surroundings.token, async (...request) => {
      const response = await fetch(...request);
      if (isLost) {
        isLost = false;
        throw new TypeError("the connection broke");
      }
      return response;
    });
    const change = buffer.enqueue({
      table,
      op: "insert",
      payload: { id: crypto.randomUUID(), title: "Emma" },
    });

    await buffer.flush();
    expect(buffer.get(change.id)).toMatchObject({ status: "pending", retry_count: 1 });
    await buffer.flush();

    expect(buffer.get(change.id)?.status).toBe("applied");
    expect(await sql(`select title from ${table}`)).toEqual([{ title: "Emma" }]);
  });
});

describe("a write comes back on the stream", () => {
  test("with the transaction that its answer named", async () => {
    const table = await createWorks();
    const followed = follow(table);
    await followed.untilUpToDate();
    const txids = () =>
      followed
        .changes()
        .flatMap(({ headers }) => headers.txids ?? [])
        .map(String);
    const id = crypto.randomUUID();

    const inserted = await write(table, "insert", { id, title: "Emma" });
    await expect.poll(txids).toContain(inserted.txid);
    const updated = await write(table, "update", { id, title: "Persuasion" });
    await expect.poll(txids).toContain(updated.txid);

    expect(inserted.status).toBe("applied");
    expect(updated.txid).not.toBe(inserted.txid);
  });

  test.each([false, true])("and awaitTxId resolves for it (liveSse %s)", async (liveSse) => {
    const table = await createWorks();
    const works = createCollection(
      electricCollectionOptions<Work>({
        id: table,
        getKey: (work) => work.id,
        shapeOptions: { url: surroundings.shapeUrl, params: { table }, liveSse },
        onInsert: async ({ transaction }) => {
          const { txid } = await write(table, "insert", transaction.mutations[0].modified);
          return { txid: Number(txid), timeout: 20_000 };
        },
      }),
    );
    const utils = works.utils as unknown as ElectricCollectionUtils<Work>;
    onTestFinished(() => works.cleanup());
    await works.preload();
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];

    const inserted = works.insert({ id: first, title: "Emma" });
    await inserted.isPersisted.promise;
    const { txid } = await write(table, "insert", { id: second, title: "Persuasion" });
    await utils.awaitTxId(Number(txid), 20_000);

    expect(inserted.state).toBe("completed");
    expect(works.get(first)?.title).toBe("Emma");
    expect(works.get(second)?.title).toBe("Persuasion");
  });
});
