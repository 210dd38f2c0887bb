import {
  type AnyEntity,
  defineEntity,
  type InsertOf,
  int4,
  int8,
  type RowOf,
  text,
  timestamptz,
  uuid,
} from "@millrace/web";

/** A text somebody wrote. */
export const works = defineEntity("works", {
  columns: {
    id: uuid(),
    owner_id: uuid(),
    title: text(),
    author: text().nullable(),
    year: int4().nullable(), // Negative is BC.
    language: text().nullable(), // A BCP 47 tag.
    created_at: timestamptz().defaulted(),
    updated_at: timestamptz().defaulted(),
  },
  key: ["id"],
  owner: "owner_id",
  priority: 0,
});

/** What is known of a file that belongs to a work; its bytes are kept elsewhere. */
export const assets = defineEntity("assets", {
  columns: {
    id: uuid(),
    owner_id: uuid(),
    work_id: uuid(),
    file_name: text(),
    media_type: text(),
    byte_size: int8(),
    sha256: text(), // 64 hexadecimal digits.
    created_at: timestamptz().defaulted(),
    updated_at: timestamptz().defaulted(),
  },
  key: ["id"],
  owner: "owner_id",
  priority: 1,
});

/** A reader's note on a place in a work. It has a quote, a note, or both. */
export const annotations = defineEntity("annotations", {
  columns: {
    id: uuid(),
    owner_id: uuid(),
    work_id: uuid(),
    locator: text().nullable(), // A page, a chapter, an act and scene.
    quote: text().nullable(),
    note: text().nullable(),
    created_at: timestamptz().defaulted(),
    updated_at: timestamptz().defaulted(),
  },
  key: ["id"],
  owner: "owner_id",
  priority: 1,
});

export const ENTITIES: readonly AnyEntity[] = [works, assets, annotations];

export type Work = RowOf<typeof works>;
export type Asset = RowOf<typeof assets>;
export type Annotation = RowOf<typeof annotations>;
export type NewWork = InsertOf<typeof works>;
