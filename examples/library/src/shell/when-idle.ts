/** How long a task may take where the browser does not say. */
const SLICE_MS = 5;

/**
 * Runs a task when the page has nothing else to do; soon, in a browser that does not say when that is (Safari).
 *
 * @param task is told whether there is still time
 * @returns what takes it back
 */
export function whenIdle(task: (hasTime: () => boolean) => void): () => void {
  if (typeof requestIdleCallback === "function") {
    const handle = requestIdleCallback((deadline) => task(() => deadline.timeRemaining() > 1));
    return () => cancelIdleCallback(handle);
  }
  const timer = setTimeout(() => {
    const end = performance.now() + SLICE_MS;
    task(() => performance.now() < end);
  }, 100);
  return () => clearTimeout(timer);
}
