import type { Environment } from "../environment.js";

/** A place among those that may wait for news at once. */
export interface Turn {
  /** Called once somebody else wants the place, and this one had it for a while. */
  onOver(call: () => void): void;
  /** Gives the place back; again does nothing. */
  end(): void;
}

interface Waiting {
  readonly give: (turn: Turn) => void;
}

/** How long a place is kept at least; below a second the official client takes an event stream for a broken one. */
const LEAST_MS = 2_000;

/**
 * Places for requests that wait for news. Over HTTP/1.1 a browser has six connections to a server, and whoever waits
 * holds one: streams beyond the bound take turns, so that writes and first copies always find one.
 */
export class Turns {
  static readonly MOST = 4;
  readonly #environment: Environment;
  readonly #most: number;
  readonly #waiting: Waiting[] = [];
  readonly #taken = new Set<{ since: number; over: () => void }>();
  #stopLooking = () => {};

  constructor(environment: Environment, most = Turns.MOST) {
    this.#environment = environment;
    this.#most = most;
  }

  /** Waits for a place, until `signal` is aborted. */
  take(signal: AbortSignal): Promise<Turn> {
    signal.throwIfAborted();
    if (this.#taken.size < this.#most) return Promise.resolve(this.#given());
    return new Promise((resolve, reject) => {
      const waiting = {
        give: (turn: Turn) => {
          signal.removeEventListener("abort", leave);
          resolve(turn);
        },
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(waiting);
      this.#look();
    });
  }

  #given(): Turn {
    const place = { since: this.#environment.now(), over: () => {} };
    this.#taken.add(place);
    return {
      onOver: (call) => {
        place.over = call;
      },
      end: () => {
        if (!this.#taken.delete(place)) return;
        this.#waiting.shift()?.give(this.#given());
        this.#look();
      },
    };
  }

  /** Ends the turn of who has had it longest, once it was long enough. */
  #look(): void {
    this.#stopLooking();
    const [oldest] = this.#taken;
    if (this.#waiting.length === 0 || oldest === undefined) return;
    const left = oldest.since + LEAST_MS - this.#environment.now();
    this.#stopLooking = this.#environment.after(Math.max(left, 0), () => {
      // Behind the others, in case it cannot be ended now.
      if (this.#taken.delete(oldest))
        this.#taken.add(Object.assign(oldest, { since: this.#environment.now() }));
      oldest.over();
      this.#look();
    });
  }
}
