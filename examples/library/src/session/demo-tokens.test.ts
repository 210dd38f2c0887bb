import { afterEach, expect, test, vi } from "vitest";
import { demoTokens } from "./demo-tokens";

afterEach(() => vi.unstubAllGlobals());

test("a token is kept until it is no longer believed", async () => {
  const asked = answer(new Response("a.b.c"), new Response("d.e.f"));
  const tokens = demoTokens("http://server");

  expect(await tokens("a b", false)).toBe("a.b.c");
  expect(await tokens("a b", false)).toBe("a.b.c");
  expect(await tokens("a b", true)).toBe("d.e.f");
  expect(asked).toEqual(["http://server/dev/token?user=a%20b", "http://server/dev/token?user=a%20b"]);
});

test("a server that signs none is told from one that cannot be asked", async () => {
  answer(new Response("", { status: 404 }), new Response("", { status: 503 }));
  const tokens = demoTokens("http://server");

  expect(await tokens("ada", false)).toBeUndefined();
  await expect(tokens("ada", false)).rejects.toThrow("503");
});

function answer(...answers: Response[]): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    return answers.shift();
  });
  return asked;
}
