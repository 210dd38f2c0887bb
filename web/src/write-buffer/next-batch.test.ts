import fc from "fast-check";
import { expect, test } from "vitest";
import type { BufferedChange } from "../store/stored.js";
import { chooseBatch, DEFAULT_LIMITS, rowOf, shrunk } from "./next-batch.js";

function change(seq: number, row: string, more: Partial<BufferedChange> = {}): BufferedChange {
  return {
    seq,
    id: `c${seq}`,
    entity: "works",
    key: row,
    op: "update",
    table: "works",
    createdAt: 0,
    bytes: 100,
    status: "pending",
    attempts: 0,
    ...more,
  };
}

function choose(
  pending: readonly BufferedChange[],
  {
    limits = DEFAULT_LIMITS,
    held = [] as string[],
    waiting = [] as string[],
    others = {} as Record<string, number>,
  } = {},
): string[] {
  const sizes = new Map<string, number>(Object.entries(others));
  for (const { tx } of pending) if (tx !== undefined) sizes.set(tx, (sizes.get(tx) ?? 0) + 1);
  return chooseBatch(pending, limits, held, new Set(waiting), sizes).map(({ id }) => id);
}

test("all that fits goes, in order", () => {
  const all = [change(1, "a"), change(2, "b"), change(3, "a")];

  expect(choose(all)).toEqual(["c1", "c2", "c3"]);
  expect(choose(all, { limits: { changes: 2, bytes: 1000 } })).toEqual(["c1", "c2"]);
  expect(choose(all, { limits: { changes: 9, bytes: 250 } })).toEqual(["c1", "c2"]);
});

test("what is larger than any batch goes alone", () => {
  expect(
    choose([change(1, "a", { bytes: 5000 }), change(2, "b")], { limits: { changes: 9, bytes: 250 } }),
  ).toEqual(["c1"]);
});

test("what waits holds back its row and its transaction, nothing else", () => {
  const all = [
    change(1, "a"),
    change(2, "a"),
    change(3, "b", { tx: "t" }),
    change(4, "a", { tx: "t" }),
    change(5, "b"),
    change(6, "c"),
  ];

  expect(choose(all, { waiting: ["c1"] })).toEqual(["c6"]);
});

test("changes of a row whose insert was rejected wait for it", () => {
  expect(choose([change(1, "a"), change(2, "b")], { held: [rowOf(change(0, "a"))] })).toEqual(["c2"]);
});

test("a transaction goes whole or not at all", () => {
  const all = [change(1, "a", { tx: "t" }), change(2, "b", { tx: "t" }), change(3, "c")];

  expect(choose(all, { limits: { changes: 1, bytes: 1000 } })).toEqual(["c1", "c2"]);
  expect(choose(all, { others: { t: 1 } })).toEqual(["c3"]);
});

test("limits shrink to one change", () => {
  expect(shrunk({ changes: 500, bytes: 1000 }, 20)).toEqual({ changes: 1, bytes: 1 });
});

test("no change of a row overtakes another of that row", () => {
  const one = fc.record({
    row: fc.constantFrom("a", "b", "c"),
    tx: fc.option(fc.constantFrom("s", "t"), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(one), fc.integer({ min: 1, max: 4 }), fc.nat(9), (made, most, wait) => {
      const pending = made.map(({ row, tx }, i) => change(i, row, tx === undefined ? {} : { tx }));
      const chosen = new Set(
        choose(pending, { limits: { changes: most, bytes: 10_000 }, waiting: [`c${wait}`] }),
      );
      for (const [i, earlier] of pending.entries()) {
        for (const later of pending.slice(i + 1)) {
          if (rowOf(earlier) === rowOf(later))
            expect(chosen.has(later.id) && !chosen.has(earlier.id)).toBe(false);
        }
      }
    }),
  );
});
