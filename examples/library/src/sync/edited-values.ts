/** A column of a refused change with the value that was sent. */
export interface EditedColumn {
  readonly column: string;
  readonly name: string;
  readonly value: unknown;
}

export type EditedValues =
  | { readonly kind: "values"; readonly values: Record<string, unknown> }
  | { readonly kind: "faulty"; readonly name: string; readonly reason: string };

/** Columns that hold numbers; the others hold texts. */
const WHOLE_NUMBERS: ReadonlySet<string> = new Set(["year", "byte_size"]);
/** Columns of which a work, a file or a note must have a value. */
const NEEDED: ReadonlySet<string> = new Set(["title", "file_name", "media_type", "byte_size", "sha256"]);

/** The values of the columns that were rewritten; an empty text is no value. */
export function editedValues(
  columns: readonly EditedColumn[],
  texts: Readonly<Record<string, string>>,
): EditedValues {
  const values: Record<string, unknown> = {};
  for (const { column, name } of columns) {
    const text = texts[column]?.trim();
    if (text === undefined) continue;
    if (text === "" && NEEDED.has(column)) return { kind: "faulty", name, reason: "this is needed." };
    if (text !== "" && WHOLE_NUMBERS.has(column)) {
      if (!/^[+-]?\d{1,10}$/.test(text)) return { kind: "faulty", name, reason: "write a whole number." };
      values[column] = column === "byte_size" ? BigInt(text) : Number(text);
    } else {
      values[column] = text === "" ? null : text;
    }
  }
  return { kind: "values", values };
}
