import { expect, test } from "vitest";
import { DraftStore } from "./draft-store";

test("a draft is kept by user and work until it is empty", () => {
  const texts = new Map<string, string>();
  const storage = {
    getItem: (key: string) => texts.get(key) ?? null,
    setItem: (key: string, value: string) => void texts.set(key, value),
    removeItem: (key: string) => void texts.delete(key),
  };
  const drafts = new DraftStore(storage, "ada");
  const draft = { title: { text: "Em", seen: "Emma" } };

  drafts.keep("1", draft);

  expect(new DraftStore(storage, "ada").read("1")).toEqual(draft);
  expect(new DraftStore(storage, undefined).read("1")).toEqual({});
  drafts.keep("1", {});
  expect(texts.size).toBe(0);
});
