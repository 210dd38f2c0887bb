import { afterEach, expect, test, vi } from "vitest";
import { whenIdle } from "./when-idle";

afterEach(() => vi.useRealTimers());

test("without a word of the browser a task comes soon and has little time", () => {
  vi.useFakeTimers();
  const answers: boolean[] = [];

  whenIdle((hasTime) => {
    answers.push(hasTime());
    vi.advanceTimersByTime(10);
    answers.push(hasTime());
  });
  const takeBack = whenIdle(() => answers.push(true));
  takeBack();
  vi.advanceTimersByTime(200);

  expect(answers).toEqual([true, false]);
});
