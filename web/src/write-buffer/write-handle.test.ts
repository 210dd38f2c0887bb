import { expect, test } from "vitest";
import { WriteHandles } from "./write-handle.js";

test("the first of however many handles hears of its end", async () => {
  const handles = new WriteHandles();
  const all = Array.from({ length: 20_001 }, (_, i) => handles.open(String(i), "key"));

  handles.tell("0", { kind: "confirmed" });

  expect(await all[0]?.settled).toEqual({ kind: "confirmed" });
  expect(handles.unsettled).toHaveLength(20_000);
});

test("a rejected write may come to another end, and is followed there", async () => {
  const handles = new WriteHandles();
  const handle = handles.open("one", "key");
  handles.tell("one", { kind: "rejected", code: "check_violation", message: "no" });
  expect((await handle.settled).kind).toBe("rejected");

  handles.tell("one", { kind: "discarded" });

  expect(handle.state).toEqual({ kind: "discarded" });
  expect(handles.unsettled).toEqual([]);
});
