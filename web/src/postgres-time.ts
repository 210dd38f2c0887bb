const TIMESTAMP =
  /^(\d{4,6})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?$/;
const DATE = /^\d{4,6}-\d\d-\d\d$/;
const TIME = /^((?:[01]\d|2[0-4]):[0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?$/;

const OTHER = /^(-?infinity|\d{4,}-\d\d-\d\d.* BC)$/;

/** Milliseconds of 400 years, after which the calendar repeats itself. */
const CYCLE_MS = Date.UTC(2400, 0) - Date.UTC(2000, 0);

/**
 * `2026-01-06T12:00:00.123456`, with `Z` and in UTC where `hasZone`, of what Postgres or ISO 8601 writes; digits of
 * the second without trailing zeros, so that equal times have equal texts. Infinities and years before Christ stay as
 * Postgres writes them. Undefined if it is no such text, or there is no such time.
 */
export function timestampText(given: string, hasZone: boolean): string | undefined {
  if (OTHER.test(given)) return given;
  const parts = TIMESTAMP.exec(given);
  if (parts === null) return undefined;
  const [, year = "", month = "", day = "", hour = "", minute = "", second = "00", fraction = "", zone] =
    parts;
  if (hasZone !== (zone !== undefined)) return undefined;
  // In a later cycle, since the first hundred years are taken for those from 1900 on.
  const told = Date.UTC(
    Number(year) + 400,
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  if (Number.isNaN(told)) return undefined;
  const isReal =
    new Date(told).toISOString().slice(-19) === `${month}-${day}T${hour}:${minute}:${second}.000Z` &&
    year !== "0000";
  const utc = new Date(told - CYCLE_MS - offsetMillis(zone));
  if (!isReal || utc.getUTCFullYear() < 1) return undefined;
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

/** The date, if there is one. */
export function postgresDate(given: string): string | undefined {
  if (OTHER.test(given)) return given;
  return DATE.test(given) && timestampText(`${given}T00:00:00`, false) !== undefined ? given : undefined;
}

/** The time of day, if it is one, with seconds, and digits of them without trailing zeros. */
export function postgresTime(given: string): string | undefined {
  const parts = TIME.exec(given);
  if (parts === null) return undefined;
  const [, minutes = "", seconds = "00", fraction = ""] = parts;
  const digits = fraction.replace(/0+$/, "");
  return `${minutes}:${seconds}${digits === "" ? "" : `.${digits}`}`;
}
