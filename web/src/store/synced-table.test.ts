import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { noteId, notes } from "../../test/fakes/notes.js";
import type { ShapeMessage, TextRow } from "../stream/shape-message.js";
import { Store } from "./store.js";
import type { StreamPosition } from "./stream-position.js";
import { SyncedTable } from "./synced-table.js";

let count = 0;
let store: Store;
let table: SyncedTable;

beforeEach(async () => {
  store = await Store.open(`synced${count++}`, [notes], () => {});
  table = new SyncedTable(store, notes);
});

const row = (number: number, title: string, more: TextRow = {}): TextRow => ({
  id: noteId(number),
  owner: "ada",
  title,
  stars: null,
  views: null,
  ...more,
});

const change = (op: "insert" | "update" | "delete", value: TextRow, tx?: bigint): ShapeMessage => ({
  kind: "change",
  op,
  value,
  place: tx === undefined ? undefined : { tx, op: 0 },
  ended: [],
});

const snapshotEnd: ShapeMessage = { kind: "snapshot-end", snapshot: { xmin: 3n, xmax: 3n, running: [] } };
const upToDate = (lsn: bigint): ShapeMessage => ({ kind: "up-to-date", lsn });
const answer = (handle: string, offset: string) => ({ handle, offset, isLive: false });

async function storedAt(asked: StreamPosition, to: string, ...messages: readonly ShapeMessage[]) {
  const taken = await table.take(asked, answer(asked.handle ?? "one", to), messages, 0);
  if (taken.kind !== "stored") throw new Error(taken.kind);
  return taken.position;
}

/** A copy of two rows, whose stream has come to 10. */
const copied = async () =>
  storedAt(
    await table.position(),
    "10_0",
    change("insert", row(1, "a")),
    change("insert", row(2, "b")),
    snapshotEnd,
    upToDate(10n),
  );

const titles = () =>
  store.read(async (tx) => (await tx.synced(notes).toArray()).map(({ title }) => title as string));

test("an answer counts only where the copy stands at which it was asked", async () => {
  const at = await copied();
  await storedAt(at, "20_0", change("update", { id: noteId(1), title: "A" }, 20n), upToDate(20n));

  const late = await table.take(at, answer("one", "15_0"), [change("delete", row(2, ""), 15n)], 0);

  expect(late).toEqual({ kind: "moved" });
  expect(await titles()).toEqual(["A", "b"]);
  expect((await table.position()).offset).toBe("20_0");
});

test("a copy that another tab has begun beside is not mistaken for the one that was asked for", async () => {
  const at = await copied();
  await table.beginNext();

  const late = await table.take(
    at,
    { handle: "one", offset: "20_0", isLive: true },
    [change("insert", row(3, "c"), 20n), upToDate(20n)],
    0,
  );

  expect(late).toEqual({ kind: "moved" });
  expect(await titles()).toEqual(["a", "b"]);
});

test("an answer of another shape does not fit", async () => {
  const at = await copied();

  const other = await table.take(at, answer("two", "20_0"), [change("delete", row(2, ""), 20n)], 0);

  expect(other).toEqual({ kind: "misfit", reason: "is of another shape" });
  expect(await titles()).toEqual(["a", "b"]);
});

test("a snapshot does not fit where the log has begun, nor does the log where a snapshot is due", async () => {
  const old = await table.take(
    await table.position(),
    answer("one", "10_0"),
    [change("insert", row(1, "a"), 10n)],
    0,
  );
  const at = await copied();
  const again = await table.take(at, answer("one", "0_0"), [change("insert", row(1, "older"))], 0);

  expect(old).toEqual({ kind: "misfit", reason: "begins in the middle" });
  expect(again).toEqual({ kind: "misfit", reason: "has another snapshot" });
  expect(await titles()).toEqual(["a", "b"]);
});

test("a value of another type is null, and the stream goes on", async () => {
  const at = await storedAt(
    await table.position(),
    "0_inf",
    change("insert", row(1, "a", { views: "1.5" })),
    change("insert", row(2, "b", { stars: "many" })),
    change("insert", row(3, "c", { stars: "3", views: "3" })),
    snapshotEnd,
    upToDate(10n),
  );

  expect(at.offset).toBe("0_inf");
  const rows = await store.read((tx) => tx.synced(notes).toArray());
  expect(rows.map(({ stars, views }) => [stars, views])).toEqual([
    [null, null],
    [null, null],
    [3, 3n],
  ]);
});
