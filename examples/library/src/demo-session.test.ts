import { afterEach, expect, test, vi } from "vitest";
import { DemoSession } from "./demo-session";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function answers(...answers: readonly (() => Response)[]): { requests: string[] } {
  const left = [...answers];
  const seen: string[] = [];
  vi.stubGlobal("fetch", async (url: string, init?: RequestInit) => {
    seen.push(`${init?.method} ${url}`);
    const next = left.shift();
    if (next === undefined) throw new TypeError("Failed to fetch");
    return next();
  });
  return { requests: seen };
}

test("one token is asked for and used for an hour", async () => {
  vi.useFakeTimers();
  const { requests } = answers(
    () => new Response("first"),
    () => new Response("second"),
  );
  const session = new DemoSession("http://library.test", "ada");

  expect(await Promise.all([session.authorization(), session.authorization()])).toEqual([
    "Bearer first",
    "Bearer first",
  ]);
  vi.advanceTimersByTime(61 * 60 * 1000);

  expect(await session.authorization()).toBe("Bearer second");
  expect(requests[0]).toBe("POST http://library.test/dev/token?user=ada");
});

test("what failed or was refused is asked for again", async () => {
  answers(
    () => new Response("", { status: 503 }),
    () => new Response("first"),
    () => new Response("second"),
  );
  const session = new DemoSession("http://library.test", "grace");

  await expect(session.authorization()).rejects.toThrow("No token for grace (503)");
  expect(await session.authorization()).toBe("Bearer first");
  session.forget();

  expect(await session.authorization()).toBe("Bearer second");
});
