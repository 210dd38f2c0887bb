const languageNames = new Map<string, string>();
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
  let name = languageNames.get(tag);
  if (name === undefined) {
    name = nameOfLanguage(tag);
    languageNames.set(tag, name);
  }
  return name;
}

/** The time of day if it is today, the day otherwise; null is now. */
export function formatAdded(createdAt: string | null, now: Date): string {
  return createdAt === null ? "Just now" : formatTime(new Date(createdAt), now);
}

/** The time of day if it is today, the day otherwise. */
export function formatTime(time: Date, now: Date): string {
  return days.format(time) === days.format(now) ? times.format(time) : days.format(time);
}

/** `1 work`, `12,000 works`. */
export function formatCount(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** `34 bytes`, `1.2 MB`, in powers of a thousand. */
export function formatBytes(size: number): string {
  if (size < 1000) return formatCount(size, "byte");
  const units = ["kB", "MB", "GB", "TB"];
  let value = size / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

function nameOfLanguage(tag: string): string {
  try {
    return languages.of(tag) ?? "";
  } catch {
    return ""; // The column takes any text, and `of` throws on what is no tag at all.
  }
}
