package dev.millrace.bench.run;

import java.util.OptionalDouble;

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
  private static final String NO_TARGET = "";

  /** A measured value with its text, such as {@code 12 MB/s} or {@code 1.30 ms p50}. */
  public record Figure(double value, String text) {
    public static Figure rate(double value, String unit) {
      return new Figure(value, Values.whole(value) + " " + unit);
    }

    public static Figure millis(double value) {
      return new Figure(value, Values.decimal(value) + " ms");
    }

    Figure from(String source) {
      return new Figure(value, text + " " + source);
    }
  }

  /** More is better: the target, if there is one, is a share of the yardstick. */
  public static Comparison ratio(
      String subject, Figure measured, Figure yardstick, String source, OptionalDouble target) {
    double ratio = measured.value() / yardstick.value();
    return new Comparison(
        subject,
        measured.text(),
        yardstick.from(source).text(),
        Values.decimal(ratio),
        target.isPresent() ? "at least " + Values.decimal(target.getAsDouble()) : NO_TARGET,
        ratio >= target.orElse(0));
  }

  /** Less is better: the target, if there is one, is how many times the yardstick it may be. */
  public static Comparison times(
      String subject, Figure measured, Figure yardstick, String source, OptionalDouble target) {
    double ratio = measured.value() / yardstick.value();
    return new Comparison(
        subject,
        measured.text(),
        yardstick.from(source).text(),
        Values.decimal(ratio) + " times",
        target.isPresent()
            ? "at most %s times".formatted(Values.decimal(target.getAsDouble()))
            : NO_TARGET,
        ratio <= target.orElse(Double.MAX_VALUE));
  }

  /** A bound that no yardstick moves. */
  public static Comparison bound(String subject, Figure measured, String against, Figure bound) {
    return new Comparison(
        subject,
        measured.text(),
        against,
        measured.text(),
        "at most " + bound.text(),
        measured.value() <= bound.value());
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
    if (target.equals(NO_TARGET)) {
      return "";
    }
    return isMet ? "met" : "MISSED";
  }

  /** For a table in the documentation. */
  String inWords() {
    String words = "%s: %s, %s, **%s**".formatted(subject, measured, yardstick, result);
    return target.equals(NO_TARGET)
        ? words
        : "%s (%s, %s)".formatted(words, target, isMet ? "met" : "missed");
  }
}
