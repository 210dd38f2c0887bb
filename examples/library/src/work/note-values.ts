import type { NoteValues } from "./library-writes";

/** What stands in the form of a note; an empty text is none. Undefined if there is neither quote nor note. */
export function noteValues(locator: string, quote: string, note: string): NoteValues | undefined {
  const values = { locator: textOrNull(locator), quote: textOrNull(quote), note: textOrNull(note) };
  return values.quote === null && values.note === null ? undefined : values;
}

/** The columns that differ. */
export function changedNote(before: NoteValues, after: NoteValues): Partial<NoteValues> {
  const changed: { -readonly [Column in keyof NoteValues]?: NoteValues[Column] } = {};
  for (const column of ["locator", "quote", "note"] as const) {
    if (before[column] !== after[column]) changed[column] = after[column];
  }
  return changed;
}

function textOrNull(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === "" ? null : trimmed;
}
