package dev.millrace.bench.run;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** What a benchmark found. One thread. */
public final class Report {
  private final String benchmark;
  private final List<List<String>> facts = new ArrayList<>();
  private final List<Comparison> comparisons = new ArrayList<>();
  private final List<List<String>> notes = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  Report(String benchmark) {
    this.benchmark = benchmark;
  }

  /** What was measured with: machine, versions, settings. */
  public void fact(String label, String text) {
    facts.add(List.of(label, text));
  }

  public void compare(Comparison comparison) {
    comparisons.add(comparison);
  }

  /** Compares the medians of rates, of which more is better, and notes the rounds of both. */
  public void compareRates(
      String subject,
      String unit,
      Values ours,
      String source,
      Values theirs,
      OptionalDouble target) {
    compare(
        Comparison.ratio(
            subject,
            Comparison.Figure.rate(ours.median(), unit),
            Comparison.Figure.rate(theirs.median(), unit),
            source,
            target));
    note(subject + ", " + unit + " each round", ours.list(Values::whole));
    note(source + " beside it", theirs.list(Values::whole));
  }

  /** Compares the medians of times in milliseconds and notes the rounds of both. */
  public void compareTimes(
      String subject, Values ours, String source, Values theirs, OptionalDouble target) {
    compare(
        Comparison.times(
            subject,
            Comparison.Figure.millis(ours.median()),
            Comparison.Figure.millis(theirs.median()),
            source,
            target));
    note(subject + ", ms each round", ours.list(Values::whole));
    note(source + " beside it", theirs.list(Values::whole));
  }

  /** A further figure, or something a reader should know. */
  public void note(String label, String text) {
    notes.add(List.of(label, text));
  }

  /** Something went wrong: the figures are not to be trusted. */
  public void problem(String text) {
    problems.add(text);
  }

  /** A problem if the two differ. */
  public void expect(String subject, long expected, long found) {
    if (expected != found) {
      problem("%s: %,d instead of %,d".formatted(subject, found, expected));
    }
  }

  boolean isSound() {
    return problems.isEmpty();
  }

  /** As a person reads it. */
  String text() {
    return "\n%s\n%s\n%s\n%s%s"
        .formatted(
            benchmark,
            new TextColumns(facts),
            new TextColumns(table()),
            new TextColumns(notes),
            problems.stream().map(p -> "  WRONG: " + p + "\n").collect(Collectors.joining()));
  }

  private List<List<String>> table() {
    List<List<String>> table = new ArrayList<>();
    table.add(List.of("", "Millrace", "yardstick", "result", "target", ""));
    for (Comparison c : comparisons) {
      table.add(
          List.of(c.subject(), c.measured(), c.yardstick(), c.result(), c.target(), c.verdict()));
    }
    return table;
  }

  /** A line for the table in docs/benchmarks.md: date, benchmark, figures. */
  String markdown(LocalDate date) {
    String figures =
        comparisons.stream().map(Comparison::inWords).collect(Collectors.joining("<br>"));
    return "| %s | %s | %s |".formatted(date, benchmark, figures);
  }
}
