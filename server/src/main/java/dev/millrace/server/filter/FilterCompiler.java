package dev.millrace.server.filter;

import dev.millrace.server.filter.Expression.Unknown;
import dev.millrace.server.filter.value.Casts;
import dev.millrace.server.filter.value.Functions;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes filters ready for rows. Knows what it has to of the database's types and collations, asked
 * once and kept; one per database. Any thread; blocks where something has to be asked.
 */
public final class FilterCompiler {

  private final TypeCatalog catalog;
  private volatile @Nullable Library library;

  /** What this version of Postgres computes. */
  record Library(Functions functions, Casts casts) {}

  public FilterCompiler(Database database) {
    this.catalog = new TypeCatalog(database);
  }

  /**
   * Compiles a filter.
   *
   * @param table the table whose rows it will see, as it was when the filter was analysed
   * @throws dev.millrace.server.postgres.DatabaseException if Postgres cannot be asked
   */
  public CompiledFilter compile(Filter filter, Table table) {
    List<Expression> evaluated = new ArrayList<>();
    List<Evaluator> evaluators = new ArrayList<>();
    List<String> delegated = new ArrayList<>();
    Map<Integer, Integer> collations =
        table.columns().stream()
            .filter(column -> column.collation() != 0)
            .collect(Collectors.toMap(Column::number, Column::collation));
    for (CanonicalParser.Conjunct conjunct : CanonicalParser.conjuncts(filter, table.columns())) {
      Expression expression = Simplification.of(conjunct.expression());
      if (Simplification.isTrue(expression)) {
        continue;
      }
      TermCompiler compiler = new TermCompiler(catalog, library(), table.columns(), collations);
      Evaluator evaluator = evaluator(expression, compiler);
      if (evaluator == null) {
        delegated.add(conjunct.sql());
      } else {
        evaluated.add(expression);
        evaluators.add(evaluator);
      }
    }
    // Of those only that we evaluate: equal texts of others need not mean equal values.
    Requirement requirement =
        Requirement.of(
                evaluated,
                column -> catalog.type(table.columns().get(column).typeOid()).orElse(null))
            .orElse(null);
    boolean isRequirementAll = delegated.isEmpty() && Requirement.isAllOf(evaluated, requirement);
    return new CompiledFilter(evaluators, delegated, requirement, isRequirementAll);
  }

  private @Nullable Evaluator evaluator(Expression expression, TermCompiler compiler) {
    if (expression instanceof Unknown || !catalog.isUtf8()) {
      return null;
    }
    try {
      return compiler.condition(expression).evaluator();
    } catch (Unsupported e) {
      return null;
    }
  }

  private Library library() {
    Library known = library;
    if (known == null) {
      int version = catalog.serverVersion();
      known = new Library(Functions.of(version), new Casts(version));
      library = known;
    }
    return known;
  }
}
