package dev.millrace.server.shape;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.policy.Audience;
import dev.millrace.server.policy.Dependency;
import dev.millrace.server.policy.View;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Table;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a shape contains; two requests with equal definitions share one shape (protocol section
 * 10.1). What only describes the columns, such as nullability, is no part of that equality.
 *
 * @param filter which rows of the table; empty for all
 * @param asked what of the filter the request has named; the rest is policies, which hold whoever
 *     reads as a user anyway
 * @param basis the filter without values of other tables, which change while the shape stays the
 *     same; empty if there are none
 * @param dependencies those values, each as the rows that count and the column that matters
 */
public record ShapeDefinition(
    Projection projection,
    Optional<Filter> filter,
    Optional<Filter> asked,
    Optional<String> basis,
    List<ShapeDefinition> dependencies) {

  public ShapeDefinition {
    dependencies = List.copyOf(dependencies);
  }

  /** One that no policies hold. */
  public ShapeDefinition(Projection projection, Optional<Filter> filter) {
    this(projection, filter, filter, Optional.empty(), List.of());
  }

  /** How much an update or delete tells (protocol section 5.3). */
  public enum Replica {
    /** Key and changed columns. */
    DEFAULT,
    /** The whole new row and the old values of what changed. */
    FULL
  }

  /** Whether the rows that were there before belong to the shape. */
  public enum LogMode {
    FULL,
    CHANGES_ONLY
  }

  /**
   * The shape of the columns with these names, of those that the view shows; names that it lacks
   * are passed over.
   *
   * @param names empty for all columns
   * @param asked which of the rows that the view shows
   */
  public static ShapeDefinition of(
      View view,
      Optional<Set<String>> names,
      Optional<Filter> asked,
      Replica replica,
      LogMode logMode) {
    // The policies first: what is wrong with a row that is not to be seen must not show.
    Optional<Filter> filter =
        view.policies().map(held -> asked.map(held::and).orElse(held)).or(() -> asked);
    return new ShapeDefinition(
        Projection.of(view, names, filter, replica, logMode),
        filter,
        view.audience().isPresent() ? asked : filter,
        view.basis().map(held -> asked.map(own -> held + " AND " + own.canonical()).orElse(held)),
        view.dependencies().stream().map(ShapeDefinition::of).toList());
  }

  private static ShapeDefinition of(Dependency values) {
    Optional<Filter> filter = Optional.of(values.filter());
    Projection projection =
        Projection.of(
            View.all(values.table()),
            Optional.of(values.columns()),
            filter,
            Replica.DEFAULT,
            LogMode.CHANGES_ONLY);
    return new ShapeDefinition(projection, filter);
  }

  /**
   * What the same request would be of the table as it is now; equal to this if the table has not
   * changed in a way that concerns the shape.
   */
  ShapeDefinition in(Table table) {
    return showing(projection.in(table));
  }

  /** The same rows in another projection. */
  ShapeDefinition showing(Projection other) {
    return new ShapeDefinition(other, filter, asked, basis, dependencies);
  }

  /** The same projection of the rows that an equal definition has. */
  ShapeDefinition withRowsOf(ShapeDefinition other) {
    return other.showing(projection);
  }

  public int oid() {
    return projection.oid();
  }

  /** Of its table, and of those that it depends on. */
  Stream<Integer> oids() {
    return Stream.concat(Stream.of(oid()), dependencies.stream().map(ShapeDefinition::oid));
  }

  public RelationName relation() {
    return projection.relation();
  }

  public boolean isPartitioned() {
    return projection.isPartitioned();
  }

  /** The selected columns in the order of the table. */
  public List<Column> columns() {
    return projection.columns();
  }

  public boolean allColumns() {
    return projection.allColumns();
  }

  public Replica replica() {
    return projection.replica();
  }

  /** The users it is for; empty if it is for those to whom everything is shown. */
  public Optional<Audience> audience() {
    return projection.audience();
  }

  public LogMode logMode() {
    return projection.logMode();
  }

  /** The columns that a row has to bring: the selected ones, then those only its key needs. */
  List<Column> neededColumns() {
    return projection.neededColumns();
  }

  /** What it depends on; which rows count there is in the basis, and may depend on others. */
  private Set<Projection.Identity> read() {
    return dependencies.stream()
        .map(values -> values.projection.identity())
        .collect(Collectors.toSet());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ShapeDefinition that
        && basis.equals(that.basis)
        && (basis.isPresent() || (filter.equals(that.filter) && asked.equals(that.asked)))
        && read().equals(that.read())
        && (projection.equals(that.projection)
            || projection.identity().equals(that.projection.identity()));
  }

  @Override
  public int hashCode() {
    int rows = basis.isPresent() ? basis.hashCode() : filter.hashCode();
    return 31 * projection.identity().hashCode() + rows;
  }
}
