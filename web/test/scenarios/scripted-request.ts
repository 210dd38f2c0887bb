/** A request that waits for what a script says; of a process that has ended it waits for ever. */
export class ScriptedRequest {
  readonly url: URL;
  readonly isWrite: boolean;
  readonly body: string;
  readonly token: string;
  readonly isLive: boolean;
  readonly isStream: boolean;
  readonly offset: string;
  readonly handle: string;
  /** Of an event stream, how far it was told. */
  told: string;
  isOver = false;
  readonly response: Promise<Response>;
  #resolve: (response: Response) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #events: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(input: RequestInfo | URL, init: RequestInit = {}) {
    this.url = new URL(String(input instanceof Request ? input.url : input));
    this.isWrite = init.method === "POST";
    this.body = typeof init.body === "string" ? init.body : "";
    this.token = new Headers(init.headers).get("authorization")?.replace("Bearer ", "") ?? "";
    const asked = this.url.searchParams;
    this.isLive = asked.has("live");
    this.isStream = asked.get("live_sse") === "true";
    this.offset = asked.get("offset") ?? "-1";
    this.handle = asked.get("handle") ?? "";
    this.told = this.offset;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { signal } = init;
    const abort = () => this.#break(signal?.reason ?? new DOMException("aborted", "AbortError"));
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  }

  get table(): string {
    return this.url.searchParams.get("table") ?? "";
  }

  get hasBegun(): boolean {
    return this.#events !== undefined;
  }

  answer(status: number, headers: Record<string, string>, body: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#resolve(new Response(body, { status, headers }));
  }

  /** Begins to answer with events. */
  begin(headers: Record<string, string>): void {
    if (this.isOver || this.hasBegun) return;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#events = controller;
      },
    });
    this.#resolve(new Response(body, { status: 200, headers }));
  }

  events(frames: string): void {
    if (!this.isOver) this.#events?.enqueue(new TextEncoder().encode(frames));
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#events?.close();
  }

  fail(reason: string): void {
    this.#break(new TypeError(reason));
  }

  #break(error: unknown): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.#events === undefined) this.#reject(error);
    else this.#events.error(error);
  }
}
