package dev.millrace.server.filter.value;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A value of type interval: months, days and microseconds, which do not add up to one another, or
 * an infinity (Postgres 17). Immutable. Comparison and {@code equals} take a month for 30 days and
 * a day for 24 hours. The text form is that of {@code IntervalStyle = iso_8601}.
 */
record Interval(int months, int days, long micros) implements Comparable<Interval> {

  static final Interval INFINITY =
      new Interval(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE);
  static final Interval MINUS_INFINITY =
      new Interval(Integer.MIN_VALUE, Integer.MIN_VALUE, Long.MIN_VALUE);

  private static final long SECONDS_PER_DAY = 86_400;
  private static final int DAYS_PER_MONTH = 30;
  private static final int MONTHS_PER_YEAR = 12;

  private static final Pattern ISO =
      Pattern.compile(
          "P(?:(-?\\d+)Y)?(?:(-?\\d+)M)?(?:(-?\\d+)D)?"
              + "(?:T(?:(-?\\d+)H)?(?:(-?\\d+)M)?(?:(-?)(\\d+)(?:\\.(\\d+))?S)?)?");

  static Interval parse(String text) {
    if (text.endsWith("infinity")) {
      return text.startsWith("-") ? MINUS_INFINITY : INFINITY;
    }
    Matcher parts = ISO.matcher(text);
    if (!parts.matches()) {
      throw EvaluationException.badText(Type.INTERVAL, text);
    }
    long months = number(parts.group(1)) * MONTHS_PER_YEAR + number(parts.group(2));
    long micros =
        number(parts.group(4)) * Dates.MICROS_PER_HOUR
            + number(parts.group(5)) * Dates.MICROS_PER_MINUTE;
    long seconds = number(parts.group(7)) * Dates.MICROS_PER_SECOND + fraction(parts.group(8));
    return new Interval(
        Math.toIntExact(months),
        Math.toIntExact(number(parts.group(3))),
        "-".equals(parts.group(6)) ? micros - seconds : micros + seconds);
  }

