package dev.millrace.bench.run;

/**
 * A line of a report: what Millrace did, what its yardstick did, and how the one stands to the
 * other.
 */
public record Comparison(
    String subject,
    String measured,
    String yardstick,
    String result,
    String target,
    boolean isMet) {

  /** A measured value with its text, such as {@code 12 MB/s} or {@code 1.30 ms p50}. */
  public record Figure(double value, String text) {
    public static Figure rate(double value, String unit) {
      return new Figure(value, Values.whole(value) + " " + unit);
    }

    Figure from(String source) {
      return new Figure(value, text + " " + source);
    }
  }

  /** More is better: the target is a share of the yardstick. */
  public static Comparison ratio(
      String subject, Figure measured, Figure yardstick, String source, double target) {
    double ratio = measured.value() / yardstick.value();
    return new Comparison(
        subject,
        measured.text(),
        yardstick.from(source).text(),
        Values.decimal(ratio),
        "at least " + Values.decimal(target),
        ratio >= target);
  }

  /** Less is better: the target is a distance from the yardstick, in milliseconds. */
  public static Comparison distance(
      String subject, Figure measured, Figure yardstick, String source, double target) {
    double distance = measured.value() - yardstick.value();
    return new Comparison(
        subject,
        measured.text(),
        yardstick.from(source).text(),
        "%+.2f ms".formatted(distance),
        "at most +" + Values.decimal(target) + " ms",
        distance <= target);
  }

  String verdict() {
    return isMet ? "met" : "MISSED";
  }

  /** For a table in the documentation. */
  String inWords() {
    return "%s: %s, %s, **%s** (%s, %s)"
        .formatted(subject, measured, yardstick, result, target, isMet ? "met" : "missed");
  }
}
