package dev.millrace.conformance;

import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.SqlIdentifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a client of the oracle asks for.
 *
 * @param columns the selected ones in the order of the table; none if the request names none
 * @param filter which rows; empty for all
 */
record FollowedShape(
    RelationName table,
    List<String> columns,
    Optional<OracleFilter> filter,
    boolean isFull,
    boolean isChangesOnly) {
  FollowedShape {
    columns = List.copyOf(columns);
  }

  /** All of a table. */
  static FollowedShape whole(RelationName table) {
    return new FollowedShape(table, List.of(), Optional.empty(), false, false);
  }

  static FollowedShape random(Random random, List<OracleTable> tables) {
    OracleTable table = tables.get(random.nextInt(tables.size()));
    List<String> columns = random.nextBoolean() ? List.of() : someColumns(random, table);
    Optional<OracleFilter> filter =
        random.nextInt(3) == 0 ? Optional.empty() : Optional.of(OracleFilter.random(random, table));
    return new FollowedShape(
        table.name(), columns, filter, random.nextInt(3) == 0, random.nextInt(6) == 0);
  }

  /** The id at least: without a key, equal rows are one row to a client. */
  private static List<String> someColumns(Random random, OracleTable table) {
    List<String> columns = new ArrayList<>();
    for (String column : table.columnNames()) {
      boolean isNeeded = column.equals(OracleTable.ID) || column.equals(OracleTable.PART);
      if (isNeeded || random.nextInt(3) != 0) {
        columns.add(column);
      }
    }
    return columns;
  }

  /** Whether it can be had of the table. */
  boolean fits(OracleTable other) {
    return other.name().equals(table)
        && other.hasAll(columns)
        && (columns.isEmpty() || columns.containsAll(other.key().columns()))
        && filter.stream().allMatch(clause -> clause.fits(other));
  }

  /** What a client has of the table: selected columns in the order of the table. */
  List<String> columnsOf(OracleTable other) {
    return other.columnNames().stream()
        .filter(column -> columns.isEmpty() || columns.contains(column))
        .toList();
  }

  /** The parameters of its requests. */
  List<String> parameters() {
    Stream<String> selected =
        columns.isEmpty()
            ? Stream.of()
            : Stream.of(
                "columns",
                columns.stream().map(SqlIdentifier::quote).collect(Collectors.joining(",")));
    return Stream.of(
            Stream.of("table", table.quoted()),
            selected,
            filter.stream().flatMap(OracleFilter::requestParameters),
            Stream.of("replica", isFull ? "full" : "default"),
            Stream.of("log", isChangesOnly ? "changes_only" : "full"))
        .flatMap(part -> part)
        .toList();
  }
}
