// @vitest-environment happy-dom

import type { Row, ShapeStreamOptions } from "@electric-sql/client";
import { getShapeStream, preloadShape, type UseShapeResult, useShape } from "@electric-sql/react";
import { act, cleanup, render, renderHook, screen, waitFor, within } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { createNumberedTable, insertNumbered, sql } from "./database.js";
import { column } from "./follow.js";
import { type RecordedFetch, recordedFetch } from "./recorded-fetch.js";
import { surroundings } from "./surroundings.js";
import { createTasks, owners } from "./tasks.js";

afterEach(cleanup);

const patience = { timeout: 20_000 };

type Options = ShapeStreamOptions;
type RecordedOptions = Options & { readonly fetchClient: RecordedFetch };

/** Options as a component has them, with a stream that ends with the test. */
function optionsFor(table: string, more: Partial<Options> = {}): RecordedOptions {
  const aborter = new AbortController();
  onTestFinished(() => aborter.abort());
  return {
    url: surroundings.shapeUrl,
    params: { table },
    signal: aborter.signal,
    fetchClient: recordedFetch(),
    ...more,
  } as RecordedOptions;
}

function firstRequests(fetch: RecordedFetch): number {
  return fetch.exchanges.filter(({ url }) => url.searchParams.get("offset") === "-1").length;
}

function Titles({ options }: { readonly options: Options }) {
  const { data, isLoading, isError } = useShape(options);
  if (isError) return <p>failed</p>;
  if (isLoading) return <p>loading</p>;
  return (
    <ul>
      {[...data].map((row) => (
        <li key={String(row.id)}>{String(row.title)}</li>
      ))}
    </ul>
  );
}

function titles(): string[] {
  return screen.queryAllByRole("listitem").map((item) => item.textContent ?? "");
}

