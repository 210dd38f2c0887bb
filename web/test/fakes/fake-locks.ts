interface Holder {
  readonly lose: (reason: unknown) => void;
}

/** Web Locks of one origin: in line for a name, or out of turn for who steals it. */
export class FakeLocks {
  readonly #holders = new Map<string, Holder>();
  readonly #lines = new Map<string, (() => void)[]>();

  request(name: string, ...rest: [LockOptions, () => unknown] | [() => unknown]): Promise<unknown> {
    const [options, work] = rest.length === 1 ? [{}, rest[0]] : rest;
    return new Promise((resolve, reject) => {
      const begin = () => {
        const holder = { lose: reject };
        this.#holders.set(name, holder);
        void Promise.resolve()
          .then(work)
          .then(resolve, reject)
          .finally(() => {
            if (this.#holders.get(name) !== holder) return;
            this.#holders.delete(name);
            this.#lines.get(name)?.shift()?.();
          });
      };
      if (options.steal === true) {
        this.#holders.get(name)?.lose(new DOMException("stolen", "AbortError"));
        begin();
      } else if (this.#holders.has(name)) {
        const line = this.#lines.get(name) ?? [];
        this.#lines.set(name, [...line, begin]);
        options.signal?.addEventListener("abort", () => {
          const waiting = this.#lines.get(name) ?? [];
          this.#lines.set(
            name,
            waiting.filter((one) => one !== begin),
          );
          reject(options.signal?.reason);
        });
      } else begin();
    });
  }
}
