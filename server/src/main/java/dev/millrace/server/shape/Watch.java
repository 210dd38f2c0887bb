package dev.millrace.server.shape;

import dev.millrace.server.filter.CompiledFilter;
import dev.millrace.server.filter.FilterRow;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Relation;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Values in a table on which it depends which rows of another one a shape has, such as the teams of
 * a user. Guarded by the router's lock.
 */
final class Watch {

  private final Shape shape;
  private final ShapeDefinition values;
  private final @Nullable CompiledFilter filter;

  /** The last change that was looked at. */
  private long seen;

  /**
   * @param values the rows that count, and the columns that make a difference
   * @param filter of these rows; null while it is not ready, when all count
   */
  Watch(Shape shape, ShapeDefinition values, @Nullable CompiledFilter filter) {
    this.shape = shape;
    this.values = values;
    this.filter = filter;
  }

  Shape shape() {
    return shape;
  }

  ShapeDefinition values() {
    return values;
  }

  @Nullable CompiledFilter filter() {
    return filter;
  }

  /** Whether the stream still brings all columns that matter. */
  boolean isKnownIn(Relation relation) {
    return Stream.concat(values.columns().stream(), values.projection().filterColumns().stream())
        .allMatch(named -> relation.indexOf(named.name()) >= 0);
  }

  /** False if {@code change} was looked at before. */
  boolean look(long change) {
    boolean isNew = seen != change;
    seen = change;
    return isNew;
  }

  /** Whether there may be other values after a change; rather once too often. */
  boolean isStirred(@Nullable FilterRow old, @Nullable FilterRow row) {
    boolean had = old != null && counts(old);
    boolean has = row != null && counts(row);
    return had != has || (had && old != null && row != null && !isSame(old, row));
  }

  private boolean isSame(FilterRow old, FilterRow row) {
    try {
      return compared().allMatch(column -> old.isSameAs(row, column.number() - 1));
    } catch (RuntimeException e) {
      // The stream does not bring it.
      return false;
    }
  }

  /** Where we cannot say exactly which rows count, what they count by may make a difference too. */
  private Stream<Column> compared() {
    boolean isExact = filter != null && filter.isNative();
    return isExact
        ? values.columns().stream()
        : Stream.concat(values.columns().stream(), values.projection().filterColumns().stream());
  }

  private boolean counts(FilterRow row) {
    try {
      return filter == null || filter.mayMatch(row);
    } catch (RuntimeException e) {
      return true;
    }
  }
}
