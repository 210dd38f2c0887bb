package dev.millrace.server.filter;

import java.util.Map;

/**
 * A condition in which queries stand, as Postgres prints it: with schemas, and with {@link #ROW} in
 * front of what the queries name of the row. Immutable.
 *
 * @param read by OID the tables that it reads
 */
public record QueryingCondition(String text, Map<Integer, Read> read) {

  /** Stands for the table whose rows the condition is about. */
  public static final String ROW = Trial.TABLE;

  public QueryingCondition {
    read = Map.copyOf(read);
  }

  /**
   * A table that is read.
   *
   * @param isHeld whether policies decide what we see of it
   * @param hasHeirs whether other tables inherit from it
   */
  public record Read(boolean isHeld, boolean hasHeirs) {}
}
