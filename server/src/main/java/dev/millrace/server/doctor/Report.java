package dev.millrace.server.doctor;

import dev.millrace.protocol.JsonText;
import dev.millrace.server.doctor.Finding.Level;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All findings of one examination, in the order they were made.
 *
 * @param isConnected whether there was a Postgres to look at
 */
public record Report(boolean isConnected, List<Finding> findings) {

  public static final int HEALTHY = 0;
  public static final int TO_BE_MENDED = 1;
  public static final int NOT_EXAMINED = 2;

  public Report {
    findings = List.copyOf(findings);
  }

  /** What the process ends with. Warnings leave it healthy. */
  public int exitCode() {
    if (!isConnected) {
      return NOT_EXAMINED;
    }
    return count(Level.PROBLEM) == 0 ? HEALTHY : TO_BE_MENDED;
  }

  private long count(Level level) {
    return findings.stream().filter(finding -> finding.level() == level).count();
  }

  /** A line for each finding, below it what mends it, and a last line that sums up. */
  public String text() {
    return findings.stream().flatMap(Report::lines).collect(Collectors.joining("\n"))
        + "\n\n"
        + summary()
        + "\n";
  }

  private static Stream<String> lines(Finding finding) {
    String head =
        "%-8s %-22s %s".formatted(word(finding.level()), finding.subject(), finding.text());
    Stream<String> statements = finding.mend().stream().map(sql -> "           " + sql + ";");
    Stream<String> then =
        finding.then().isEmpty() ? Stream.of() : Stream.of("           " + finding.then());
    return Stream.of(Stream.of(head), statements, then).flatMap(part -> part);
  }

  private static String word(Level level) {
    return level.name().toLowerCase(Locale.ROOT);
  }

  private String summary() {
    if (!isConnected) {
      return "Could not look.";
    }
    String warnings = counted(count(Level.WARNING), "warning");
    return count(Level.PROBLEM) == 0
        ? "Healthy, with " + warnings + "."
        : "To be mended: " + counted(count(Level.PROBLEM), "problem") + ", " + warnings + ".";
  }

  private static String counted(long number, String noun) {
    return switch ((int) number) {
      case 0 -> "no " + noun;
      case 1 -> "1 " + noun;
      default -> number + " " + noun + "s";
    };
  }

  /** The same for programs: one object with the findings in an array. */
  public String json() {
    return findings.stream()
            .map(Report::json)
            .collect(
                Collectors.joining(
                    ",\n", "{\"healthy\":" + (exitCode() == HEALTHY) + ",\"findings\":[\n", "\n]}"))
        + "\n";
  }

  private static String json(Finding finding) {
    return "{\"level\":%s,\"subject\":%s,\"text\":%s,\"mend\":[%s],\"then\":%s}"
        .formatted(
            JsonText.quote(word(finding.level())),
            JsonText.quote(finding.subject()),
            JsonText.quote(finding.text()),
            finding.mend().stream().map(JsonText::quote).collect(Collectors.joining(",")),
            JsonText.quote(finding.then()));
  }
}
