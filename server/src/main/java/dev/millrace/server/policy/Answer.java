package dev.millrace.server.policy;

import org.jspecify.annotations.Nullable;

/**
 * What Postgres has answered to a question of a condition. Immutable.
 *
 * @param value as text; null for NULL
 * @param type of the value, with its schema
 */
record Answer(@Nullable String value, String type) {

  /** Whether there is nothing, not even an empty array. */
  boolean isNothing() {
    return value == null || value.isEmpty();
  }

  /** As SQL. */
  String constant() {
    if (value == null) {
      return "(NULL::%s)".formatted(type);
    }
    return type.equals("pg_catalog.bool")
        ? value
        : "('%s'::%s)".formatted(value.replace("'", "''"), type);
  }
}
