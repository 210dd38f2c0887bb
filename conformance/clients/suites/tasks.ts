import { createTable, sql } from "./database.js";

/** Two owners of tasks, and one of none. */
export const owners = {
  ada: "ada00000-0000-4000-8000-000000000001",
  bob: "b0b00000-0000-4000-8000-000000000002",
  nobody: "00000000-0000-4000-8000-000000000000",
} as const;

/** Makes a table of tasks 1 to `count`, by turns Ada's and Bob's, every third of them done. */
export async function createTasks(count: number): Promise<string> {
  const table = await createTable(
    `id int primary key, owner uuid, title text, priority int, done bool not null default false,
     tags text[], price numeric(8, 2), due timestamptz, details jsonb`,
  );
  await sql(
    `insert into ${table}
     select i, case when i % 2 = 1 then '${owners.ada}' else '${owners.bob}' end::uuid, 'task ' || i,
            nullif(i % 5, 0), i % 3 = 0, array['t' || i % 4, 'all'], i * 1.10,
            '2020-01-01T00:00:00Z'::timestamptz + i * interval '1 day', jsonb_build_object('size', i % 4)
       from generate_series(1, $1::int) i`,
    [count],
  );
  return table;
}

/** The ids that SELECT finds. */
export async function selectIds(table: string, where: string): Promise<number[]> {
  const rows = await sql(`select id from ${table} where ${where} order by id`);
  return rows.map(({ id }) => Number(id));
}
