package dev.millrace.server.filter;

import dev.millrace.server.filter.value.EvaluationException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A filter ready for rows: the conjuncts that we evaluate ourselves, and the text of those that
 * Postgres has to. Immutable; any thread, with a {@link FilterRow} of its own.
 */
public final class CompiledFilter {

  private static final Evaluator[] NONE = {};

  private final Evaluator[] evaluators;
  private final List<String> delegated;
  private final @Nullable Requirement requirement;
  private final boolean isRequirementAll;

  CompiledFilter(
      List<Evaluator> evaluators, List<String> delegated, @Nullable Requirement requirement) {
    this(evaluators, delegated, requirement, false);
  }

  /**
   * @param isRequirementAll whether a row that has what is required meets the filter
   */
  CompiledFilter(
      List<Evaluator> evaluators,
      List<String> delegated,
      @Nullable Requirement requirement,
      boolean isRequirementAll) {
    this.isRequirementAll = isRequirementAll;
    this.evaluators = evaluators.toArray(NONE);
    this.delegated = List.copyOf(delegated);
    this.requirement = requirement;
  }

  /** What a row must have that meets the filter; null if that is nothing it could be found by. */
  @Nullable Requirement requirement() {
    return requirement;
  }

  /**
   * Whether every row that {@link FilterIndex} finds the filter by meets it: it need not be asked.
   */
  public boolean isRequirementAll() {
    return isRequirementAll;
  }

  /** The conjuncts that Postgres has to evaluate, as canonical SQL. */
  public List<String> delegated() {
    return delegated;
  }

  /** Whether nothing is left to Postgres. */
  public boolean isNative() {
    return delegated.isEmpty();
  }

  /**
   * Whether the row fulfils all conjuncts that we evaluate: if {@link #isNative}, whether it is in.
   * Where Postgres would raise an error it is not.
   */
  public boolean mayMatch(FilterRow row) {
    try {
      for (Evaluator evaluator : evaluators) {
        if (!Boolean.TRUE.equals(evaluator.value(row))) {
          return false;
        }
      }
      return true;
    } catch (EvaluationException e) {
      return false;
    }
  }
}
