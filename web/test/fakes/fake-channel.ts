/** A `BroadcastChannel` between tabs of one test. */
export class FakeChannel {
  static readonly #open = new Set<FakeChannel>();
  readonly name: string;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;

  constructor(name: string) {
    this.name = name;
    FakeChannel.#open.add(this);
  }

  postMessage(message: unknown): void {
    if (!FakeChannel.#open.has(this)) throw new DOMException("it is closed", "InvalidStateError");
    const data = structuredClone(message);
    for (const other of FakeChannel.#open) {
      if (other === this || other.name !== this.name) continue;
      setImmediate(() => {
        if (FakeChannel.#open.has(other)) other.onmessage?.({ data });
      });
    }
  }

  close(): void {
    FakeChannel.#open.delete(this);
  }
}
