package dev.millrace.server.shape;

import java.util.Locale;

/** Why shapes are dropped, as far as their number is worth counting. */
public enum DropCause {
  /** Something happened to the table: altered, truncated, unpublished. */
  TABLE,
  /** What Postgres has told cannot be gone on with: another slot, publication or database. */
  HISTORY,
  /** The shape could not be made. */
  SNAPSHOT,
  /** Nobody used it. */
  EXPIRY,
  /** Policies, privileges or roles have changed. */
  POLICY,
  /** A client asked for it. */
  REQUEST;

  /** A word for metrics and logs. */
  String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
