package dev.millrace.server.shape;

import dev.millrace.server.filter.Filter;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.policy.AccessRefused;
import dev.millrace.server.policy.RowSecurity;
import dev.millrace.server.policy.View;
import dev.millrace.server.policy.WhereQueries;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Table;
import java.util.Optional;

/** Finds out which rows a shape has now, when what they depend on has changed. Blocks. */
final class Redefinition {

  private final Catalog catalog;
  private final RowSecurity security;
  private final WhereQueries queries;

  Redefinition(Catalog catalog, RowSecurity security, WhereQueries queries) {
    this.catalog = catalog;
    this.security = security;
    this.queries = queries;
  }

  /**
   * A definition as it is now.
   *
   * @param check whether it still is, in the snapshot of a transaction
   */
  record Redefined(ShapeDefinition definition, View.Check check) {}

  /**
   * The same shape's definition.
   *
   * @throws ShapeException if it is another shape now, or none
   */
  Redefined of(Shape shape) {
    ShapeDefinition before = shape.definition();
    View view = view(shape);
    // The clause of those to whom everything is shown is in the view.
    Optional<Filter> asked = before.audience().isPresent() ? before.asked() : Optional.empty();
    ShapeDefinition now =
        ShapeDefinition.of(
            view, before.projection().names(), asked, before.replica(), before.logMode());
    if (!now.equals(before)) {
      throw new ShapeException(
          ShapeException.Kind.REFETCH, "its users may see something else now", null);
    }
    return new Redefined(now, view.check());
  }

  private View view(Shape shape) {
    Table table =
        catalog
            .table(shape.definition().relation())
            .orElseThrow(() ->
                new ShapeException(ShapeException.Kind.REFETCH, "its table was dropped", null));
    try {
      return shape.reader().isPresent()
          ? security.view(table, shape.reader().get())
          : queries.view(table, shape.clauses().getFirst());
    } catch (InvalidExpression e) {
      throw new ShapeException(ShapeException.Kind.INVALID, e.reason(), e);
    } catch (AccessRefused e) {
      throw new ShapeException(ShapeException.Kind.FORBIDDEN, e.reason(), e);
    }
  }
}
