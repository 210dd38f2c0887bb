package dev.millrace.server.filter.value;

import org.jspecify.annotations.Nullable;

/** What computes a function's result from its arguments. Pure; any thread. */
@FunctionalInterface
public interface Routine {

  /**
   * The result; null is NULL.
   *
   * @throws EvaluationException where Postgres raises an error
   */
  @Nullable Object apply(@Nullable Object[] arguments);
}
