import type { EditConflict, SyncManager, Together, WriteHandle } from "@millrace/web";
import type { ImportTarget } from "../import/import-session";
import { type Annotation, type Asset, annotations, assets, ENTITIES, type Work, works } from "../library";
import type { FileDigest } from "./file-digest";
import type { WorkValues } from "./work-draft";

/** A work that was deleted, with all that went with it. */
export interface DeletedWork {
  readonly work: Work;
  readonly files: readonly Asset[];
  readonly notes: readonly Annotation[];
}

/** As many as a server takes at once. */
const MOST_TOGETHER = 1_000;

export type NoteValues = Pick<Annotation, "locator" | "quote" | "note">;

/** When it was written, which without the network is long before the database hears of it. */
function now(): string {
  return new Date().toISOString();
}

export function addWork(
  sync: SyncManager,
  values: Partial<WorkValues> & { id: string; title: string },
): Promise<WriteHandle> {
  return sync.rows(works).create({ ...values, created_at: now() });
}

export function changeWork(sync: SyncManager, id: string, values: Partial<WorkValues>): Promise<WriteHandle> {
  return sync.rows(works).update({ id, ...values });
}

/** The library as a place for the works of a file. */
export function importTarget(sync: SyncManager): ImportTarget {
  return {
    get user() {
      return sync.user;
    },
    existing: () => sync.rows(works).all(),
    write: (values) => addWorks(sync, values),
  };
}

/** All together or none; a thousand at most. */
async function addWorks(sync: SyncManager, values: readonly WorkValues[]): Promise<void> {
  const created_at = now();
  await sync.together((changes) => {
    for (const row of values) changes.create(works, { ...row, created_at });
  });
}

/** The database deletes files and notes with their work; the device does it itself, so that it shows at once. */
export async function deleteWork(sync: SyncManager, id: string): Promise<DeletedWork | undefined> {
  const work = await sync.rows(works).get({ id });
  if (work === undefined) return undefined;
  const files = await sync.rows(assets).query({ where: { work_id: id } });
  const notes = await sync.rows(annotations).query({ where: { work_id: id } });
  await allTogether(sync, [
    ...files.map((file) => (changes: Together) => changes.delete(assets, { id: file.id })),
    ...notes.map((note) => (changes: Together) => changes.delete(annotations, { id: note.id })),
    (changes) => changes.delete(works, { id }),
  ]);
  return { work, files, notes };
}

export async function restoreWork(sync: SyncManager, { work, files, notes }: DeletedWork): Promise<void> {
  await allTogether(sync, [
    (changes) => changes.create(works, undated(work)),
    ...files.map((file) => (changes: Together) => changes.create(assets, undated(file))),
    ...notes.map((note) => (changes: Together) => changes.create(annotations, undated(note))),
  ]);
}

/** In this order; all or none, unless they are more than can belong together. */
async function allTogether(
  sync: SyncManager,
  writes: readonly ((changes: Together) => WriteHandle)[],
): Promise<void> {
  for (let start = 0; start < writes.length; start += MOST_TOGETHER) {
    await sync.together((changes) => {
      for (const write of writes.slice(start, start + MOST_TOGETHER)) write(changes);
    });
  }
}

export function addFile(sync: SyncManager, work_id: string, file: FileDigest): Promise<WriteHandle> {
  return sync.rows(assets).create({ ...file, work_id, created_at: now() });
}

export async function deleteFile(sync: SyncManager, file: Asset): Promise<() => Promise<WriteHandle>> {
  await sync.rows(assets).delete({ id: file.id });
  return () => sync.rows(assets).create(undated(file));
}

export function addNote(sync: SyncManager, work_id: string, values: NoteValues): Promise<WriteHandle> {
  return sync.rows(annotations).create({ ...values, work_id, created_at: now() });
}

export function changeNote(sync: SyncManager, id: string, values: Partial<NoteValues>): Promise<WriteHandle> {
  return sync.rows(annotations).update({ id, ...values });
}

export async function deleteNote(sync: SyncManager, note: Annotation): Promise<() => Promise<WriteHandle>> {
  await sync.rows(annotations).delete({ id: note.id });
  return () => sync.rows(annotations).create(undated(note));
}

/** Writes one value, as a conflict names it. */
export async function writeValue(
  sync: SyncManager,
  { entity, key, column }: Pick<EditConflict, "entity" | "key" | "column">,
  value: unknown,
): Promise<WriteHandle> {
  const described = ENTITIES.find(({ name }) => name === entity);
  if (described === undefined) throw new Error(`The library has no ${entity}`);
  return sync.rows(described).update({ ...key, [column]: value });
}

/** A row to be written again: the database says when it was updated, and when it was made if it had not been sent. */
function undated<Row extends { created_at: string | null; updated_at: string | null }>(row: Row) {
  const { updated_at: _, created_at, ...columns } = row;
  return { ...columns, created_at: created_at ?? now() };
}
