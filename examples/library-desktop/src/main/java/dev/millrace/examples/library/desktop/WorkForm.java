package dev.millrace.examples.library.desktop;

import dev.millrace.examples.library.Work;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What stands in the editor's fields. */
record WorkForm(String title, String author, String year, String language) {

  static final WorkForm EMPTY = new WorkForm("", "", "", "");

  static WorkForm of(Work work) {
    return new WorkForm(
        work.title(), text(work.author()), text(work.year()), text(work.language()));
  }

  private static String text(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  /** Why it cannot be saved; what else there may be against it the server says. */
  Optional<String> problem() {
    if (title.isBlank()) {
      return Optional.of("A work needs a title.");
    }
    if (!year.isBlank() && !isNumber(year.strip())) {
      return Optional.of("The year is a whole number, negative for BC, or empty.");
    }
    return Optional.empty();
  }

  private static boolean isNumber(String text) {
    try {
      return Integer.toString(Integer.parseInt(text)).length() > 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** A new work; the form has no problem. */
  Work work() {
    return on(new Work(UUID.randomUUID(), null, title, null, null, null, null, null, null));
  }

  /** The work with these values; the form has no problem. */
  Work on(Work work) {
    return new Work(
        work.id(),
        work.ownerId(),
        title.strip(),
        value(author),
        year.isBlank() ? null : Integer.valueOf(year.strip()),
        value(language),
        work.createdAt(),
        work.updatedAt(),
        work.openedAt());
  }

  private static @Nullable String value(String text) {
    return text.isBlank() ? null : text.strip();
  }

  /** What a person has changed since {@code loaded} stays; the rest is as it is {@code now}. */
  WorkForm rebased(WorkForm loaded, WorkForm now) {
    return new WorkForm(
        title.equals(loaded.title) ? now.title : title,
        author.equals(loaded.author) ? now.author : author,
        year.equals(loaded.year) ? now.year : year,
        language.equals(loaded.language) ? now.language : language);
  }
}
