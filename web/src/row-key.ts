/** The values of a row's key as one text; equal keys have equal texts. */
export type RowKey = string;

/** One column's value stands for itself, several as a JSON array of their texts. */
export function rowKey(values: readonly unknown[]): RowKey {
  const texts = values.map(String);
  return texts.length === 1 ? (texts[0] ?? "") : JSON.stringify(texts);
}
