package dev.millrace.server.filter;

import java.util.Map;

/**
 * A where clause as a request has it, before anybody has looked at it. Many may be one {@link
 * Filter}. Immutable.
 *
 * @param parameters values of {@code $1} and so on
 */
public record Clause(String where, Map<Integer, String> parameters) {

  public Clause {
    parameters = Map.copyOf(parameters);
  }

  /** Whether it may ask other tables; false also for what is no expression. */
  public boolean hasQuery() {
    try {
      return SqlExpression.of(where).hasSubquery();
    } catch (InvalidExpression e) {
      return false;
    }
  }
}
