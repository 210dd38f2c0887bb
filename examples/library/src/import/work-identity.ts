/** What tells two works apart when a file is imported. */
interface Named {
  readonly title: string;
  readonly author: string | null;
  readonly year: number | null;
}

/** Equal for works of the same title, author and year, whatever the case, accents, spaces and punctuation. */
export function workIdentity({ title, author, year }: Named): string {
  return `${plain(title)}|${plain(author ?? "")}|${year ?? ""}`;
}

function plain(text: string): string {
  const letters = text.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "");
  // A title of signs alone is told by its signs.
  return (letters === "" ? text.trim() : letters).toLowerCase();
}
