// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { StrictMode, Suspense } from "react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defineEntity, text, uuid } from "../index.js";
import { SyncManager as Manager } from "../sync-manager.js";
import { hookOf, SyncManager, useQuery, useRow, useSyncStatus } from "./index.js";

const notes = defineEntity("notes", { columns: { id: uuid(), title: text() }, key: ["id"] });
const useNotes = hookOf(notes);

let sync: Manager;
let count = 0;

beforeEach(async () => {
  // happy-dom's locks lock nothing, and a browser on https always has them.
  const request = (_: string, ...rest: unknown[]) => Promise.resolve((rest.at(-1) as () => unknown)());
  Object.defineProperty(navigator, "locks", { value: { request }, configurable: true });
  sync = await Manager.open({ name: `hooks${count++}`, server: "http://nowhere.test", entities: [notes] });
});

afterEach(async () => {
  cleanup();
  await sync.close();
});

function Titles() {
  const rows = useNotes({ orderBy: [{ column: "title" }] });
  return (
    <p data-testid="titles">{rows === undefined ? "reading" : rows.map(({ title }) => title).join(", ")}</p>
  );
}

test("rows are shown as they are written, and so is who is signed in", async () => {
  function Who() {
    return <p data-testid="who">{useSyncStatus().user ?? "guest"}</p>;
  }
  render(
    <StrictMode>
      <SyncManager sync={sync}>
        <Titles />
        <Who />
      </SyncManager>
    </StrictMode>,
  );
  await waitFor(() => expect(screen.getByTestId("titles").textContent).toBe(""));

  await act(() => sync.rows(notes).create({ title: "b" }));
  await act(() => sync.rows(notes).create({ title: "a" }));

  await waitFor(() => expect(screen.getByTestId("titles").textContent).toBe("a, b"));
  expect(screen.getByTestId("who").textContent).toBe("guest");
});

test("a query is made anew when what it is made of changes", async () => {
  await sync.rows(notes).create({ title: "a" });
  await sync.rows(notes).create({ title: "b" });
  function Only({ title }: { readonly title: string }) {
    return <p data-testid="only">{useQuery(notes, { where: { title } }, [title])?.length}</p>;
  }
  const page = (title: string) => (
    <SyncManager sync={sync}>
      <Only title={title} />
    </SyncManager>
  );
  const { rerender } = render(page("a"));
  await waitFor(() => expect(screen.getByTestId("only").textContent).toBe("1"));

  rerender(page("c"));

  await waitFor(() => expect(screen.getByTestId("only").textContent).toBe("0"));
});

test("one row is followed to its end", async () => {
  const { key } = await sync.rows(notes).create({ title: "a" });
  function One() {
    const row = useRow(notes, { id: key });
    return <p data-testid="one">{row === undefined ? "reading" : (row?.title ?? "gone")}</p>;
  }
  render(
    <SyncManager sync={sync}>
      <One />
    </SyncManager>,
  );
  await waitFor(() => expect(screen.getByTestId("one").textContent).toBe("a"));

  await act(() => sync.rows(notes).update({ id: key, title: "b" }));
  await waitFor(() => expect(screen.getByTestId("one").textContent).toBe("b"));
  await act(() => sync.rows(notes).delete({ id: key }));

  await waitFor(() => expect(screen.getByTestId("one").textContent).toBe("gone"));
});

test("a manager that is still opening is waited for", async () => {
  let open: (manager: Manager) => void = () => {};
  const opening = new Promise<Manager>((resolve) => {
    open = resolve;
  });
  await act(async () => {
    render(
      <Suspense fallback={<p>opening</p>}>
        <SyncManager sync={opening}>
          <Titles />
        </SyncManager>
      </Suspense>,
    );
  });
  expect(screen.getByText("opening")).toBeDefined();

  await act(async () => open(sync));

  await waitFor(() => expect(screen.getByTestId("titles").textContent).toBe(""));
});
