import { defineEntity, int4, int8, text, uuid } from "../../src/index.js";

/** What most tests are about. */
export const notes = defineEntity("notes", {
  columns: {
    id: uuid(),
    owner: text().nullable(),
    title: text(),
    stars: int4().nullable(),
    views: int8().nullable(),
  },
  key: ["id"],
  owner: "owner",
});

/** A key by a number. */
export function noteId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}
