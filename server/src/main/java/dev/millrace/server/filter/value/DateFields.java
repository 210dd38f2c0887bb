package dev.millrace.server.filter.value;

import static dev.millrace.server.filter.value.Functions.integer;
import static dev.millrace.server.filter.value.Functions.value;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Parts of dates and times: {@code extract}, {@code date_part} and {@code date_trunc}, for fields
 * that a constant names in one of the usual ways.
 */
final class DateFields {

  private enum Field {
    MICROSECONDS,
    MILLISECONDS,
    SECOND,
    MINUTE,
    HOUR,
    DAY,
    WEEK,
    MONTH,
    QUARTER,
    YEAR,
    DECADE,
    CENTURY,
    MILLENNIUM,
    ISOYEAR,
    DOW,
    ISODOW,
    DOY,
    JULIAN,
    EPOCH
  }

  private static final Map<String, Field> NAMES =
      Map.ofEntries(
          Map.entry("microsecond", Field.MICROSECONDS),
          Map.entry("microseconds", Field.MICROSECONDS),
          Map.entry("millisecond", Field.MILLISECONDS),
          Map.entry("milliseconds", Field.MILLISECONDS),
          Map.entry("second", Field.SECOND),
          Map.entry("seconds", Field.SECOND),
          Map.entry("minute", Field.MINUTE),
          Map.entry("minutes", Field.MINUTE),
          Map.entry("hour", Field.HOUR),
          Map.entry("hours", Field.HOUR),
          Map.entry("day", Field.DAY),
          Map.entry("days", Field.DAY),
          Map.entry("week", Field.WEEK),
          Map.entry("month", Field.MONTH),
          Map.entry("months", Field.MONTH),
          Map.entry("quarter", Field.QUARTER),
          Map.entry("year", Field.YEAR),
          Map.entry("years", Field.YEAR),
          Map.entry("decade", Field.DECADE),
          Map.entry("century", Field.CENTURY),
          Map.entry("millennium", Field.MILLENNIUM),
          Map.entry("isoyear", Field.ISOYEAR),
          Map.entry("dow", Field.DOW),
          Map.entry("isodow", Field.ISODOW),
          Map.entry("doy", Field.DOY),
          Map.entry("julian", Field.JULIAN),
          Map.entry("epoch", Field.EPOCH));

  /** Those that only grow; the others of an infinite date are NULL. */
  private static final Set<Field> GROWING =
      Set.of(
          Field.YEAR,
          Field.DECADE,
          Field.CENTURY,
          Field.MILLENNIUM,
          Field.ISOYEAR,
          Field.JULIAN,
          Field.EPOCH);

  private static final Set<Field> OF_TIMES =
      Set.of(
          Field.MICROSECONDS,
          Field.MILLISECONDS,
          Field.SECOND,
          Field.MINUTE,
          Field.HOUR,
          Field.EPOCH);

  private static final Set<Field> OF_DATES =
      Set.of(
          Field.DAY,
          Field.WEEK,
          Field.MONTH,
          Field.QUARTER,
          Field.YEAR,
          Field.DECADE,
          Field.CENTURY,
          Field.MILLENNIUM,
          Field.ISOYEAR,
          Field.DOW,
          Field.ISODOW,
          Field.DOY,
          Field.JULIAN,
          Field.EPOCH);

  private static final Set<Field> OF_INTERVALS =
      Set.of(
          Field.MICROSECONDS,
          Field.MILLISECONDS,
          Field.SECOND,
          Field.MINUTE,
          Field.HOUR,
          Field.DAY,
          Field.MONTH,
          Field.QUARTER,
          Field.YEAR,
          Field.DECADE,
          Field.CENTURY,
          Field.MILLENNIUM,
          Field.EPOCH);

  private static final Set<Field> OF_TRUNCATION =
      Set.of(
          Field.MICROSECONDS,
          Field.MILLISECONDS,
          Field.SECOND,
          Field.MINUTE,
          Field.HOUR,
          Field.DAY,
          Field.WEEK,
          Field.MONTH,
          Field.QUARTER,
          Field.YEAR,
          Field.DECADE,
          Field.CENTURY,
          Field.MILLENNIUM);

  /** Since this version the quarters of negative intervals are counted another way. */
  private static final int SERVER_WITH_OTHER_QUARTERS = 180_000;

  private static final long UNIX_EPOCH_SECONDS = Dates.EPOCH_DAY * 86_400;

  private DateFields() {}

