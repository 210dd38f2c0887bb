/** Names of what can go wrong that an application may want to tell apart. */
export type ErrorCode =
  /** The manager is closed. */
  | "closed"
  /** The data was written by a newer version of this library. */
  | "store-too-new"
  /** The browser does not offer what is needed, which it does on https and on localhost. */
  | "insecure-context"
  /** A sign-in without a token, or without settings that give one. */
  | "no-user";

/** What goes wrong in the world around the client. */
export class SyncClientError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SyncClientError";
    this.code = code;
  }
}

/** The words of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
