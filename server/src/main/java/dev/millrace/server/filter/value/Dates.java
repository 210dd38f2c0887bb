package dev.millrace.server.filter.value;

import java.time.LocalDate;

/**
 * Dates, times and timestamps. A date is the days since 2000-01-01, a timestamp the microseconds
 * since that day began (in UTC, if it has a zone), {@link Long#MAX_VALUE} and {@link
 * Long#MIN_VALUE} the infinities of both, a time the microseconds since midnight. The text forms
 * are those of {@code DateStyle = ISO} and {@code TimeZone = UTC}.
 */
final class Dates {

  static final long INFINITY = Long.MAX_VALUE;
  static final long MINUS_INFINITY = Long.MIN_VALUE;

  static final long MICROS_PER_SECOND = 1_000_000;
  static final long MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND;
  static final long MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE;
  static final long MICROS_PER_DAY = 24 * MICROS_PER_HOUR;

  /** Days from 1970 to 2000. */
  static final long EPOCH_DAY = 10_957;

  /** The Julian day of 2000-01-01. */
  static final long JULIAN_EPOCH = 2_451_545;

  private static final long FIRST_DATE = -JULIAN_EPOCH;
  private static final long END_OF_DATES = 2_147_483_494L - JULIAN_EPOCH;
  private static final long FIRST_TIMESTAMP = -211_813_488_000_000_000L;
  private static final long END_OF_TIMESTAMPS = 9_223_371_331_200_000_000L;

  private Dates() {}

  static boolean isInfinite(long value) {
    return value == INFINITY || value == MINUS_INFINITY;
  }

  /** The date or an error. */
  static Long date(long days) {
    if (!isInfinite(days) && (days < FIRST_DATE || days >= END_OF_DATES)) {
      throw EvaluationException.outOfRange(Type.DATE);
    }
    return days;
  }

  /** The timestamp or an error. */
  static Long timestamp(long micros) {
    if (!isInfinite(micros) && (micros < FIRST_TIMESTAMP || micros >= END_OF_TIMESTAMPS)) {
      throw EvaluationException.outOfRange(Type.TIMESTAMP);
    }
    return micros;
  }

  static Long date(LocalDate date) {
    return date(date.toEpochDay() - EPOCH_DAY);
  }

  static LocalDate localDate(long days) {
    return LocalDate.ofEpochDay(days + EPOCH_DAY);
  }

  static Long midnight(long days) {
    if (isInfinite(days)) {
      return days;
    }
    if (days >= END_OF_TIMESTAMPS / MICROS_PER_DAY) {
      throw EvaluationException.outOfRange(Type.TIMESTAMP);
    }
    return timestamp(days * MICROS_PER_DAY);
  }

  static Long dateOf(long timestamp) {
    return isInfinite(timestamp) ? timestamp : Math.floorDiv(timestamp, MICROS_PER_DAY);
  }

  static long timeOf(long timestamp) {
    return Math.floorMod(timestamp, MICROS_PER_DAY);
  }

  /**
   * A date is compared with a timestamp as the midnight it begins with, which is beyond the last
   * timestamp for late ones.
   */
  static int compareDateWithTimestamp(long days, long timestamp) {
    if (isInfinite(days) || isInfinite(timestamp)) {
      return Long.compare(days, timestamp);
    }
    if (days >= END_OF_TIMESTAMPS / MICROS_PER_DAY) {
      return 1;
    }
    return Long.compare(days * MICROS_PER_DAY, timestamp);
  }

  static Long parseDate(String text) {
    return switch (text) {
      case "infinity" -> INFINITY;
      case "-infinity" -> MINUS_INFINITY;
      default -> parseDate(withoutEra(text), text.endsWith(" BC"));
    };
  }

  private static String withoutEra(String text) {
    return text.endsWith(" BC") ? text.substring(0, text.length() - 3) : text;
  }

  private static Long parseDate(String date, boolean isBeforeChrist) {
    int month = date.length() - 5;
    int year = Integer.parseInt(date, 0, month - 1, 10);
    return date(
        LocalDate.of(
            isBeforeChrist ? 1 - year : year,
            Integer.parseInt(date, month, month + 2, 10),
            Integer.parseInt(date, month + 3, month + 5, 10)));
  }

  static String printDate(long days) {
    if (isInfinite(days)) {
      return infinity(days);
    }
    return isoDate(days) + era(days);
  }

  private static String infinity(long value) {
    return value == INFINITY ? "infinity" : "-infinity";
  }

  private static String isoDate(long days) {
    LocalDate date = localDate(days);
    int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
    StringBuilder out = new StringBuilder();
    pad(out, year, 4).append('-');
    pad(out, date.getMonthValue(), 2).append('-');
    return pad(out, date.getDayOfMonth(), 2).toString();
  }

  private static String era(long days) {
    return localDate(days).getYear() > 0 ? "" : " BC";
  }

  private static StringBuilder pad(StringBuilder out, long number, int digits) {
    String text = Long.toString(number);
    return out.repeat('0', Math.max(0, digits - text.length())).append(text);
  }

