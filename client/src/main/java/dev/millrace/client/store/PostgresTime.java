package dev.millrace.client.store;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;

/**
 * Dates and times in their three forms: Java's, Postgres' text in ISO style and UTC (protocol
 * section 6.7), and the number that is stored. What Postgres calls infinity is the largest number,
 * what it calls -infinity the smallest.
 */
final class PostgresTime {

  private static final long MICROS = 1_000_000;
  private static final long DAY = 86_400 * MICROS;
  private static final String BEFORE_CHRIST = " BC";

  private PostgresTime() {}

  static Object days(LocalDate date) {
    if (date.equals(LocalDate.MAX)) {
      return Long.MAX_VALUE;
    }
    return date.equals(LocalDate.MIN) ? Long.MIN_VALUE : date.toEpochDay();
  }

  static LocalDate date(long days) {
    if (days == Long.MAX_VALUE) {
      return LocalDate.MAX;
    }
    return days == Long.MIN_VALUE ? LocalDate.MIN : LocalDate.ofEpochDay(days);
  }

  static Object days(String text) {
    return switch (text) {
      case "infinity" -> Long.MAX_VALUE;
      case "-infinity" -> Long.MIN_VALUE;
      default -> parsedDate(text).toEpochDay();
    };
  }

  /** {@code 2026-01-31}, {@code 12026-01-31} or {@code 0044-03-15 BC}. */
  private static LocalDate parsedDate(String text) {
    boolean isBefore = text.endsWith(BEFORE_CHRIST);
    String plain = isBefore ? text.substring(0, text.length() - BEFORE_CHRIST.length()) : text;
    int day = plain.lastIndexOf('-');
    int month = plain.lastIndexOf('-', day - 1);
    int year = Integer.parseInt(plain, 0, month, 10);
    return LocalDate.of(
        isBefore ? 1 - year : year,
        Integer.parseInt(plain, month + 1, day, 10),
        Integer.parseInt(plain, day + 1, plain.length(), 10));
  }

  static String dateText(long days) {
    if (days == Long.MAX_VALUE || days == Long.MIN_VALUE) {
      return infinity(days);
    }
    LocalDate date = LocalDate.ofEpochDay(days);
    return plain(date) + (date.getYear() <= 0 ? BEFORE_CHRIST : "");
  }

  private static String infinity(long value) {
    return value > 0 ? "infinity" : "-infinity";
  }

  private static String plain(LocalDate date) {
    int year = date.getYear() <= 0 ? 1 - date.getYear() : date.getYear();
    StringBuilder text = new StringBuilder(12);
    String digits = Integer.toString(year);
    text.append("0".repeat(Math.max(0, 4 - digits.length()))).append(digits).append('-');
    return two(two(text, date.getMonthValue()).append('-'), date.getDayOfMonth()).toString();
  }

  private static StringBuilder two(StringBuilder text, long value) {
    return text.append(value < 10 ? "0" : "").append(value);
  }

  static Object micros(LocalTime time) {
    return time.equals(LocalTime.MAX) ? DAY : time.toNanoOfDay() / 1000;
  }

  static LocalTime time(long micros) {
    return micros == DAY ? LocalTime.MAX : LocalTime.ofNanoOfDay(micros * 1000);
  }

  /** {@code 03:04:05.678}; {@code 24:00:00} too. */
  static Object timeMicros(String text) {
    long hours = Integer.parseInt(text, 0, 2, 10);
    long minutes = Integer.parseInt(text, 3, 5, 10);
    long seconds = Integer.parseInt(text, 6, 8, 10);
    long fraction = 0;
    if (text.length() > 9) {
      fraction = Long.parseLong((text.substring(9) + "000000").substring(0, 6));
    }
    return ((hours * 60 + minutes) * 60 + seconds) * MICROS + fraction;
  }

  static String timeText(long micros) {
    long seconds = micros / MICROS;
    StringBuilder text = new StringBuilder(16);
    two(two(two(text, seconds / 3600).append(':'), seconds / 60 % 60).append(':'), seconds % 60);
    long fraction = micros % MICROS;
    if (fraction != 0) {
      text.append('.').append(Long.toString(MICROS + fraction).substring(1));
    }
    return text.toString();
  }

  static Object micros(LocalDateTime time) {
    if (time.equals(LocalDateTime.MAX)) {
      return Long.MAX_VALUE;
    }
    if (time.equals(LocalDateTime.MIN)) {
      return Long.MIN_VALUE;
    }
    return Math.addExact(
        Math.multiplyExact(time.toLocalDate().toEpochDay(), DAY),
        time.toLocalTime().toNanoOfDay() / 1000);
  }

  static LocalDateTime dateTime(long micros) {
    if (micros == Long.MAX_VALUE) {
      return LocalDateTime.MAX;
    }
    if (micros == Long.MIN_VALUE) {
      return LocalDateTime.MIN;
    }
    return LocalDateTime.of(
        LocalDate.ofEpochDay(Math.floorDiv(micros, DAY)),
        LocalTime.ofNanoOfDay(Math.floorMod(micros, DAY) * 1000));
  }

  static Object micros(Instant instant) {
    if (instant.equals(Instant.MAX)) {
      return Long.MAX_VALUE;
    }
    if (instant.equals(Instant.MIN)) {
      return Long.MIN_VALUE;
    }
    return micros(LocalDateTime.ofInstant(instant, ZoneOffset.UTC));
  }

  static Instant instant(long micros) {
    if (micros == Long.MAX_VALUE) {
      return Instant.MAX;
    }
    return micros == Long.MIN_VALUE ? Instant.MIN : dateTime(micros).toInstant(ZoneOffset.UTC);
  }

  /** {@code 2026-01-31 03:04:05.678}, with {@code +00} or without, perhaps {@code BC}. */
  static Object micros(String text) {
    if (text.equals("infinity") || text.equals("-infinity")) {
      return text.startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    boolean isBefore = text.endsWith(BEFORE_CHRIST);
    String plain = isBefore ? text.substring(0, text.length() - BEFORE_CHRIST.length()) : text;
    plain = plain.endsWith("+00") ? plain.substring(0, plain.length() - 3) : plain;
    int middle = Math.max(plain.indexOf(' '), plain.indexOf('T'));
    String day = plain.substring(0, middle) + (isBefore ? BEFORE_CHRIST : "");
    return Math.addExact(
        Math.multiplyExact(parsedDate(day).toEpochDay(), DAY),
        (Long) timeMicros(plain.substring(middle + 1)));
  }

  static String timestampText(long micros) {
    return timestampText(micros, "");
  }

  static String timestampText(long micros, String zone) {
    if (micros == Long.MAX_VALUE || micros == Long.MIN_VALUE) {
      return infinity(micros);
    }
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(micros, DAY));
    return plain(date)
        + ' '
        + timeText(Math.floorMod(micros, DAY))
        + zone
        + (date.getYear() <= 0 ? BEFORE_CHRIST : "");
  }
}
