import { expect, test } from "vitest";
import { sees } from "./seen-transactions.js";

const EPOCH = 2n ** 32n;

test.each([
  [6, true],
  [7, true],
  [8, false],
  [9, false],
])("of a snapshot 8:9:8 transaction %i is seen: %s", (txid, isSeen) => {
  expect(sees({ xmin: 8n, xmax: 9n, running: [8n] }, txid)).toBe(isSeen);
});

test("ids have 32 bits on the wire and go round", () => {
  const snapshot = { xmin: 3n * EPOCH + 5n, xmax: 3n * EPOCH + 10n, running: [3n * EPOCH + 7n] };

  expect(sees(snapshot, 6)).toBe(true);
  expect(sees(snapshot, 7)).toBe(false);
  expect(sees(snapshot, 10)).toBe(false);
  expect(sees(snapshot, 2 ** 32 - 1)).toBe(true);
});
