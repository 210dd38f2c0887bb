import { createColumnMapper, type Row, snakeCamelMapper } from "@electric-sql/client";
import { describe, expect, test } from "vitest";
import { createTable, sql } from "./database.js";
import { follow, followShape } from "./follow.js";

/** A column of each kind, what is written, and what the client's own parsers make of it. */
const kinds: readonly (readonly [type: string, written: string, read: unknown])[] = [
  ["int2", "-32768", -32768],
  ["int4", "2147483647", 2147483647],
  ["int8", "9223372036854775807", 9223372036854775807n],
  ["float4", "1.5", 1.5],
  ["float8", "'-Infinity'", Number.NEGATIVE_INFINITY],
  ["float8", "0.1", 0.1],
  ["numeric(30,10)", "12345678901234567890.0123456789", "12345678901234567890.0123456789"],
  ["bool", "true", true],
  ["bool", "false", false],
  ["text", "E'a\"b\\\\c\\n€'", 'a"b\\c\n€'],
  ["varchar(5)", "'abc'", "abc"],
  ["char(5)", "'ab'", "ab   "],
  ["uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
  ["date", "'2026-11-22'", "2026-11-22"],
  ["timestamptz", "'2026-11-22 10:00:00+02'", "2026-11-22 08:00:00+00"],
  ["interval", "'1 day 2 hours'", "P1DT2H"],
  ["bytea", "'\\x0001fe'", "\\x0001fe"],
  ["json", `'{"a":  [1, null, "x"]}'`, { a: [1, null, "x"] }],
  ["jsonb", `'{"value": {"b": true}, "old_value": 1}'`, { value: { b: true }, old_value: 1 }],
  ["jsonb", "'null'", null],
  ["int4[]", "'{1,NULL,3}'", [1, null, 3]],
  [
    "int8[][]",
    "'{{1,2},{3,4}}'",
    [
      [1n, 2n],
      [3n, 4n],
    ],
  ],
  [
    "text[][][]",
    `'{{{a,"b,c"},{NULL,"NULL"}}}'`,
    [
      [
        ["a", "b,c"],
        [null, "NULL"],
      ],
    ],
  ],
  ["bool[]", "'{t,f,NULL}'", [true, false, null]],
  ["float8[]", "'{1.5,NaN}'", [1.5, Number.NaN]],
  ["jsonb[]", `array['{"a": "}"}'::jsonb, '2']`, [{ a: "}" }, 2]],
  ["int4[]", "'{}'", []],
  ["int4range", "'[1,5)'", "[1,5)"],
  ["text", "null", null],
  ["int8[]", "null", null],
];

async function tableOfKinds(): Promise<string> {
  return createTable(["id int primary key", ...kinds.map(([type], i) => `c${i} ${type}`)].join(", "));
}

function insertKinds(table: string, id: number): string {
  return `insert into ${table} values (${[String(id), ...kinds.map(([, written]) => written)].join(", ")})`;
}

describe("parsers", () => {
  test("read every type alike from the snapshot and from the log", async () => {
    const table = await tableOfKinds();
    await sql(insertKinds(table, 1));
    const { shape } = followShape(table);
    await shape.rows;
    await sql(insertKinds(table, 2));
    await expect.poll(() => shape.currentRows.length).toBe(2);

    for (const row of shape.currentRows) {
      expect(kinds.map(([type], i) => [type, row[`c${i}`]])).toEqual(
        kinds.map(([type, , read]) => [type, read]),
      );
    }
  });

  test("read a whole row of replica=full, old values too", async () => {
    const table = await createTable("id int primary key, big int8, doc jsonb, flags bool[]");
    await sql(`insert into ${table} values (1, 1, '{"a": 1}', '{t}')`);
    const followed = follow(table, { params: { replica: "full" } });
    await followed.untilUpToDate();

    await sql(`update ${table} set big = 2, flags = '{f,t}'`);
    await expect.poll(() => followed.changes().length).toBe(2);

    expect(followed.changes()[1]).toMatchObject({
      value: { id: 1, big: 2n, doc: { a: 1 }, flags: [false, true] },
      old_value: { big: 1n, flags: [true] },
    });
  });

  test("of one's own get the text and what the schema says of the column", async () => {
    const table = await createTable(
      "id int primary key, at timestamptz(3) not null, price numeric(8,2), days date[]",
    );
    await sql(`insert into ${table} values (1, '2026-11-22 10:00:00.125Z', 1.5, '{2026-01-01,NULL}')`);
    const about: unknown[] = [];
    const { shape } = followShape(table, {
      parser: {
        timestamptz: (value: string) => value.replace(" ", "T"),
        numeric: (value: string, info: unknown) => {
          about.push(info);
          return Number(value) * 100;
        },
        date: (value: string) => `day ${value}`,
      } as never,
    });

    expect(await shape.rows).toEqual([
      { id: 1, at: "2026-11-22T10:00:00.125+00", price: 150, days: ["day 2026-01-01", null] },
    ]);
    expect(about).toEqual([{ type: "numeric", precision: 8, scale: 2 }]);
  });
});

describe("transformer and columnMapper", () => {
  test("a transformer sees whole and partial rows after the parsers", async () => {
    const table = await createTable("id int primary key, n int8, note text");
    await sql(`insert into ${table} values (1, 1, 'a')`);
    const seen: Row[] = [];
    const { shape } = followShape(table, {
      transformer: (row: Row) => {
        seen.push({ ...row });
        return "n" in row ? { ...row, n: Number(row.n) * 10 } : row;
      },
    });
    await shape.rows;

    await sql(`update ${table} set n = 2`);
    await expect.poll(() => shape.currentRows).toEqual([{ id: 1, n: 20, note: "a" }]);

    expect(seen).toEqual([
      { id: 1, n: 1n, note: "a" },
      { id: 1, n: 2n },
    ]);
  });

  test("snake case in the database is camel case in the page", async () => {
    const table = await createTable("user_id int primary key, full_name text");
    await sql(`insert into ${table} values (1, 'Ada')`);
    const { shape, fetch } = followShape(table, {
      params: { columns: ["userId", "fullName"] },
      columnMapper: snakeCamelMapper(),
    });
    expect(await shape.rows).toEqual([{ userId: 1, fullName: "Ada" }]);

    await sql(`update ${table} set full_name = 'Ada Lovelace'`);
    await expect.poll(() => shape.currentRows).toEqual([{ userId: 1, fullName: "Ada Lovelace" }]);

    expect(fetch.exchanges[0]?.url.searchParams.get("columns")).toBe('"user_id","full_name"');
  });

  test("a mapper of one's own comes before the transformer", async () => {
    const table = await createTable("id int primary key, n int");
    await sql(`insert into ${table} values (1, 5)`);
    const { shape } = followShape(table, {
      columnMapper: createColumnMapper({ id: "identity", n: "number" }),
      transformer: (row: Row) => ({ ...row, number: Number(row.number) + 1 }),
    });

    expect(await shape.rows).toEqual([{ identity: 1, number: 6 }]);
  });
});
