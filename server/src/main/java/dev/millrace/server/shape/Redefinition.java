package dev.millrace.server.shape;

import dev.millrace.server.policy.AccessRefused;
import dev.millrace.server.policy.RowSecurity;
import dev.millrace.server.policy.View;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Table;

/** Finds out which rows a shape has now, when what they depend on has changed. Blocks. */
final class Redefinition {

  private final Catalog catalog;
  private final RowSecurity security;

  Redefinition(Catalog catalog, RowSecurity security) {
    this.catalog = catalog;
    this.security = security;
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
    ShapeDefinition now =
        ShapeDefinition.of(
            view, before.projection().names(), before.asked(), before.replica(), before.logMode());
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
    if (shape.reader().isEmpty()) {
      return View.all(table);
    }
    try {
      return security.view(table, shape.reader().get());
    } catch (AccessRefused e) {
      throw new ShapeException(ShapeException.Kind.FORBIDDEN, e.reason(), e);
    }
  }
}
