package dev.millrace.bench.shapes;

import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.run.BenchPostgres;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Tables of ten rows with a key and six further columns, of which each selection is another shape.
 *
 * @param selections of columns in each table, at most 64
 */
record SmallTables(String prefix, int tables, int selections) {
  private static final int COLUMNS = 6;

  SmallTables {
    if (selections > 1 << COLUMNS) {
      throw new IllegalArgumentException("there are no " + selections + " selections");
    }
  }

  void create(BenchPostgres postgres) throws SQLException {
    for (int table = 0; table < tables; table++) {
      postgres.execute(
          """
          create table %1$s (id int primary key, c0 text, c1 text, c2 text, c3 text, c4 text, c5 text);
          insert into %1$s select n, 'zero', 'one', 'two', 'three', 'four', 'five' || n
            from generate_series(1, 10) n
          """
              .formatted(name(table)));
    }
  }

  int shapes() {
    return tables * selections;
  }

  /** The first requests for each shape, table after table, then the next selection. */
  List<String> paths() {
    return each((table, columns) ->
        new ShapeAddress(table).initial() + "&columns=" + String.join(",", columns));
  }

  /** The statements that copy the same, in the same order. */
  List<String> copies() {
    return each((table, columns) ->
        "copy (select %s from %s) to stdout".formatted(String.join(", ", columns), table));
  }

  @FunctionalInterface
  private interface Form {
    String of(String table, List<String> columns);
  }

  private List<String> each(Form form) {
    return IntStream.range(0, shapes())
        .mapToObj(i -> form.of(name(i % tables), columns(i / tables)))
        .toList();
  }

  private String name(int table) {
    return prefix + "_" + table;
  }

  private static List<String> columns(int selection) {
    return Stream.concat(
            Stream.of("id"),
            IntStream.range(0, COLUMNS)
                .filter(column -> (selection >> column & 1) == 1)
                .mapToObj(column -> "c" + column))
        .collect(Collectors.toList());
  }
}