  static void addTo(Functions functions) {
    boolean hasOtherQuarters = functions.serverVersion() >= SERVER_WITH_OTHER_QUARTERS;
    extracting(
        functions,
        "timestamp",
        Set.of(Field.values()),
        (field, it) -> ofTimestamp(field, (Long) it));
    extracting(
        functions,
        "timestamptz",
        Set.of(Field.values()),
        (field, it) -> ofTimestamp(field, (Long) it));
    extracting(functions, "date", OF_DATES, (field, it) -> ofDate(field, (Long) it));
    extracting(functions, "time", OF_TIMES, (field, it) -> ofTime(field, (Long) it));
    extracting(
        functions,
        "interval",
        OF_INTERVALS,
        (field, it) -> ofInterval(field, (Interval) it, hasOtherQuarters));
    truncating(functions, "timestamp");
    truncating(functions, "timestamptz");
  }

  private interface Extraction {
    @Nullable Numeric of(Field field, Object value);
  }

  private static @Nullable Field field(CallSite site, Set<Field> among) {
    String name = site.constantText(0);
    Field field = name == null ? null : NAMES.get(name.toLowerCase(Locale.ROOT));
    return field != null && among.contains(field) ? field : null;
  }

  private static void extracting(
      Functions functions, String type, Set<Field> fields, Extraction extraction) {
    functions.make(
        "extract(text,%s) numeric".formatted(type),
        site -> {
          Field field = field(site, fields);
          return field == null ? null : a -> extraction.of(field, value(a, 1));
        });
    functions.make(
        "date_part(text,%s) float8".formatted(type),
        site -> {
          Field field = field(site, fields);
          return field == null ? null : a -> inexact(extraction.of(field, value(a, 1)));
        });
  }

  /** What date_part computes in floating point comes out as the nearest to the exact value. */
  private static @Nullable Double inexact(@Nullable Numeric exact) {
    return exact == null ? null : Double.valueOf(exact.toFloat8());
  }

  private static Numeric whole(long number) {
    return Numeric.of(number);
  }

  private static @Nullable Numeric ofInfinity(Field field, long value) {
    if (!GROWING.contains(field)) {
      return null;
    }
    return value == Dates.INFINITY ? Numeric.INFINITY : Numeric.MINUS_INFINITY;
  }

  private static @Nullable Numeric ofTimestamp(Field field, long timestamp) {
    if (Dates.isInfinite(timestamp)) {
      return ofInfinity(field, timestamp);
    }
    long time = Dates.timeOf(timestamp);
    return switch (field) {
      case MICROSECONDS, MILLISECONDS, SECOND, MINUTE, HOUR -> ofTime(field, time);
      case EPOCH -> decimal(timestamp, 6).plus(whole(UNIX_EPOCH_SECONDS));
      case JULIAN ->
          whole(Dates.dateOf(timestamp) + Dates.JULIAN_EPOCH)
              .plus(whole(time).dividedBy(whole(Dates.MICROS_PER_DAY)));
      default -> ofDate(field, Dates.dateOf(timestamp));
    };
  }

  private static Numeric decimal(long unscaled, int scale) {
    return Numeric.of(BigDecimal.valueOf(unscaled, scale));
  }

