package dev.millrace.server.filter;

import dev.millrace.server.filter.value.Type;
import dev.millrace.server.postgres.Table;
import java.util.List;

/** Makes filters without a database, for tests. */
public final class CompiledFilters {

  private CompiledFilters() {}

  /** Of a condition that only Postgres can evaluate. */
  public static CompiledFilter delegated(Filter filter) {
    return new CompiledFilter(List.of(), List.of(filter.canonical()), null);
  }

  /**
   * Of one comparison of an integer column with a constant, as Postgres prints it.
   *
   * @param isIndexed whether it is found by the value that it requires
   */
  public static CompiledFilter largerThan(
      Filter filter, Table table, int column, long bound, boolean isIndexed) {
    List<Expression> conjuncts =
        CanonicalParser.conjuncts(filter, table.columns()).stream()
            .map(CanonicalParser.Conjunct::expression)
            .toList();
    Evaluator evaluator =
        row -> row.value(column, Type.INT4) instanceof Long number && number > bound;
    return new CompiledFilter(
        List.of(evaluator),
        List.of(),
        isIndexed ? Requirement.of(conjuncts, place -> Type.INT4).orElseThrow() : null);
  }
}
