/** How far a write has come. */
export type WriteState =
  /** On the device; for a guest that is all there is. */
  | { readonly kind: "local" }
  | { readonly kind: "sent" }
  /** In Postgres. */
  | { readonly kind: "confirmed" }
  /** A dead letter, until it is retried, edited or discarded. */
  | { readonly kind: "rejected"; readonly code: string; readonly message: string }
  | { readonly kind: "discarded" };

/** Follows one write from the device into Postgres. */
export class WriteHandle {
  readonly id: string;
  /** The text of its row's key. */
  readonly key: string;
  /** Fulfilled once it is confirmed, rejected or discarded. */
  readonly settled: Promise<WriteState>;
  #state: WriteState = { kind: "local" };
  #settle: (state: WriteState) => void = () => {};

  constructor(id: string, key: string) {
    this.id = id;
    this.key = key;
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get state(): WriteState {
    return this.#state;
  }

  /** For the write buffer alone. */
  become(state: WriteState): void {
    this.#state = state;
    if (state.kind !== "local" && state.kind !== "sent") this.#settle(state);
  }
}

/** The handles of this tab that are not settled; beyond the bound the oldest are told nothing more. */
export class WriteHandles {
  static readonly MOST = 20_000;
  readonly #handles = new Map<string, WriteHandle>();

  open(id: string, key: string): WriteHandle {
    const handle = new WriteHandle(id, key);
    if (this.#handles.size >= WriteHandles.MOST) {
      const oldest = this.#handles.keys().next();
      if (!oldest.done) this.#handles.delete(oldest.value);
    }
    this.#handles.set(id, handle);
    return handle;
  }

  /** It was not stored after all. */
  forget(id: string): void {
    this.#handles.delete(id);
  }

  tell(id: string, state: WriteState): void {
    this.#handles.get(id)?.become(state);
    if (state.kind === "confirmed" || state.kind === "discarded") this.#handles.delete(id);
  }
}
