import {
  isControlMessage,
  type Message,
  type Row,
  Shape,
  ShapeStream,
  type ShapeStreamInterface,
} from "@electric-sql/client";
import { type ConnectionStatus, statusOfError } from "./connection-status";
import type { DemoSession } from "./demo-session";
import { parseWork, type Work } from "./work";

const REOPEN_AFTER_MS = 5_000;

/** For network failures, 429 and 5xx, which the stream retries for as long as it takes. */
const BACKOFF = { initialDelay: 500, multiplier: 2, maxDelay: 8_000 };

export interface LiveWorksOptions {
  /** The address of the server's `/v1/shape`. */
  readonly url: string;
  /** Whose works. */
  readonly session: DemoSession;
  /** Called with all rows each time they are up to date with the server. */
  readonly onWorks: (works: readonly Work[]) => void;
  readonly onStatus: (status: ConnectionStatus) => void;
}

/**
 * Follows a user's rows of the table `works`. One stream at a time; what ends it (a refusal, an answer that is not understood)
 * is told as a status, and a new one is opened after a pause.
 */
export class LiveWorks {
  readonly #options: LiveWorksOptions;
  #open: { readonly stream: ShapeStream; readonly aborter: AbortController } | undefined;
  #reopening: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveWorksOptions) {
    this.#options = options;
  }

  open(): void {
    this.close();
    const aborter = new AbortController();
    const stream = new ShapeStream({
      url: this.#options.url,
      params: { table: "works" },
      headers: { authorization: () => this.#options.session.authorization() },
      liveSse: true,
      backoffOptions: BACKOFF,
      warnOnHttp: false, // One stream a page stays clear of the limit of six connections.
      signal: aborter.signal,
      fetchClient: (input, init) => this.#fetch(input, init),
    });
    // The cast: the client's own class fits its interface only without exactOptionalPropertyTypes.
    const shape = new Shape(stream as ShapeStreamInterface);
    // Subscribed after the shape, so that its rows hold these messages already.
    stream.subscribe(
      (messages) => {
        if (messages.some(isUpToDate)) this.#show(shape);
      },
      (error) => this.#reopenAfter(error),
    );
    this.#open = { stream, aborter };
  }

  /** Ends the stream; `open` starts again. */
  close(): void {
    clearTimeout(this.#reopening);
    this.#open?.aborter.abort();
    this.#open?.stream.unsubscribeAll();
    this.#open = undefined;
  }

  /** The device says its network is gone. A connection that was cut off silently would not notice for long. */
  networkLost(): void {
    this.#options.onStatus({ kind: "offline" });
  }

  /** The device says its network is back: asks at once, whatever was waited for. */
  networkFound(): void {
    this.#open?.stream.forceDisconnectAndRefresh().catch(() => {
      // The stream ended meanwhile, which its own error handler was told.
    });
  }

  #show(shape: Shape): void {
    try {
      this.#options.onWorks(shape.currentRows.map(parseWork));
      this.#options.onStatus({ kind: "live" });
    } catch (error) {
      this.#reopenAfter(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #reopenAfter(error: Error): void {
    this.close();
    this.#options.session.forget();
    this.#options.onStatus(statusOfError(error));
    this.#reopening = setTimeout(() => this.open(), REOPEN_AFTER_MS);
  }

  /** Watches the requests of the stream, whose own retries would otherwise stay unseen. */
  async #fetch(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const response = await fetch(input, init).catch((error: unknown) => {
      if (!init?.signal?.aborted) this.#options.onStatus({ kind: "offline" });
      throw error;
    });
    if (response.status === 429 || response.status >= 500) {
      this.#options.onStatus({ kind: "unavailable", httpStatus: response.status });
    } else if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
      // It is opened by who is up to date, and says nothing until there is a change.
      this.#options.onStatus({ kind: "live" });
    }
    return response;
  }
}

function isUpToDate(message: Message<Row>): boolean {
  return isControlMessage(message) && message.headers.control === "up-to-date";
}
