import type { SyncStatus } from "@millrace/web";
import { expect, test } from "vitest";
import { summarise } from "./sync-summary";

const live: SyncStatus = {
  user: "ada00000-0000-4000-8000-000000000001",
  isLeader: true,
  isSwitchedOff: false,
  isOffline: false,
  needsAuth: false,
  isSynced: true,
  streams: [{ entity: "works", phase: "live", differences: [] }],
  upload: { phase: "idle" },
  writes: { pending: 0, syncing: 0, errors: 0 },
  conflicts: 0,
  outdated: false,
  lastUpToDate: new Date(2026, 0, 6, 9, 5).getTime(),
  reasons: [],
};
const { user: _, ...guest } = live;

test.each<[string, Partial<SyncStatus>, string, string]>([
  ["live", {}, "Live", "This device has what the database has."],
  [
    "live",
    { writes: { pending: 0, syncing: 0, errors: 1 } },
    "Live",
    "This device has what the database has, but for what was refused.",
  ],
  ["live", { writes: { pending: 2, syncing: 1, errors: 0 } }, "Live", "Sending 3 changes."],
  [
    "live",
    { isLeader: false },
    "Live",
    "This device has what the database has. Another tab talks to the server for this one.",
  ],
  ["catching-up", { streams: [] }, "Catching up", "Reading what the server has."],
  [
    "catching-up",
    { streams: [{ entity: "works", phase: "catching-up", differences: [] }] },
    "Catching up",
    "Reading what the server has.",
  ],
  ["offline", { isOffline: true }, "Offline", "The server cannot be reached. Up to date at Jan 6, 2026."],
  ["offline", { isSwitchedOff: true }, "Offline", "You switched the network off. Up to date at Jan 6, 2026."],
  [
    "offline",
    { isOffline: true, needsAuth: true },
    "Offline",
    "The server cannot be reached. Up to date at Jan 6, 2026.",
  ],
  [
    "needs-sign-in",
    { needsAuth: true },
    "Sign-in needed",
    "The server no longer accepts your sign-in. What you write is kept on this device.",
  ],
  [
    "refused",
    { streams: [{ entity: "works", phase: "refused", reason: "no such table", differences: [] }] },
    "Refused",
    "The server refuses to send works: no such table",
  ],
  [
    "refused",
    { upload: { phase: "refused", code: "schema_too_old" } },
    "Refused",
    "The server takes no changes: schema_too_old",
  ],
  [
    "storage-full",
    { storage: "quota exceeded" },
    "Storage trouble",
    "This device does not keep its data: quota exceeded",
  ],
  [
    "outdated",
    { outdated: true, storage: "quota exceeded" },
    "Reload needed",
    "A newer version of this app runs in another tab. Reload this one to go on.",
  ],
])("it is %s with %j", (state, change, label, detail) => {
  const summary = summarise({ ...live, ...change }, new Date(2026, 0, 7));

  expect(summary).toEqual({ state, label, detail });
});

test("a guest is told that nothing leaves the device", () => {
  expect(summarise({ ...guest, user: undefined }, new Date()).state).toBe("guest");
});
