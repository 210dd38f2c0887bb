package dev.millrace.server.shape;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Table;
import java.util.Comparator;
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
 * @param isPartitioned whether the rows lie in partitions of the table
 * @param columns the selected columns in the order of the table, those of a primary key among them
 * @param rowKey the columns that identify a row: the primary key's in its order, or, where there is
 *     none, all columns of the table, selected or not
 * @param allColumns whether the request named no columns, so that a new one belongs to the shape
 */
public record ShapeDefinition(
    int oid,
    RelationName relation,
    boolean isPartitioned,
    List<Column> columns,
    List<Column> rowKey,
    boolean allColumns,
    Replica replica,
    LogMode logMode) {

  public ShapeDefinition {
    columns = List.copyOf(columns);
    rowKey = List.copyOf(rowKey);
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
   * The shape of the columns of {@code table} with these names; names that it lacks are passed
   * over.
   *
   * @param names empty for all columns
   */
  public static ShapeDefinition of(
      Table table, Optional<Set<String>> names, Replica replica, LogMode logMode) {
    return new ShapeDefinition(
        table.oid(),
        table.name(),
        table.isPartitioned(),
        table.columns().stream()
            .filter(column -> names.isEmpty() || names.get().contains(column.name()))
            .toList(),
        rowKey(table),
        names.isEmpty(),
        replica,
        logMode);
  }

  private static List<Column> rowKey(Table table) {
    List<Column> key =
        table.columns().stream()
            .filter(Column::isKey)
            .sorted(Comparator.comparingInt(Column::keyIndex))
            .toList();
    return key.isEmpty() ? table.columns().stream().filter(Column::isStreamed).toList() : key;
  }

  /**
   * What the same request would be of the table as it is now; equal to this if the table has not
   * changed in a way that concerns the shape.
   */
  ShapeDefinition in(Table table) {
    Optional<Set<String>> names =
        allColumns
            ? Optional.empty()
            : Optional.of(columns.stream().map(Column::name).collect(Collectors.toSet()));
    return of(table, names, replica, logMode);
  }

  /** The columns that a row has to bring: the selected ones, then those only its key needs. */
  List<Column> neededColumns() {
    return Stream.concat(
            columns.stream(), rowKey.stream().filter(column -> !columns.contains(column)))
        .toList();
  }

  /** Whether a further column of the table would belong to the shape, or to its key. */
  boolean dependsOnAllColumns() {
    return allColumns || rowKey.stream().noneMatch(Column::isKey);
  }

  private record Identity(
      int oid,
      RelationName relation,
      List<Column.Identity> columns,
      List<Column.Identity> rowKey,
      boolean allColumns,
      Replica replica,
      LogMode logMode) {}

  private Identity identity() {
    return new Identity(
        oid, relation, identities(columns), identities(rowKey), allColumns, replica, logMode);
  }

  private static List<Column.Identity> identities(List<Column> columns) {
    return columns.stream().map(Column::identity).toList();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ShapeDefinition that && identity().equals(that.identity());
  }

  @Override
  public int hashCode() {
    return identity().hashCode();
  }
}
