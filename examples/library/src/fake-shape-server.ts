type Answer = () => Promise<Response>;

/** A `fetch` for tests: answers for the table `works` as the server would, or as the test says. */
export class FakeShapeServer {
  readonly #rows: Record<string, string | null>[];
  #events: ReadableStreamDefaultController<Uint8Array> | undefined;
  #lsn = 100;

  /** While set, every request gets this answer. */
  failure: Answer | undefined;
  requests = 0;

  constructor(...rows: Record<string, string | null>[]) {
    this.#rows = rows;
  }

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    if (String(input).includes("/dev/token")) return new Response("token");
    if (new Headers(init?.headers).get("authorization") !== "Bearer token")
      throw new Error("Nobody is signed in");
    this.requests++;
    if (this.failure !== undefined) return this.failure();

    const query = new URL(String(input)).searchParams;
    if (query.get("offset") === "-1") return this.#answer("0_0", this.#rows.map(insert));
    if (!query.has("live")) return this.#answer("0_inf", [this.#upToDate()], { "electric-up-to-date": "" });
    const events = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#events = controller;
        init?.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
      },
    });
    return new Response(events, {
      headers: { ...headers("0_inf", "text/event-stream"), "electric-cursor": "1" },
    });
  };

  get isFollowed(): boolean {
    return this.#events !== undefined;
  }

  /** Commits a new row, which goes to the open event stream. */
  insert(row: Record<string, string | null>): void {
    this.#rows.push(row);
    this.#lsn++;
    for (const message of [insert(row), this.#upToDate()]) {
      this.#events?.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(message)}\n\n`));
    }
  }

  /** Cuts the open event stream off, as a server that dies. */
  cut(): void {
    this.#events?.error(new TypeError("network error"));
    this.#events = undefined;
  }

  #upToDate(): object {
    return { headers: { control: "up-to-date", global_last_seen_lsn: String(this.#lsn) } };
  }

  #answer(offset: string, messages: readonly object[], more: Record<string, string> = {}): Response {
    return Response.json(messages, { headers: { ...headers(offset, "application/json"), ...more } });
  }
}

function insert(row: Record<string, string | null>): object {
  return {
    key: `"public"."works"/"${row.id}"`,
    value: row,
    headers: { operation: "insert", relation: ["public", "works"] },
  };
}

function headers(offset: string, contentType: string): Record<string, string> {
  return {
    "content-type": contentType,
    "electric-handle": "1-1",
    "electric-offset": offset,
    "electric-schema": JSON.stringify({
      id: { type: "uuid", pk_index: 0 },
      title: { type: "text" },
      author: { type: "text" },
      year: { type: "int4" },
      language: { type: "text" },
      created_at: { type: "timestamptz" },
    }),
  };
}
