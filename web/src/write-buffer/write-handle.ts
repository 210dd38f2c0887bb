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

/** The handles of this tab that somebody holds and that are not settled. */
export class WriteHandles {
  readonly #handles = new Map<string, WeakRef<WriteHandle>>();
  readonly #forgotten = new FinalizationRegistry<string>((id) => this.#handles.delete(id));

  open(id: string, key: string): WriteHandle {
    const handle = new WriteHandle(id, key);
    this.#handles.set(id, new WeakRef(handle));
    this.#forgotten.register(handle, id, handle);
    return handle;
  }

  /** Whose end is not known. */
  get unsettled(): readonly string[] {
    return [...this.#handles.keys()];
  }

  /** It was not stored after all. */
  forget(id: string): void {
    this.#handles.delete(id);
  }

  tell(id: string, state: WriteState): void {
    const handle = this.#handles.get(id)?.deref();
    handle?.become(state);
    if (handle === undefined || state.kind === "confirmed" || state.kind === "discarded")
      this.#handles.delete(id);
  }
}
