package dev.millrace.server.shape;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.filter.SqlExpression;
import dev.millrace.server.policy.Audience;
import dev.millrace.server.policy.View;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a shape shows of the rows it has, and how. Shapes that differ in their filter's values only
 * share one, so that a hundred thousand of them cost no more lists than one. Immutable.
 *
 * @param isPartitioned whether the rows lie in partitions of the table
 * @param columns the selected columns in the order of the table, those of a primary key among them
 * @param rowKey the columns that identify a row: the primary key's in its order, or, where there is
 *     none, all columns of the table, selected or not
 * @param filterColumns the columns that the filter may name, selected or not
 * @param allColumns whether the request named no columns, so that a new one belongs to the shape
 * @param audience the users it is for; empty for a back end that everything is shown to
 */
public record Projection(
    int oid,
    RelationName relation,
    boolean isPartitioned,
    List<Column> columns,
    List<Column> rowKey,
    List<Column> filterColumns,
    boolean allColumns,
    ShapeDefinition.Replica replica,
    ShapeDefinition.LogMode logMode,
    Optional<Audience> audience) {

  public Projection {
    columns = List.copyOf(columns);
    rowKey = List.copyOf(rowKey);
    filterColumns = List.copyOf(filterColumns);
  }

  /** The same as {@link ShapeDefinition#of}. */
  static Projection of(
      View view,
      Optional<Set<String>> names,
      Optional<Filter> filter,
      ShapeDefinition.Replica replica,
      ShapeDefinition.LogMode logMode) {
    Table table = view.readable();
    return new Projection(
        table.oid(),
        table.name(),
        table.isPartitioned(),
        table.columns().stream()
            .filter(column -> names.isEmpty() || names.get().contains(column.name()))
            .toList(),
        rowKey(table),
        filter.map(named -> filterColumns(view.table(), named)).orElse(List.of()),
        names.isEmpty(),
        replica,
        logMode,
        view.audience());
  }

  /** The same selection of the table as it is now; equal to this if nothing has changed. */
  Projection in(Table table) {
    Set<String> filtering =
        filterColumns.stream().map(Column::name).collect(Collectors.toUnmodifiableSet());
    View view = View.of(table, audience);
    Projection now = of(view, names(), Optional.empty(), replica, logMode);
    return new Projection(
        now.oid,
        now.relation,
        now.isPartitioned,
        now.columns,
        now.rowKey,
        table.columns().stream().filter(column -> filtering.contains(column.name())).toList(),
        allColumns,
        replica,
        logMode,
        audience);
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
   * Some may only have the name of a function or type in it: then the shape is a little careful.
   */
  private static List<Column> filterColumns(Table table, Filter filter) {
    try {
      Set<String> names = SqlExpression.ofPrinted(filter.canonical()).names();
      return table.columns().stream().filter(column -> names.contains(column.name())).toList();
    } catch (InvalidExpression e) {
      throw new IllegalArgumentException(filter + " is no expression: " + e.reason(), e);
    }
  }

  /** The columns that a row has to bring: the selected ones, then those only its key needs. */
  List<Column> neededColumns() {
    return Stream.concat(
            columns.stream(), rowKey.stream().filter(column -> !columns.contains(column)))
        .toList();
  }

  /**
   * Whether a further column of the table would belong to the shape, or to its key. To users it
   * belongs once it is known that they may read it, which ends the shape.
   */
  boolean dependsOnAllColumns() {
    return audience.isEmpty() && (allColumns || rowKey.stream().noneMatch(Column::isKey));
  }

  /**
   * The table as filters are compiled for it: each column stands at its number less one, whatever
   * else was added to the table or dropped from it.
   */
  Table filterTable() {
    int most = filterColumns.stream().mapToInt(Column::number).max().orElse(0);
    List<Column> places = new ArrayList<>();
    for (int number = 1; number <= most; number++) {
      places.add(placeholder(number));
    }
    filterColumns.forEach(column -> places.set(column.number() - 1, column));
    return new Table(oid, relation, isPartitioned, places, Optional.empty());
  }

  /** Has a name that no column can have. */
  private static Column placeholder(int number) {
    return new Column("", number, "", 0, 0, -1, false, Column.Generation.NONE, -1);
  }

  /** Whether the key is the table's own, and not all that a row has. */
  boolean hasPrimaryKey() {
    return rowKey.stream().allMatch(Column::isKey);
  }

  /** The names that the request selected; empty for all columns. */
  Optional<Set<String>> names() {
    return allColumns
        ? Optional.empty()
        : Optional.of(columns.stream().map(Column::name).collect(Collectors.toSet()));
  }

  /** What makes two projections the same; the rest describes columns, such as nullability. */
  record Identity(
      int oid,
      RelationName relation,
      List<Column.Identity> columns,
      List<Column.Identity> rowKey,
      List<Column.Identity> filterColumns,
      boolean allColumns,
      ShapeDefinition.Replica replica,
      ShapeDefinition.LogMode logMode,
      Optional<Audience> audience) {}

  Identity identity() {
    return new Identity(
        oid,
        relation,
        identities(columns),
        identities(rowKey),
        identities(filterColumns),
        allColumns,
        replica,
        logMode,
        audience);
  }

  private static List<Column.Identity> identities(List<Column> columns) {
    return columns.stream().map(Column::identity).toList();
  }
}
