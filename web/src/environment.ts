/** What the client takes from the world; tests give another. */
export interface Environment {
  readonly fetch: typeof fetch;
  /** Epoch milliseconds. */
  now(): number;
  /** Calls once after some milliseconds. Gives what calls it off. */
  after(millis: number, call: () => void): () => void;
  /** From 0, below 1. */
  random(): number;
  /** A new UUID each time. */
  uuid(): string;
}

export function browserEnvironment(): Environment {
  return {
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    after: (millis, call) => {
      const timer = setTimeout(call, millis);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    uuid: () => crypto.randomUUID(),
  };
}
