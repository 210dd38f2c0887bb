package dev.millrace.client.sqlite;

import org.jspecify.annotations.Nullable;

/** The row at which a query stands; columns are counted from 0. */
public interface SqliteRow {

  /** {@code Long}, {@code Double}, {@code String} or null. */
  @Nullable Object value(int column);

  /** A whole number; 0 for null. */
  long number(int column);

  /** Its text, or null. */
  @Nullable String text(int column);
}
