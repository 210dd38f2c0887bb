package dev.millrace.dev;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows as a person reads them: aligned columns under their names. SQL's null is an empty cell. */
record TextTable(List<String> names, List<List<String>> rows) {
  TextTable {
    names = List.copyOf(names);
    rows = List.copyOf(rows);
  }

  /** All rows of a result. */
  static TextTable of(ResultSet result) throws SQLException {
    ResultSetMetaData columns = result.getMetaData();
    List<String> names = new ArrayList<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      names.add(columns.getColumnLabel(i));
    }
    List<List<String>> rows = new ArrayList<>();
    while (result.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= names.size(); i++) {
        String value = result.getString(i);
        row.add(value == null ? "" : value.replace("\n", "\\n"));
      }
      rows.add(row);
    }
    return new TextTable(names, rows);
  }

  @Override
  public String toString() {
    List<Integer> widths = IntStream.range(0, names.size()).mapToObj(this::width).toList();
    StringBuilder text = new StringBuilder(line(names, widths));
    text.append(
        widths.stream().map(width -> "-".repeat(width + 2)).collect(Collectors.joining("+")));
    text.append('\n');
    rows.forEach(row -> text.append(line(row, widths)));
    return text.append(rows.size() == 1 ? "(1 row)\n" : "(" + rows.size() + " rows)\n").toString();
  }

  private int width(int column) {
    return rows.stream()
        .mapToInt(row -> length(row.get(column)))
        .reduce(length(names.get(column)), Math::max);
  }

  private static String line(List<String> cells, List<Integer> widths) {
    return IntStream.range(0, cells.size())
        .mapToObj(i -> " " + cells.get(i) + " ".repeat(widths.get(i) - length(cells.get(i)) + 1))
        .collect(Collectors.joining("|", "", "\n"));
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
