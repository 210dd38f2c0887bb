import type { Work } from "./library";

/** A work for tests, of which only what matters is said. */
export function aWork(columns: Partial<Work>): Work {
  return {
    id: "00000000-0000-4000-8000-000000000001",
    owner_id: "ada00000-0000-4000-8000-000000000001",
    title: "Untitled",
    author: null,
    year: null,
    language: null,
    created_at: null,
    updated_at: null,
    ...columns,
  };
}
