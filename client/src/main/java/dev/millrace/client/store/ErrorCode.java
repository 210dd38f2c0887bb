package dev.millrace.client.store;

/** What went wrong in the client, with a stable name. */
public enum ErrorCode {
  /** The device's disk or database file refuses: nothing was written. */
  STORE_FAILED,
  /** Another process has the folder. */
  STORE_IN_USE,
  /** The file was written by a newer version of the library. */
  STORE_TOO_NEW,
  /** The server sends something else than the application declared for a column. */
  TYPE_MISMATCH,
  /** No user is in the token, or there is none to be had. */
  NO_USER,
  /** It was closed. */
  CLOSED
}
