/** Timers that go off when somebody says so; time stands otherwise. */
export class VirtualTime {
  #now = 1_800_000_000_000;
  #numbers = 0;
  readonly #timers = new Set<{ readonly at: number; readonly number: number; readonly call: () => void }>();

  get now(): number {
    return this.#now;
  }

  after(millis: number, call: () => void): () => void {
    const timer = { at: this.#now + millis, number: this.#numbers++, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Goes to the next timer that is due by then and sets it off; else goes to then, and says that there was none. */
  step(until: number): boolean {
    if (this.stepWithin(until)) return true;
    this.#now = Math.max(this.#now, until);
    return false;
  }

  /** The same, but stays where it is if there is none. */
  stepWithin(until: number): boolean {
    const due = [...this.#timers].filter(({ at }) => at <= until);
    const next = due.sort((one, other) => one.at - other.at || one.number - other.number)[0];
    if (next === undefined) return false;
    this.#now = Math.max(this.#now, next.at);
    this.#timers.delete(next);
    next.call();
    return true;
  }
}
