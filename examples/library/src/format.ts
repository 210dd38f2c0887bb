const languages = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
const days = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const times = new Intl.DateTimeFormat("en", { timeStyle: "short" });

/** `1813`, `458 BC`; a year of the first centuries says `AD`. Null gives a dash. */
export function formatYear(year: number | null): string {
  if (year === null) return "–";
  if (year < 0) return `${-year} BC`;
  return year < 500 ? `AD ${year}` : String(year);
}

/** The English name of a language, empty where the browser knows none. */
export function formatLanguage(tag: string): string {
  try {
    return languages.of(tag) ?? "";
  } catch {
    return ""; // The column takes any text, and `of` throws on what is no tag at all.
  }
}

/** The time of day if it is today, the day otherwise. */
export function formatAdded(createdAt: string, now: Date): string {
  const added = new Date(createdAt);
  return days.format(added) === days.format(now) ? times.format(added) : days.format(added);
}
