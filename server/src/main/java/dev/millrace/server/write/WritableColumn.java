package dev.millrace.server.write;

import dev.millrace.protocol.SqlIdentifier;

/**
 * A column of a table that a role may write to.
 *
 * @param number {@code attnum}
 * @param generation whether Postgres computes it always, by default, or not
 * @param keyIndex place in the primary key from 0, or -1
 * @param equality the operator of the primary key's index, with its schema; empty beside the key
 * @param isReadable whether the role may select it
 */
record WritableColumn(
    String name,
    int number,
    ColumnType type,
    Generation generation,
    int keyIndex,
    String equality,
    boolean isReadable) {

  /** Who gives the column its value. */
  enum Generation {
    /** Whoever writes the row; without one it is null. */
    NONE,
    /** Whoever writes the row; without one it has a default. */
    DEFAULT,
    /** Postgres alone. */
    ALWAYS
  }

  boolean isKey() {
    return keyIndex >= 0;
  }

  /** A table has a number once. */
  @Override
  public int hashCode() {
    return number;
  }

  /** The name in SQL. */
  String quoted() {
    return SqlIdentifier.quote(name);
  }
}
