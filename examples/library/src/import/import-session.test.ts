import { expect, test } from "vitest";
import { ImportSession, type ImportState } from "./import-session";

test("it runs, tells how far it is, and ends with a report", async () => {
  const titles: string[] = [];
  const session = new ImportSession({
    user: "ada",
    existing: async () => [],
    write: async (works) => void titles.push(...works.map(({ title }) => title)),
  });
  const seen: ImportState["kind"][] = [];
  session.subscribe(() => seen.push(session.state().kind));

  const done = await session.start(new File(["title\nEmma\n"], "a.csv"));

  expect(titles).toEqual(["Emma"]);
  expect([seen[0], seen.at(-1)]).toEqual(["running", "done"]);
  expect(done).toMatchObject({ kind: "done", report: { imported: 1, fileName: "a.csv" } });
});

test("works of one user do not go on to the next who signs in", async () => {
  const target = {
    user: "ada",
    existing: async () => [],
    write: async () => {
      target.user = "grace";
    },
  };
  const session = new ImportSession(target);
  const rows = Array.from({ length: 1000 }, (_, index) => `Title ${index}`);

  const done = await session.start(new File([`title\n${rows.join("\n")}`], "a.csv"));

  expect(done).toMatchObject({
    report: { imported: 500, endedBy: "the rest could not be stored (somebody else is signed in now)" },
  });
});

test("a file too large, or one that cannot be read, is told", async () => {
  const session = new ImportSession({
    user: undefined,
    existing: () => Promise.reject(new Error("no such store")),
    write: async () => {},
  });
  const large = new File([], "large.bib");
  Object.defineProperty(large, "size", { value: 65_000_000 });

  expect(await session.start(large)).toMatchObject({ kind: "idle", fault: expect.stringContaining("64 MB") });
  expect(await session.start(new File(["title\nA"], "a.csv"))).toEqual({
    kind: "idle",
    fault: "a.csv cannot be read: no such store",
  });
});
