package dev.millrace.server.filter;

import org.jspecify.annotations.Nullable;

/** What gives the value of an expression for a row. Immutable; any thread. */
@FunctionalInterface
interface Evaluator {

  /**
   * The value; null is NULL. Truth values are the two constants of {@link Boolean}.
   *
   * @throws dev.millrace.server.filter.value.EvaluationException where Postgres raises an error
   */
  @Nullable Object value(FilterRow row);
}
