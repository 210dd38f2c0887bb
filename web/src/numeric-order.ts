/** Compares exact numbers by every digit, as Postgres does: NaN is equal to itself, and greater than all. */
export function compareNumeric(one: string, other: string): number {
  const [a, b] = [parsed(one), parsed(other)];
  if (a.rank !== b.rank) return a.rank - b.rank;
  const order = byMagnitude(a, b);
  return a.rank < 0 ? -order : order;
}

interface Parsed {
  /** -2 for minus infinity, -1 below zero, 0, 1, 2 for infinity, 3 for what is no number. */
  readonly rank: number;
  readonly whole: string;
  readonly fraction: string;
}

function parsed(text: string): Parsed {
  const parts = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text);
  if (parts === null) {
    return { rank: text === "-Infinity" ? -2 : text === "Infinity" ? 2 : 3, whole: "", fraction: "" };
  }
  const [, sign, whole = "", fraction = ""] = parts;
  const isZero = whole === "" && fraction === "";
  return { rank: isZero ? 0 : sign === "-" ? -1 : 1, whole, fraction };
}

function byMagnitude(a: Parsed, b: Parsed): number {
  if (a.whole.length !== b.whole.length) return a.whole.length - b.whole.length;
  const [one, other] = [`${a.whole}.${a.fraction}`, `${b.whole}.${b.fraction}`];
  return one === other ? 0 : one < other ? -1 : 1;
}