  private static long number(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  private static long fraction(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong((digits + "00000").substring(0, 6));
  }

  String print() {
    if (!isFinite()) {
      return sign() > 0 ? "infinity" : "-infinity";
    }
    StringBuilder out = new StringBuilder("P");
    part(out, months / MONTHS_PER_YEAR, 'Y');
    part(out, months % MONTHS_PER_YEAR, 'M');
    part(out, days, 'D');
    if (micros != 0) {
      out.append('T');
      part(out, micros / Dates.MICROS_PER_HOUR, 'H');
      part(out, micros / Dates.MICROS_PER_MINUTE % 60, 'M');
      printSeconds(out, micros % Dates.MICROS_PER_MINUTE);
    }
    return out.length() == 1 ? "PT0S" : out.toString();
  }

  private static void part(StringBuilder out, long number, char unit) {
    if (number != 0) {
      out.append(number).append(unit);
    }
  }

  private static void printSeconds(StringBuilder out, long micros) {
    if (micros != 0) {
      out.append(micros < 0 ? "-" : "").append(Math.abs(micros / Dates.MICROS_PER_SECOND));
      Dates.addFraction(out, Math.abs(micros % Dates.MICROS_PER_SECOND));
      out.append('S');
    }
  }

  boolean isFinite() {
    return !isSame(INFINITY) && !isSame(MINUS_INFINITY);
  }

  private boolean isSame(Interval other) {
    return months == other.months && days == other.days && micros == other.micros;
  }

  /** -1, 0 or 1. */
  int sign() {
    return compareTo(new Interval(0, 0, 0));
  }

  private long wholeDays() {
    return months * (long) DAYS_PER_MONTH + days + Math.floorDiv(micros, Dates.MICROS_PER_DAY);
  }

  @Override
  public int compareTo(Interval other) {
    int byDays = Long.compare(wholeDays(), other.wholeDays());
    return byDays != 0
        ? byDays
        : Long.compare(
            Math.floorMod(micros, Dates.MICROS_PER_DAY),
            Math.floorMod(other.micros, Dates.MICROS_PER_DAY));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Interval interval && compareTo(interval) == 0;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(wholeDays() * 31 + Math.floorMod(micros, Dates.MICROS_PER_DAY));
  }

  /** One that is not infinite, or an error. */
  private static Interval finite(long months, long days, long micros) {
    if (months != (int) months || days != (int) days) {
      throw EvaluationException.outOfRange(Type.INTERVAL);
    }
    Interval result = new Interval((int) months, (int) days, micros);
    if (!result.isFinite()) {
      throw EvaluationException.outOfRange(Type.INTERVAL);
    }
    return result;
  }

  Interval plus(Interval other) {
    if (!isFinite() || !other.isFinite()) {
      return plusInfinity(other);
    }
    long sum = micros + other.micros;
    if (((micros ^ sum) & (other.micros ^ sum)) < 0) {
      throw EvaluationException.outOfRange(Type.INTERVAL);
    }
    return finite((long) months + other.months, (long) days + other.days, sum);
  }

  private Interval plusInfinity(Interval other) {
    if (!isFinite() && !other.isFinite() && !isSame(other)) {
      throw EvaluationException.outOfRange(Type.INTERVAL);
    }
    return isFinite() ? other : this;
  }

  Interval minus(Interval other) {
    if (!other.isFinite()) {
      return plusInfinity(other.isSame(INFINITY) ? MINUS_INFINITY : INFINITY);
    }
    if (!isFinite()) {
      return this;
    }
    long difference = micros - other.micros;
    if (((micros ^ other.micros) & (micros ^ difference)) < 0) {
      throw EvaluationException.outOfRange(Type.INTERVAL);
    }
    return finite((long) months - other.months, (long) days - other.days, difference);
  }

  Interval negated() {
    if (isFinite()) {
      return new Interval(0, 0, 0).minus(this);
    }
    return isSame(INFINITY) ? MINUS_INFINITY : INFINITY;
  }

  /** Fractions of months become days, those of days become time, in floating point. */
  Interval times(double factor) {
    requireFinite();
    return scaled(months * factor, days * factor, micros * factor);
  }

  Interval dividedBy(double factor) {
    if (factor == 0) {
      throw new EvaluationException("division by zero");
    }
    requireFinite();
    return scaled(months / factor, days / factor, micros / factor);
  }

  private void requireFinite() {
    if (!isFinite()) {
      throw EvaluationException.outOfRange(Type.INTERVAL);
    }
  }

  private static Interval scaled(double monthsExact, double daysExact, double microsExact) {
    int months = toInt(monthsExact);
    int days = toInt(daysExact);
    double daysOfMonths = toMicros((monthsExact - months) * DAYS_PER_MONTH);
    double seconds =
        toMicros((daysExact - days + daysOfMonths - (int) daysOfMonths) * SECONDS_PER_DAY);
    long allDays = days;
    if (Math.abs(seconds) >= SECONDS_PER_DAY) {
      allDays += (int) (seconds / SECONDS_PER_DAY);
      seconds -= (double) ((int) (seconds / SECONDS_PER_DAY)) * SECONDS_PER_DAY;
    }
    double micros = Math.rint(microsExact + seconds * Dates.MICROS_PER_SECOND);
    if (!(micros >= -0x1p63 && micros < 0x1p63)) {
      throw EvaluationException.outOfRange(Type.INTERVAL);
    }
    return finite(months, allDays + (int) daysOfMonths, (long) micros);
  }

  private static int toInt(double value) {
    if (!(value >= Integer.MIN_VALUE && value < 0x1p31)) {
      throw EvaluationException.outOfRange(Type.INTERVAL);
    }
    return (int) value;
  }

  /** Rounded to six decimals. */
  private static double toMicros(double value) {
    return Math.rint(value * Dates.MICROS_PER_SECOND) / Dates.MICROS_PER_SECOND;
  }

  /** 24 hours are made a day, and the signs of both the same. */
  Interval withHoursJustified() {
    if (!isFinite()) {
      return this;
    }
    long allDays = days + micros / Dates.MICROS_PER_DAY;
    long rest = micros % Dates.MICROS_PER_DAY;
    if (allDays > 0 && rest < 0) {
      return finite(months, allDays - 1, rest + Dates.MICROS_PER_DAY);
    }
    if (allDays < 0 && rest > 0) {
      return finite(months, allDays + 1, rest - Dates.MICROS_PER_DAY);
    }
    return finite(months, allDays, rest);
  }

  /** 30 days are made a month, and the signs of both the same. */
  Interval withDaysJustified() {
    if (!isFinite()) {
      return this;
    }
    long allMonths = months + (long) (days / DAYS_PER_MONTH);
    long rest = days % DAYS_PER_MONTH;
    if (allMonths > 0 && rest < 0) {
      return finite(allMonths - 1, rest + DAYS_PER_MONTH, micros);
    }
    if (allMonths < 0 && rest > 0) {
      return finite(allMonths + 1, rest - DAYS_PER_MONTH, micros);
    }
    return finite(allMonths, rest, micros);
  }
}
