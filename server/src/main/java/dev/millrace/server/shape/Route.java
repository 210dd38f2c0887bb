package dev.millrace.server.shape;

import dev.millrace.server.postgres.Relation;
import java.util.List;
import java.util.Set;

/**
 * A table of the stream, and where its changes go: to the shapes of the table itself, and to those
 * of partitioned tables that it is below. Guarded by the router's lock.
 */
final class Route {

  private final Relation relation;
  private final Set<Integer> roots;
  private final List<Branch> branches;

  /**
   * @param roots the tables of shapes that {@code relation} is a partition of, near or far
   */
  Route(Relation relation, Set<Integer> roots, List<TableShapes> tables) {
    this.relation = relation;
    this.roots = roots;
    branches = tables.stream().map(table -> new Branch(relation, table)).toList();
  }

  Relation relation() {
    return relation;
  }

  Set<Integer> roots() {
    return roots;
  }

  List<Branch> branches() {
    return branches;
  }

  /** Whether changes of the relation are changes of the table {@code oid}. */
  boolean isOf(int oid) {
    return relation.oid() == oid || roots.contains(oid);
  }
}
