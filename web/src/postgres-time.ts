const TIMESTAMP =
  /^(\d{4,6})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?$/;
const DATE = /^\d{4,6}-\d\d-\d\d$/;
const TIME = /^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$/;

/**
 * `2026-01-06T12:00:00.123456`, with `Z` and in UTC where `hasZone`, of what Postgres or ISO 8601 writes; digits of
 * the second without trailing zeros, so that equal times have equal texts. Undefined if it is no such text, or lies
 * outside of the years 1 to 275759, where what was given is kept as it is.
 */
export function timestampText(given: string, hasZone: boolean): string | undefined {
  const parts = TIMESTAMP.exec(given);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second = "00", fraction = "", zone] = parts;
  if (hasZone !== (zone !== undefined)) return undefined;
  const millis = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const utc = new Date(millis - offsetMillis(zone));
  if (Number(year) < 100) utc.setUTCFullYear(Number(year));
  if (Number.isNaN(utc.getTime()) || Number(month) > 12 || Number(day) > 31) return undefined;
  const digits = fraction.replace(/0+$/, "");
  const whole = utc.toISOString().replace(/^\+0*/, "").slice(0, -5);
  return `${whole}${digits === "" ? "" : `.${digits}`}${hasZone ? "Z" : ""}`;
}

function offsetMillis(zone: string | undefined): number {
  if (zone === undefined || zone === "Z") return 0;
  const [hours = "0", minutes = "0", seconds = "0"] = zone.slice(1).match(/\d\d/g) ?? [];
  const total = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return (zone.startsWith("-") ? -1000 : 1000) * total;
}

/**
 * Compares dates or times of one kind, as they are stored: those before Christ as Postgres writes them, and its
 * infinities, too.
 */
export function compareTimestamps(one: string, other: string): number {
  const [a, b] = [placed(one), placed(other)];
  if (a.year !== b.year) return a.year < b.year ? -1 : 1;
  return a.rest === b.rest ? 0 : a.rest < b.rest ? -1 : 1;
}

function placed(text: string): { readonly year: number; readonly rest: string } {
  if (text.endsWith("infinity")) return { year: text.startsWith("-") ? -Infinity : Infinity, rest: "" };
  const year = Number.parseInt(text, 10);
  const rest = text
    .slice(text.indexOf("-"))
    .replace(" ", "T")
    .replace(/(Z|[+-]\d\d)?( BC)?$/, "");
  return { year: text.endsWith(" BC") ? 1 - year : year, rest };
}

/** The date, if it is one. */
export function postgresDate(given: string): string | undefined {
  return DATE.test(given) && !Number.isNaN(Date.parse(given)) ? given : undefined;
}

/** The time of day, if it is one. */
export function postgresTime(given: string): string | undefined {
  return TIME.test(given) ? given : undefined;
}
