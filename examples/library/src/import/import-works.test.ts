import { expect, test } from "vitest";
import { type ImportEdges, type ImportProgress, importWorks } from "./import-works";
import type { ImportedWork } from "./work-of-record";

test("what is there already, in the library or further up in the file, is left out", async () => {
  const device = new FakeDevice([{ title: "Emma", author: "Jane Austen", year: 1815 }]);

  const report = await device.import(
    "a.csv",
    "title,author,year\nÉMMA!,jane  austen,1815\nPersuasion,,1817\nPersuasion,,1817\n",
  );

  expect(device.titles()).toEqual(["Persuasion"]);
  expect(report).toMatchObject({ imported: 1, duplicates: 2, refused: 0, endedBy: undefined });
  expect(report.lines.map(({ line }) => line)).toEqual([2, 4]);
});

test("what is refused is told with its line, the rest goes on", async () => {
  const device = new FakeDevice();

  const report = await device.import(
    "a.bib",
    "@book{x, title={A}}\n@book{y, year={1900}}\n@book{z, title\n@book{w, title={B}}",
  );

  expect(device.titles()).toEqual(["A", "B"]);
  expect(report.lines).toMatchObject([
    { line: 2, outcome: "refused", title: "y", reason: "There is no title" },
    { line: 3, outcome: "refused" },
  ]);
});

test("ten thousand rows come in batches of at most 500, with pauses and growing progress", async () => {
  const device = new FakeDevice();
  const rows = Array.from({ length: 10_001 }, (_, index) => `Title ${index},${index + 1}`);

  const report = await device.import("a.csv", `title,year\n${rows.join("\n")}`);

  expect(report.imported).toBe(10_001);
  expect(device.batches.map((batch) => batch.length)).toEqual([...Array.from({ length: 20 }, () => 500), 1]);
  expect(device.pauses).toBeGreaterThan(100);
  const read = device.progress.map((progress) => progress.read);
  expect(read).toEqual(read.toSorted((a, b) => a - b));
});

test("a cancelled import keeps the batches it has written", async () => {
  const device = new FakeDevice();
  device.cancelAfter = 2;
  const rows = Array.from({ length: 2000 }, (_, index) => `Title ${index}`);

  const report = await device.import("a.csv", `title\n${rows.join("\n")}`);

  expect(report).toMatchObject({ imported: 1000, endedBy: "it was cancelled" });
});

test("a device that stores no more ends the import, and the report says why", async () => {
  const device = new FakeDevice();
  device.fullAfter = 1;
  const rows = Array.from({ length: 2000 }, (_, index) => `Title ${index}`);

  const report = await device.import("a.csv", `title\n${rows.join("\n")}`);

  expect(report).toMatchObject({
    imported: 500,
    endedBy: "the rest could not be stored (quota exceeded)",
  });
});

test("a table whose first row names no title is refused whole", async () => {
  const device = new FakeDevice();

  const report = await device.import("a.csv", "Emma,Jane Austen,1815\nPersuasion,Jane Austen,1817\n");

  expect(device.batches).toEqual([]);
  expect(report).toMatchObject({ imported: 0, refused: 1, endedBy: "the file cannot be read" });
});

test("a file without entries says so, and its content tells the format when its name does not", async () => {
  const device = new FakeDevice();

  expect(await device.import("a.bib", "no entries here")).toMatchObject({
    endedBy: "no BibTeX entries were found in the file",
  });
  expect(await device.import("export.txt", "% made by hand\n@book{x, title={A}}")).toMatchObject({
    imported: 1,
  });
  expect(await device.import("export.txt", "title\nB")).toMatchObject({ imported: 1 });
});

/** Keeps what is written, and has a clock on which each look costs a millisecond. */
class FakeDevice {
  readonly batches: ImportedWork[][] = [];
  readonly progress: ImportProgress[] = [];
  pauses = 0;
  cancelAfter = Number.POSITIVE_INFINITY;
  fullAfter = Number.POSITIVE_INFINITY;
  readonly #existing: ImportEdges["existing"];

  constructor(existing: ImportEdges["existing"] = []) {
    this.#existing = existing;
  }

  import(fileName: string, text: string) {
    const cancel = new AbortController();
    let clock = 0;
    return importWorks(fileName, text, {
      existing: this.#existing,
      write: async (works) => {
        if (this.batches.length >= this.fullAfter) throw new Error("quota exceeded");
        this.batches.push([...works]);
        if (this.batches.length >= this.cancelAfter) cancel.abort();
      },
      onProgress: (progress) => this.progress.push(progress),
      signal: cancel.signal,
      now: () => clock++,
      pause: async () => void this.pauses++,
    });
  }

  titles(): string[] {
    return this.batches.flat().map(({ title }) => title);
  }
}
