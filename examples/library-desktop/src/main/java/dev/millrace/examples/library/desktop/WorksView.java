package dev.millrace.examples.library.desktop;

import dev.millrace.examples.library.Work;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Which works are listed, and how.
 *
 * @param search words that each have to be in what is shown of a work, whatever their case
 */
record WorksView(String search, WorkColumn column, boolean isAscending) {

  static final WorksView START = new WorksView("", WorkColumn.TITLE, true);

  WorksView search(String words) {
    return new WorksView(words, column, isAscending);
  }

  /** By this column; the other way round if it is the one already. */
  WorksView toggled(WorkColumn next) {
    return new WorksView(search, next, next != column || !isAscending);
  }

  List<Work> of(List<Work> works) {
    List<String> words =
        Stream.of(search.toLowerCase(Locale.ROOT).split("\\s+"))
            .filter(word -> !word.isEmpty())
            .toList();
    return works.stream().filter(work -> has(work, words)).sorted(order()).toList();
  }

  private Comparator<Work> order() {
    Comparator<Work> chosen = isAscending ? column.order() : column.order().reversed();
    return chosen.thenComparing(WorkColumn.TITLE.order()).thenComparing(Work::id);
  }

  private static boolean has(Work work, List<String> words) {
    if (words.isEmpty()) {
      return true;
    }
    WorkForm form = WorkForm.of(work);
    String text = String.join("\n", form.title(), form.author(), form.year(), form.language());
    String shown = text.toLowerCase(Locale.ROOT);
    return words.stream().allMatch(shown::contains);
  }
}
