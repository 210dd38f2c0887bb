const TICK_MS = 10_000;
const SLEEP_MS = 30_000;

/**
 * Tells when this tab has been away: the device slept, the page was frozen or hidden, or the network was gone. A clock
 * that has jumped is the only news of sleep that all browsers give.
 */
export class WakeUp {
  readonly #end = new AbortController();
  #last = Date.now();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param onTick told every ten seconds while the page is in sight */
  constructor(onWake: () => void, onNetwork: () => void, onTick: () => void) {
    if (typeof window === "undefined" || typeof document === "undefined") return;
    const { signal } = this.#end;
    window.addEventListener("online", onWake, { signal });
    window.addEventListener("online", onNetwork, { signal });
    window.addEventListener("offline", onNetwork, { signal });
    window.addEventListener("pageshow", (event) => event.persisted && onWake(), { signal });
    document.addEventListener("resume", onWake, { signal });
    document.addEventListener("visibilitychange", () => !document.hidden && onWake(), { signal });
    this.#timer = setInterval(() => {
      const now = Date.now();
      if (now - this.#last > SLEEP_MS && !document.hidden) onWake();
      this.#last = now;
      if (!document.hidden) onTick();
    }, TICK_MS);
  }

  static isHidden(): boolean {
    return typeof document !== "undefined" && document.hidden;
  }

  static hasNetwork(): boolean {
    return typeof navigator === "undefined" || navigator.onLine !== false;
  }

  close(): void {
    this.#end.abort();
    clearInterval(this.#timer);
  }
}
