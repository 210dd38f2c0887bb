const FIRST_MS = 1_000;
const MOST_MS = 60_000;

/**
 * How long to wait after failures: a random time up to a second, doubled with each further failure, up to a minute.
 * All of it is random ("full jitter"), before the first retry too, so that devices that lost a server together do not
 * come back together.
 *
 * @param failures in a row, at least 1
 * @param atLeast milliseconds that come on top
 */
export function backoff(random: () => number, failures: number, atLeast = 0): number {
  const bound = Math.min(FIRST_MS * 2 ** Math.min(Math.max(failures, 1) - 1, 10), MOST_MS);
  return atLeast + random() * bound;
}

/** Milliseconds of a header `retry-after`, of seconds or a date; 0 without one, a day at most. */
export function retryAfter(headers: Headers, now: number): number {
  const text = headers.get("retry-after");
  if (text === null) return 0;
  const millis = /^\d+$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(millis) ? 0 : Math.min(Math.max(millis, 0), 86_400_000);
}
