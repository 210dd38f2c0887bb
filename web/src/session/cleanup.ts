import type { Environment } from "../environment.js";
import type { ShapeFollower } from "../stream/shape-follower.js";

const FIRST_MS = 1_000;
const MOST_MS = 10_000;

/**
 * Sees to it that writes the server has applied are shown by their streams soon. Mostly they come by themselves, and
 * the overlay's change goes with them; one that leaves no row in the shape shows only in how far the stream has come,
 * and for that it is asked after a second, then less and less often. None waits for it.
 */
export class Cleanup {
  readonly #environment: Environment;
  readonly #streams: ReadonlyMap<string, ShapeFollower>;
  readonly #watched = new Map<string, () => void>();
  /** Of which something came to be awaited since the last look. */
  readonly #again = new Set<string>();

  constructor(environment: Environment, streams: ReadonlyMap<string, ShapeFollower>) {
    this.#environment = environment;
    this.#streams = streams;
  }

  /** Changes of these entities wait to be shown. */
  expect(entities: Iterable<string>): void {
    for (const entity of entities) {
      if (!this.#streams.has(entity)) continue;
      if (this.#watched.has(entity)) this.#again.add(entity);
      else this.#look(entity, FIRST_MS);
    }
  }

  #look(entity: string, delay: number): void {
    const cancel = this.#environment.after(delay, async () => {
      const stream = this.#streams.get(entity);
      this.#again.delete(entity);
      const awaited = (await stream?.table.awaited().catch(() => 1)) ?? 0;
      if (!this.#watched.has(entity)) return;
      if (awaited === 0 && !this.#again.has(entity)) {
        this.#watched.delete(entity);
        return;
      }
      stream?.nudge();
      this.#look(entity, Math.min(delay * 2, MOST_MS));
    });
    this.#watched.set(entity, cancel);
  }

  stop(): void {
    for (const cancel of this.#watched.values()) cancel();
    this.#watched.clear();
  }
}