describe("useShape", () => {
  test.each([false, true])("shows the rows and what becomes of them, liveSse %s", async (liveSse) => {
    const table = await createNumberedTable(2);
    render(<Titles options={optionsFor(table, { liveSse })} />);
    expect(screen.getByText("loading")).toBeDefined();
    await waitFor(() => expect(titles()).toEqual(["title 1", "title 2"]), patience);

    await insertNumbered(table, 3, 3);
    await waitFor(() => expect(titles()).toEqual(["title 1", "title 2", "title 3"]), patience);
    await sql(`update ${table} set title = 'new' where id = 2`);
    await waitFor(() => expect(titles()).toEqual(["title 1", "new", "title 3"]), patience);
    await sql(`delete from ${table} where id = 1`);
    await waitFor(() => expect(titles()).toEqual(["new", "title 3"]), patience);
  });

  test("renders twice under StrictMode and asks once", async () => {
    const table = await createNumberedTable(2);
    const options = optionsFor(table);
    render(
      <StrictMode>
        <Titles options={options} />
        <Titles options={options} />
      </StrictMode>,
    );
    await waitFor(() => expect(titles()).toHaveLength(4), patience);

    await insertNumbered(table, 3, 3);
    await waitFor(() => expect(titles()).toHaveLength(6), patience);

    expect(firstRequests(options.fetchClient)).toBe(1);
  });

  test("tells when it synced and by which stream", async () => {
    const table = await createNumberedTable(1);
    const options = optionsFor(table);
    const before = Date.now();
    const { result } = renderHook(() => useShape(options));
    expect(result.current).toMatchObject({ isLoading: true, data: [], isError: false, error: false });
    expect(result.current.lastSyncedAt).toBeUndefined();

    await waitFor(() => expect(result.current.isLoading).toBe(false), patience);

    expect(result.current.lastSyncedAt).toBeGreaterThanOrEqual(before);
    expect(result.current.stream).toBe(getShapeStream<Row>(options));
    expect(result.current.shape.handle).toMatch(/^\d+-\d+$/);
  });

  test("with a selector renders only for what it selects", async () => {
    const table = await createNumberedTable(3);
    const selector = ({ data }: UseShapeResult<Row>) => data.filter((row) => Number(row.id) > 2).length;
    let renders = 0;
    const options = optionsFor(table);
    const { result } = renderHook(() => {
      renders++;
      return useShape<Row, number>({ ...options, selector });
    });
    const watched = renderHook(() => useShape(options));
    await waitFor(() => expect(result.current).toBe(1), patience);
    const rendered = renders;

    await sql(`update ${table} set title = 'unseen' where id = 1`);
    await waitFor(() => expect(column(watched.result.current.data, "title")).toContain("unseen"), patience);
    expect(renders).toBe(rendered);
    await insertNumbered(table, 4, 4);

    await waitFor(() => expect(result.current).toBe(2), patience);
  });

  test("taken away and put back goes on with the same stream", async () => {
    const table = await createNumberedTable(1);
    const options = optionsFor(table);
    const first = render(<Titles options={options} />);
    await waitFor(() => expect(titles()).toEqual(["title 1"]), patience);

    first.unmount();
    await insertNumbered(table, 2, 2);
    render(<Titles options={options} />);
    await waitFor(() => expect(titles()).toEqual(["title 1", "title 2"]), patience);

    expect(firstRequests(options.fetchClient)).toBe(1);
  });

  test("put back after its stream was aborted begins another", async () => {
    const table = await createNumberedTable(1);
    const aborter = new AbortController();
    const first = render(<Titles options={optionsFor(table, { signal: aborter.signal })} />);
    await waitFor(() => expect(titles()).toEqual(["title 1"]), patience);
    first.unmount();
    act(() => aborter.abort());

    await insertNumbered(table, 2, 2);
    const options = optionsFor(table);
    render(<Titles options={options} />);

    await waitFor(() => expect(titles()).toEqual(["title 1", "title 2"]), patience);
    expect(firstRequests(options.fetchClient)).toBe(1);
  });

  test("follows the table that it is given next", async () => {
    const [one, other] = [await createNumberedTable(1), await createNumberedTable(2)];
    const options = [optionsFor(one), optionsFor(other)] as const;
    const { rerender } = render(<Titles options={options[0]} />);
    await waitFor(() => expect(titles()).toHaveLength(1), patience);

    rerender(<Titles options={options[1]} />);

    await waitFor(() => expect(titles()).toHaveLength(2), patience);
  });

  test.each([false, true])("with a filter shows what enters and leaves, liveSse %s", async (liveSse) => {
    const table = await createTasks(4);
    const lists = [owners.ada, owners.bob].map((owner) => (
      <section key={owner} aria-label={owner}>
        <Titles
          options={optionsFor(table, { liveSse, params: { table, where: "owner = $1", params: [owner] } })}
        />
      </section>
    ));
    render(<StrictMode>{lists}</StrictMode>);
    const titlesOf = (owner: string) =>
      within(screen.getByLabelText(owner))
        .queryAllByRole("listitem")
        .map((item) => item.textContent)
        .toSorted();
    await waitFor(() => expect(titlesOf(owners.ada)).toEqual(["task 1", "task 3"]), patience);
    await waitFor(() => expect(titlesOf(owners.bob)).toEqual(["task 2", "task 4"]), patience);

    await sql(`update ${table} set owner = '${owners.bob}' where id = 1`);
    await waitFor(() => expect(titlesOf(owners.ada)).toEqual(["task 3"]), patience);
    await waitFor(() => expect(titlesOf(owners.bob)).toEqual(["task 1", "task 2", "task 4"]), patience);
    await sql(`update ${table} set owner = null where id = 2`);

    await waitFor(() => expect(titlesOf(owners.bob)).toEqual(["task 1", "task 4"]), patience);
  });

  test("follows the parameters that it is given next", async () => {
    const table = await createTasks(5);
    const fetchClient = recordedFetch();
    const optionsOf = (owner: string) =>
      optionsFor(table, {
        fetchClient,
        params: { table, where: "owner = $1 and id < $2", params: { "1": owner, "2": "100" } },
      });
    const [adas, bobs] = [optionsOf(owners.ada), optionsOf(owners.bob)];
    const { rerender } = render(<Titles options={adas} />);
    await waitFor(() => expect(titles()).toEqual(["task 1", "task 3", "task 5"]), patience);

    rerender(<Titles options={bobs} />);
    await waitFor(() => expect(titles()).toEqual(["task 2", "task 4"]), patience);
    await sql(`update ${table} set owner = '${owners.bob}' where id = 5`);
    await waitFor(() => expect(titles()).toEqual(["task 2", "task 4", "task 5"]), patience);
    rerender(<Titles options={adas} />);
    await waitFor(() => expect(titles()).toEqual(["task 1", "task 3"]), patience);

    expect(firstRequests(fetchClient)).toBe(2);
  });

  test("shows an empty list after TRUNCATE, then what comes", async () => {
    const table = await createNumberedTable(2);
    render(<Titles options={optionsFor(table, { liveSse: true })} />);
    await waitFor(() => expect(titles()).toHaveLength(2), patience);

    await sql(`truncate ${table}`);
    await waitFor(() => expect(titles()).toEqual([]), patience);
    await insertNumbered(table, 9, 9);

    await waitFor(() => expect(titles()).toEqual(["title 9"]), patience);
  });

  test("shows a refusal", async () => {
    render(<Titles options={optionsFor("no_such_table", { onError: () => {} })} />);

    await waitFor(() => expect(screen.getByText("failed")).toBeDefined(), patience);
  });
});

describe("preloadShape", () => {
  test("has the rows before the first rendering", async () => {
    const table = await createNumberedTable(3);
    const options = optionsFor(table);
    const shape = await preloadShape(options);

    render(<Titles options={options} />);

    expect(titles()).toEqual(["title 1", "title 2", "title 3"]);
    expect(shape.isUpToDate).toBe(true);
    expect(firstRequests(options.fetchClient)).toBe(1);
  });
});
