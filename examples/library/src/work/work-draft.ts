import type { Work } from "../library";

export const WORK_FIELDS = ["title", "author", "year", "language"] as const;
export type WorkField = (typeof WORK_FIELDS)[number];

/** A field somebody has typed into: what it says now, and what it said when the typing began. */
export interface DraftField {
  readonly text: string;
  readonly seen: string;
}

/** The fields of a work that were typed into and not saved; the others show the work as it is. */
export type WorkDraft = { readonly [Field in WorkField]?: DraftField };

export type WorkValues = Pick<Work, WorkField>;

const NOTHING: WorkValues = { title: "", author: null, year: null, language: null };

/** The text of a field of a work, of a new one if there is none. */
export function fieldText(work: WorkValues | undefined, field: WorkField): string {
  const value = (work ?? NOTHING)[field];
  return value === null ? "" : String(value);
}

/** The draft after typing; a field that says what the work says is no longer drafted. */
export function typed(
  draft: WorkDraft,
  work: WorkValues | undefined,
  field: WorkField,
  text: string,
): WorkDraft {
  const now = fieldText(work, field);
  const { [field]: before, ...others } = draft;
  return text === now ? others : { ...others, [field]: { text, seen: before?.seen ?? now } };
}

export function withoutField(draft: WorkDraft, field: WorkField): WorkDraft {
  const { [field]: _, ...others } = draft;
  return others;
}

/** What somebody else wrote into a field while it was being edited here; undefined if nobody did. */
export function changedMeanwhile(
  draft: WorkDraft,
  work: WorkValues | undefined,
  field: WorkField,
): string | undefined {
  const drafted = draft[field];
  const now = fieldText(work, field);
  return drafted !== undefined && work !== undefined && drafted.seen !== now ? now : undefined;
}

/** Why a field cannot be saved, by field. Whether the database takes the rest is for it to say. */
export function draftFaults(draft: WorkDraft, work: WorkValues | undefined): ReadonlyMap<WorkField, string> {
  const faults = new Map<WorkField, string>();
  const text = (field: WorkField) => (draft[field]?.text ?? fieldText(work, field)).trim();
  if (text("title") === "") faults.set("title", "A work needs a title.");
  const year = text("year");
  if (year !== "" && (!/^[+-]?\d+$/.test(year) || Math.abs(Number(year)) > 2_147_483_647)) {
    faults.set("year", "Write a whole number, such as 1815, or -431 for 431 BC.");
  }
  return faults;
}

/** The columns that differ from the work; all that have a value for a new one. */
export function changedColumns(draft: WorkDraft, work: WorkValues | undefined): Partial<WorkValues> {
  const changed: Partial<Record<WorkField, string | number | null>> = {};
  for (const field of WORK_FIELDS) {
    const text = draft[field]?.text.trim();
    if (text === undefined || text === fieldText(work, field)) continue;
    changed[field] = text === "" ? null : field === "year" ? Number(text) : text;
  }
  return changed as Partial<WorkValues>;
}
