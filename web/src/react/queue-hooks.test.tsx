// @vitest-environment happy-dom
import "../../test/scenarios/quiet.js";
import "fake-indexeddb/auto";
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Browser } from "../../test/fakes/browser.js";
import { notes } from "../../test/fakes/notes.js";
import { quiet } from "../../test/scenarios/quiet.js";
import type { SyncManager as Manager } from "../sync-manager.js";
import { WriteBuffer } from "../write-buffer/write-buffer.js";
import { SyncManager, usePendingChanges } from "./index.js";

let browser: Browser;
let sync: Manager;
let seen: { readonly user: string | undefined; readonly titles: string }[];

beforeEach(async () => {
  browser = new Browser([notes]);
  sync = await browser.open();
  await sync.signIn("ada", "adopt");
  await sync.setOffline(true);
  seen = [];
});

afterEach(async () => {
  cleanup();
  vi.restoreAllMocks();
  await browser.close();
  vi.unstubAllGlobals();
});

function Pending() {
  const titles = usePendingChanges().map(({ payload }) => String(payload.title));
  seen.push({ user: sync.user, titles: titles.join(", ") });
  return <p data-testid="pending">{titles.join(", ")}</p>;
}

const shown = () => screen.getByTestId("pending").textContent;

async function showOf(title: string): Promise<void> {
  render(
    <SyncManager sync={sync}>
      <Pending />
    </SyncManager>,
  );
  await act(() => sync.rows(notes).create({ title }));
  await waitFor(() => expect(shown()).toBe(title));
}

test("what waits is shown as it is written", async () => {
  await showOf("ada's");

  await act(() => sync.rows(notes).create({ title: "more" }));

  await waitFor(() => expect(shown()).toBe("ada's, more"));
});

test("from the moment of a switch nothing of another user's queue is shown", async () => {
  await showOf("ada's");

  await act(() => sync.signIn("grace", "adopt"));
  await act(() => quiet());
  expect(shown()).toBe("");
  await act(() => sync.rows(notes).create({ title: "grace's" }));

  await waitFor(() => expect(shown()).toBe("grace's"));
  expect(seen.filter(({ user, titles }) => user === "grace" && titles.includes("ada"))).toEqual([]);
});

test("nor is it when the next user's queue cannot be read", async () => {
  await showOf("ada's");
  vi.spyOn(WriteBuffer.prototype, "peek").mockRejectedValue(new Error("the database is gone"));

  await act(() => sync.signIn("grace", "adopt"));
  await act(() => quiet());

  expect(shown()).toBe("");
});

test("nor when it had been asked for before the switch and comes after it", async () => {
  await showOf("ada's");
  const { peek } = WriteBuffer.prototype;
  const late: (() => void)[] = [];
  const adas = sync.writeBuffer;
  vi.spyOn(WriteBuffer.prototype, "peek").mockImplementation(async function (this: WriteBuffer, most) {
    const found = await peek.call(this, most);
    await new Promise<void>((resolve) => {
      if (this === adas) late.push(resolve); // Grace's does not come at all.
    });
    return found;
  });
  await act(() => sync.rows(notes).create({ title: "more" }));
  await waitFor(() => expect(late).toHaveLength(1));

  await act(() => sync.signIn("grace", "adopt"));
  expect(shown()).toBe("");
  await act(async () => {
    for (const come of late) come();
    await quiet();
  });

  expect(shown()).toBe("");
  expect(seen.filter(({ user, titles }) => user === "grace" && titles !== "")).toEqual([]);
});
