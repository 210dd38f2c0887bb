import { expect, test } from "vitest";
import { subject, Tokens } from "./tokens.js";

const token = (claims: object) =>
  `x.${btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(claims))))}.x`;

test("the subject is read, whatever letters it has", () => {
  expect(subject(token({ sub: "Zoë ✓" }))).toBe("Zoë ✓");
  expect(subject(token({}))).toBeUndefined();
  expect(subject("no token")).toBeUndefined();
});

test("who asks meanwhile shares the answer; who was refused waits for the next", async () => {
  const asked: boolean[] = [];
  const tokens = new Tokens(async (_, isRefresh) => {
    asked.push(isRefresh);
    return token({ sub: "ada", n: asked.length });
  }, "ada");

  const [one, two, three] = await Promise.all([tokens.ask(false), tokens.ask(false), tokens.ask(true)]);

  expect(asked).toEqual([false, true]);
  expect(one).toBe(two);
  expect(three).not.toEqual(one);
});

test("a token of another user is none", async () => {
  expect(await new Tokens(async () => token({ sub: "grace" }), "ada").ask(false)).toEqual({
    kind: "failed",
    reason: "the token is another user's",
  });
});

test("a supplier that breaks has failed, and is asked again", async () => {
  let calls = 0;
  const tokens = new Tokens(async () => {
    if (++calls === 1) throw new Error("no network");
    return token({ sub: "ada" });
  }, "ada");

  expect(await tokens.ask(false)).toEqual({ kind: "broken", reason: "no token is to be had: no network" });
  expect((await tokens.ask(false)).kind).toBe("ready");
});