  private static @Nullable Numeric ofDate(Field field, long days) {
    if (Dates.isInfinite(days)) {
      return ofInfinity(field, days);
    }
    LocalDate date = Dates.localDate(days);
    long year = date.getYear();
    return whole(
        switch (field) {
          case DAY -> date.getDayOfMonth();
          case WEEK -> date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
          case MONTH -> date.getMonthValue();
          case QUARTER -> (date.getMonthValue() - 1) / 3 + 1;
          case YEAR -> withoutYearZero(year);
          case DECADE -> year >= 0 ? year / 10 : -((8 - (year - 1)) / 10);
          case CENTURY -> year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100);
          case MILLENNIUM -> year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000);
          case ISOYEAR -> withoutYearZero(date.get(IsoFields.WEEK_BASED_YEAR));
          case DOW -> date.getDayOfWeek().getValue() % 7;
          case ISODOW -> date.getDayOfWeek().getValue();
          case DOY -> date.getDayOfYear();
          case JULIAN -> days + Dates.JULIAN_EPOCH;
          case EPOCH -> (days + Dates.EPOCH_DAY) * 86_400;
          case MICROSECONDS, MILLISECONDS, SECOND, MINUTE, HOUR ->
              throw new IllegalArgumentException(field.name());
        });
  }

  private static long withoutYearZero(long year) {
    return year > 0 ? year : year - 1;
  }

  private static Numeric ofTime(Field field, long micros) {
    long inMinute = micros % Dates.MICROS_PER_MINUTE;
    return switch (field) {
      case MICROSECONDS -> whole(inMinute);
      case MILLISECONDS -> decimal(inMinute, 3);
      case SECOND -> decimal(inMinute, 6);
      case MINUTE -> whole(micros / Dates.MICROS_PER_MINUTE % 60);
      case HOUR -> whole(micros / Dates.MICROS_PER_HOUR);
      case EPOCH -> decimal(micros, 6);
      default -> throw new IllegalArgumentException(field.name());
    };
  }

  private static @Nullable Numeric ofInterval(
      Field field, Interval interval, boolean hasOtherQuarters) {
    if (!interval.isFinite()) {
      return ofInfiniteInterval(field, interval);
    }
    long months = interval.months();
    long years = months / 12;
    return switch (field) {
      case DAY -> whole(interval.days());
      case MONTH -> whole(months % 12);
      case QUARTER -> whole(quarter(months, hasOtherQuarters));
      case YEAR -> whole(years);
      case DECADE -> whole(years / 10);
      case CENTURY -> whole(years / 100);
      case MILLENNIUM -> whole(years / 1000);
      case EPOCH -> epoch(interval);
      default -> ofTime(field, interval.micros());
    };
  }

  private static long quarter(long months, boolean hasOtherQuarters) {
    return months < 0 && hasOtherQuarters ? -(-(months % 12) / 3) - 1 : months % 12 / 3 + 1;
  }

  private static @Nullable Numeric ofInfiniteInterval(Field field, Interval interval) {
    boolean isGrowing = GROWING.contains(field) || field == Field.HOUR || field == Field.DAY;
    if (!isGrowing) {
      return null;
    }
    return interval.sign() > 0 ? Numeric.INFINITY : Numeric.MINUS_INFINITY;
  }

  /** A year for 365.25 days, a month for 30. */
  private static Numeric epoch(Interval interval) {
    long years = interval.months() / 12;
    long months = interval.months() % 12;
    BigDecimal days =
        BigDecimal.valueOf(years)
            .multiply(BigDecimal.valueOf(36_525, 2))
            .add(BigDecimal.valueOf(months * 30 + interval.days()));
    return Numeric.of(
        days.multiply(BigDecimal.valueOf(86_400))
            .add(BigDecimal.valueOf(interval.micros(), 6))
            .setScale(6));
  }

  private static void truncating(Functions functions, String type) {
    functions.make(
        "date_trunc(text,%s) %1$s".formatted(type),
        site -> {
          Field field = field(site, OF_TRUNCATION);
          return field == null ? null : a -> Dates.timestamp(truncated(field, integer(a, 1)));
        });
  }

  private static Long truncated(Field field, long timestamp) {
    if (Dates.isInfinite(timestamp)) {
      return timestamp;
    }
    LocalDate date = Dates.localDate(Dates.dateOf(timestamp));
    LocalDate first = date.withDayOfMonth(1);
    int year = date.getYear();
    return switch (field) {
      case MICROSECONDS -> timestamp;
      case MILLISECONDS -> down(timestamp, 1000);
      case SECOND -> down(timestamp, Dates.MICROS_PER_SECOND);
      case MINUTE -> down(timestamp, Dates.MICROS_PER_MINUTE);
      case HOUR -> down(timestamp, Dates.MICROS_PER_HOUR);
      case DAY -> down(timestamp, Dates.MICROS_PER_DAY);
      case WEEK -> midnight(date.minusDays(date.getDayOfWeek().getValue() - 1L));
      case MONTH -> midnight(first);
      case QUARTER -> midnight(first.minusMonths((date.getMonthValue() - 1) % 3));
      case YEAR -> midnight(LocalDate.of(year, 1, 1));
      case DECADE ->
          midnight(LocalDate.of(year > 0 ? year / 10 * 10 : -((8 - (year - 1)) / 10) * 10, 1, 1));
      case CENTURY -> midnight(LocalDate.of(firstOf(year, 100), 1, 1));
      case MILLENNIUM -> midnight(LocalDate.of(firstOf(year, 1000), 1, 1));
      default -> throw new IllegalArgumentException(field.name());
    };
  }

  private static long down(long timestamp, long unit) {
    return timestamp - Math.floorMod(timestamp, unit);
  }

  private static Long midnight(LocalDate date) {
    return Dates.midnight(ChronoUnit.DAYS.between(LocalDate.of(2000, 1, 1), date));
  }

  /** The first year of the century or millennium; there is a year 0 in our count. */
  private static int firstOf(int year, int years) {
    return year > 0
        ? (year + years - 1) / years * years - (years - 1)
        : -((years - 1 - (year - 1)) / years) * years + 1;
  }
}
