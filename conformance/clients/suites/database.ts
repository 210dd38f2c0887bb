import pg from "pg";
import { surroundings } from "./surroundings.js";

const pool = new pg.Pool({ connectionString: surroundings.databaseUrl, max: 5, allowExitOnIdle: true });

export type DatabaseRow = Readonly<Record<string, unknown>>;

/** Runs a statement in a transaction of its own. */
export async function sql(text: string, values: unknown[] = []): Promise<readonly DatabaseRow[]> {
  const result = await pool.query(text, values);
  return result.rows as readonly DatabaseRow[];
}

/** Runs statements in one transaction and returns its id, as an application hands it to awaitTxId. */
export async function transact(...statements: string[]): Promise<number> {
  const connection = await pool.connect();
  try {
    await connection.query("begin");
    for (const statement of statements) await connection.query(statement);
    const id = await connection.query<{ txid: string }>("select pg_current_xact_id()::xid::text as txid");
    await connection.query("commit");
    return Number(id.rows[0]?.txid);
  } finally {
    // Closed if it broke in the middle: the transaction goes with it.
    connection.release(true);
  }
}

/** Makes an empty table with a new name. */
export async function createTable(columns = "id int primary key, title text"): Promise<string> {
  const name = `suite_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  await sql(`create table ${name} (${columns})`);
  return name;
}

/** Makes a table of `id` and `title` with rows 1 to `count`. */
export async function createNumberedTable(count: number): Promise<string> {
  const name = await createTable();
  await insertNumbered(name, 1, count);
  return name;
}

export async function insertNumbered(table: string, from: number, to: number): Promise<void> {
  await sql(`insert into ${table} select i, 'title ' || i from generate_series($1::int, $2::int) i`, [
    from,
    to,
  ]);
}
