/** A change in the queue, with what its application keeps beside it. */
export type WriteChange = {
  readonly id: string;
  readonly table: string;
  readonly op: "insert" | "update" | "delete";
  readonly payload: Readonly<Record<string, unknown>>;
  readonly created_at: number;
  readonly status: "pending" | "syncing" | "applied" | "error";
  readonly retry_count: number;
  readonly error?: string;
};

type Answer = {
  readonly applied: readonly string[];
  readonly errors: readonly { readonly id: string; readonly error: string }[];
};

/**
 * The write buffer that the pattern was first described with, in memory: it queues changes, posts
 * them together, and believes `applied` and `errors`. What it could not send it sends again as it is.
 */
export class SeedWriteBuffer {
  readonly #url: string;
  readonly #token: string;
  readonly #fetch: typeof fetch;
  readonly #changes = new Map<string, WriteChange>();

  constructor(url: string, token: string, fetchClient: typeof fetch = fetch) {
    this.#url = url;
    this.#token = token;
    this.#fetch = fetchClient;
  }

  enqueue(change: Pick<WriteChange, "table" | "op" | "payload">): WriteChange {
    const queued: WriteChange = {
      id: crypto.randomUUID(),
      ...change,
      created_at: Date.now(),
      status: "pending",
      retry_count: 0,
    };
    this.#changes.set(queued.id, queued);
    return queued;
  }

  get(id: string): WriteChange | undefined {
    return this.#changes.get(id);
  }

  size(): number {
    return this.#pending().length;
  }

  #pending(): readonly WriteChange[] {
    return [...this.#changes.values()].filter(({ status }) => status === "pending");
  }

  #note(id: string, news: Partial<WriteChange>): void {
    const change = this.#changes.get(id);
    if (change !== undefined) this.#changes.set(id, { ...change, ...news });
  }

  async flush(): Promise<void> {
    const changes = this.#pending();
    for (const { id } of changes) this.#note(id, { status: "syncing" });
    try {
      const response = await this.#fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${this.#token}` },
        body: JSON.stringify({ changes: changes.map(({ id }) => this.#changes.get(id)) }),
      });
      if (!response.ok) throw new Error(`answered ${response.status}`);
      const { applied, errors } = (await response.json()) as Answer;
      for (const id of applied) this.#note(id, { status: "applied" });
      for (const { id, error } of errors) this.#note(id, { status: "error", error });
    } catch {
      for (const { id, retry_count } of changes) {
        this.#note(id, { status: "pending", retry_count: retry_count + 1 });
      }
    }
  }
}
