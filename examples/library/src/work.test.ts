import { expect, test } from "vitest";
import { parseWork } from "./work";

const row = {
  id: "00000000-0000-4000-8000-000000000005",
  owner_id: "ada00000-0000-4000-8000-000000000001",
  title: "Στοιχεῖα",
  author: "Euclid",
  year: -300,
  language: "grc",
  created_at: "2026-01-06 09:00:00+00",
  updated_at: "2026-01-06 09:00:00+00",
};

test("a row of the stream becomes a work", () => {
  expect(parseWork(row)).toEqual({
    id: row.id,
    title: "Στοιχεῖα",
    author: "Euclid",
    year: -300,
    language: "grc",
    createdAt: "2026-01-06 09:00:00+00",
  });
});

test("author, year and language may be unknown", () => {
  const work = parseWork({ ...row, author: null, year: null, language: null });

  expect(work).toMatchObject({ author: null, year: null, language: null });
});

test("a column that is missing or of another type is named", () => {
  const { title: _, ...untitled } = row;

  expect(() => parseWork(untitled)).toThrow('no column "title"');
  expect(() => parseWork({ ...row, year: "1871" })).toThrow('no column "year"');
});