  /** With a zone or without: if there is one, it is UTC. */
  static Long parseTimestamp(String text) {
    return switch (text) {
      case "infinity" -> INFINITY;
      case "-infinity" -> MINUS_INFINITY;
      default -> {
        String plain = withoutEra(text);
        int space = plain.indexOf(' ');
        String time = plain.substring(space + 1);
        String local = time.endsWith("+00") ? time.substring(0, time.length() - 3) : time;
        long days = parseDate(plain.substring(0, space), text.endsWith(" BC"));
        yield timestamp(days * MICROS_PER_DAY + parseTime(local));
      }
    };
  }

  static String printTimestamp(long micros, boolean withZone) {
    if (isInfinite(micros)) {
      return infinity(micros);
    }
    long days = dateOf(micros);
    return isoDate(days) + " " + printTime(timeOf(micros)) + (withZone ? "+00" : "") + era(days);
  }

  /** {@code 12:34:56.789}. */
  static Long parseTime(String text) {
    long micros =
        Integer.parseInt(text, 0, 2, 10) * MICROS_PER_HOUR
            + Integer.parseInt(text, 3, 5, 10) * MICROS_PER_MINUTE
            + Integer.parseInt(text, 6, 8, 10) * MICROS_PER_SECOND;
    return text.length() == 8 ? micros : micros + fraction(text.substring(9));
  }

  private static long fraction(String digits) {
    long micros = Long.parseLong(digits);
    for (int i = digits.length(); i < 6; i++) {
      micros *= 10;
    }
    return micros;
  }

  static String printTime(long micros) {
    StringBuilder out = new StringBuilder();
    pad(out, micros / MICROS_PER_HOUR, 2).append(':');
    pad(out, micros / MICROS_PER_MINUTE % 60, 2).append(':');
    pad(out, micros / MICROS_PER_SECOND % 60, 2);
    addFraction(out, micros % MICROS_PER_SECOND);
    return out.toString();
  }

  /** Of a second, without zeros at the end. */
  static void addFraction(StringBuilder out, long micros) {
    if (micros != 0) {
      int end = pad(out.append('.'), micros, 6).length();
      while (out.charAt(end - 1) == '0') {
        end--;
      }
      out.setLength(end);
    }
  }

  static Long minus(long timestamp, Interval interval) {
    return plus(timestamp, interval.negated());
  }

  static Long plus(long timestamp, Interval interval) {
    if (isInfinite(timestamp) || !interval.isFinite()) {
      return plusInfinity(timestamp, interval);
    }
    long micros = timestamp;
    if (interval.months() != 0) {
      micros = midnight(localDate(dateOf(micros)).plusMonths(interval.months())) + timeOf(micros);
      timestamp(micros);
    }
    if (interval.days() != 0) {
      micros = addDays(micros, interval.days());
    }
    return addMicros(micros, interval.micros());
  }

  private static long addDays(long micros, long days) {
    long day = dateOf(micros) + days;
    if (day < FIRST_DATE || day > END_OF_TIMESTAMPS / MICROS_PER_DAY) {
      throw EvaluationException.outOfRange(Type.TIMESTAMP);
    }
    return timestamp(day * MICROS_PER_DAY + timeOf(micros));
  }

  private static long midnight(LocalDate date) {
    long days = date.toEpochDay() - EPOCH_DAY;
    if (days < FIRST_DATE || days > END_OF_TIMESTAMPS / MICROS_PER_DAY) {
      throw EvaluationException.outOfRange(Type.TIMESTAMP);
    }
    return days * MICROS_PER_DAY;
  }

  private static Long addMicros(long timestamp, long micros) {
    long sum = timestamp + micros;
    if (((timestamp ^ sum) & (micros ^ sum)) < 0 || isInfinite(sum)) {
      throw EvaluationException.outOfRange(Type.TIMESTAMP);
    }
    return timestamp(sum);
  }

  private static Long plusInfinity(long timestamp, Interval interval) {
    if (interval.isFinite()) {
      return timestamp;
    }
    long infinity = interval.sign() > 0 ? INFINITY : MINUS_INFINITY;
    if (isInfinite(timestamp) && timestamp != infinity) {
      throw EvaluationException.outOfRange(Type.TIMESTAMP);
    }
    return infinity;
  }

  /** The days and the time between two finite timestamps. */
  static Interval between(long later, long earlier) {
    long difference = later - earlier;
    if (((later ^ earlier) & (later ^ difference)) < 0) {
      throw EvaluationException.outOfRange(Type.INTERVAL);
    }
    return new Interval(0, 0, difference).withHoursJustified();
  }

  /** The years, months, days and time between two finite timestamps. */
  static Interval age(long later, long earlier) {
    if (later < earlier) {
      return age(earlier, later, -1);
    }
    return age(later, earlier, 1);
  }

  private static Interval age(long later, long earlier, int sign) {
    LocalDate to = localDate(dateOf(later));
    LocalDate from = localDate(dateOf(earlier));
    long micros = timeOf(later) - timeOf(earlier);
    long days = (long) to.getDayOfMonth() - from.getDayOfMonth();
    long months = 12L * (to.getYear() - from.getYear()) + to.getMonthValue() - from.getMonthValue();
    if (micros < 0) {
      micros += MICROS_PER_DAY;
      days--;
    }
    while (days < 0) {
      // The month that is borrowed from is that of the earlier one, of either sign.
      days += (sign < 0 ? to : from).lengthOfMonth();
      months--;
    }
    return new Interval((int) (sign * months), (int) (sign * days), sign * micros);
  }
}
