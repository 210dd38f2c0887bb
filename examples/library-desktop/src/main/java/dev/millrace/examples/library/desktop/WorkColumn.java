package dev.millrace.examples.library.desktop;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsLast;

import dev.millrace.examples.library.Work;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is shown and edited of a work. */
enum WorkColumn {
  TITLE("Title", 260),
  AUTHOR("Author", 180),
  YEAR("Year", 70),
  LANGUAGE("Language", 80);

  /** In the order of the table's columns. */
  static final List<WorkColumn> ALL = List.of(values());

  private final String label;
  private final int width;

  WorkColumn(String label, int width) {
    this.label = label;
    this.width = width;
  }

  String label() {
    return label;
  }

  /** In pixels, beside those of the others. */
  int width() {
    return width;
  }

  /** What the table calls it. */
  String column() {
    return label.toLowerCase(Locale.ROOT);
  }

  @Nullable Object value(Work work) {
    return switch (this) {
      case TITLE -> work.title();
      case AUTHOR -> work.author();
      case YEAR -> work.year();
      case LANGUAGE -> work.language();
    };
  }

  /** Works without a value come last. */
  Comparator<Work> order() {
    return switch (this) {
      case TITLE -> text(Work::title);
      case AUTHOR -> text(Work::author);
      case YEAR -> comparing(Work::year, nullsLast(naturalOrder()));
      case LANGUAGE -> text(Work::language);
    };
  }

  private static Comparator<Work> text(Function<Work, @Nullable String> value) {
    return comparing(value, nullsLast(String.CASE_INSENSITIVE_ORDER));
  }
}
