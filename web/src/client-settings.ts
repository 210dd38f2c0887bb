import type { AnyEntity } from "./entity.js";
import type { Environment } from "./environment.js";
import type { TokenSupplier } from "./session/tokens.js";
import type { BatchLimits } from "./write-buffer/next-batch.js";

/** What an application says once, when it opens its data. */
export interface ClientSettings {
  readonly entities: readonly AnyEntity[];
  /** Where tokens come from; without it everybody stays a guest. */
  readonly tokens?: TokenSupplier;
  /** Prefix of the databases, one for each application of an origin; `millrace` if it is not said. */
  readonly name?: string;
  /** The server's address without a path; the page's own if it is not said. */
  readonly server?: string;
  /** Of the application: a server may refuse writes of old ones. 1 if it is not said. */
  readonly schemaVersion?: number;
  /** How often is looked for writes that nobody told of; 5,000 ms if it is not said. */
  readonly flushInterval?: number;
  readonly limits?: BatchLimits;
  /** Whether live rows come by server-sent events, which they do if it is not said, or by long polls. */
  readonly mayStream?: boolean;
  /** For tests. */
  readonly environment?: Partial<Environment>;
}
