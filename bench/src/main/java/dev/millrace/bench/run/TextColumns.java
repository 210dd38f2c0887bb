package dev.millrace.bench.run;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Lines of cells, aligned. */
record TextColumns(List<List<String>> lines) {
  TextColumns {
    lines = lines.stream().map(List::copyOf).toList();
  }

  @Override
  public String toString() {
    int count = lines.stream().mapToInt(List::size).max().orElse(0);
    List<Integer> widths = IntStream.range(0, count).mapToObj(this::width).toList();
    return lines.stream().map(line -> text(line, widths)).collect(Collectors.joining());
  }

  private int width(int column) {
    return lines.stream()
        .filter(line -> line.size() > column)
        .mapToInt(line -> line.get(column).length())
        .max()
        .orElse(0);
  }

  private static String text(List<String> line, List<Integer> widths) {
    return IntStream.range(0, line.size())
            .mapToObj(i -> line.get(i) + " ".repeat(widths.get(i) - line.get(i).length()))
            .collect(Collectors.joining("   ", "  ", ""))
            .stripTrailing()
        + "\n";
  }
}
