import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { LibraryWindow } from "./library-window";

/** Milliseconds from a reload until the list of so many works is painted, from what the device has. */
export async function firstListMillis(window: LibraryWindow, works: number): Promise<number> {
  await window.page.reload();
  return window.page.evaluate(async (wanted) => {
    while (Number(document.querySelector("[role=grid]")?.getAttribute("aria-rowcount")) < wanted) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now();
  }, works);
}

/**
 * Milliseconds from the event to the paint that follows it, of the slowest key of a text typed into the search field.
 * As the browser tells them: in steps of eight, and below sixteen not at all.
 */
export async function slowestKeyMillis(window: LibraryWindow, text: string): Promise<number> {
  await window.page.evaluate(() => {
    const slow: number[] = [];
    Object.assign(globalThis, { slow });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) slow.push(duration);
    }).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);
  });
  const search = window.page.getByRole("searchbox");
  await search.fill("");
  await search.pressSequentially(text, { delay: 60 });
  return window.page.evaluate(async () => {
    await new Promise((resolve) => setTimeout(resolve, 500)); // Entries are told a while after the paint.
    return Math.max(0, ...(globalThis as unknown as { slow: number[] }).slow);
  });
}

/** Of all scripts that the app has, as a server would compress them. */
export function scriptBytes(): number {
  const folder = new URL("../dist/assets/", import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".js"))
    .reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, folder))).length, 0);
}

/** The least of three: what the machine does beside makes it larger, never smaller. */
export async function leastOfThree(measure: () => Promise<number>): Promise<number> {
  return Math.min(await measure(), await measure(), await measure());
}
