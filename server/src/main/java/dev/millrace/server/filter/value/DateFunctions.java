package dev.millrace.server.filter.value;

import static dev.millrace.server.filter.value.Functions.integer;
import static dev.millrace.server.filter.value.Functions.number;
import static dev.millrace.server.filter.value.Functions.value;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Arithmetic of dates, times and intervals; the session's time zone is UTC. */
final class DateFunctions {

  private static final List<String> TIMESTAMPS = List.of("timestamp", "timestamptz");

  /** Since this version intervals may be infinite, which were errors before. */
  private static final int SERVER_WITH_INFINITE_INTERVALS = 170_000;

  private DateFunctions() {}

  static void addTo(Functions functions) {
    addDates(functions);
    boolean hasInfinity = functions.serverVersion() >= SERVER_WITH_INFINITE_INTERVALS;
    for (String timestamp : TIMESTAMPS) {
      addTimestamps(functions, timestamp, hasInfinity);
    }
    addTimes(functions);
    addIntervals(functions, hasInfinity);
    addMaking(functions);
    addZones(functions);
  }

  private static Interval interval(@Nullable Object[] arguments, int place) {
    return (Interval) value(arguments, place);
  }

  private static void addDates(Functions functions) {
    functions.add("+(date,int4) date", a -> addDays(integer(a, 0), integer(a, 1)));
    functions.add("+(int4,date) date", a -> addDays(integer(a, 1), integer(a, 0)));
    functions.add("-(date,int4) date", a -> addDays(integer(a, 0), -integer(a, 1)));
    functions.add("-(date,date) int4", a -> daysBetween(integer(a, 0), integer(a, 1)));
    functions.add(
        "+(date,interval) timestamp",
        a -> Dates.plus(Dates.midnight(integer(a, 0)), interval(a, 1)));
    functions.add(
        "+(interval,date) timestamp",
        a -> Dates.plus(Dates.midnight(integer(a, 1)), interval(a, 0)));
    functions.add(
        "-(date,interval) timestamp",
        a -> Dates.minus(Dates.midnight(integer(a, 0)), interval(a, 1)));
    functions.add("+(date,time) timestamp", a -> at(integer(a, 0), integer(a, 1)));
    functions.add("+(time,date) timestamp", a -> at(integer(a, 1), integer(a, 0)));
    functions.add("isfinite(date) bool", a -> !Dates.isInfinite(integer(a, 0)));
    functions.add("date(timestamp) date", a -> Dates.dateOf(integer(a, 0)));
    functions.add("date(timestamptz) date", a -> Dates.dateOf(integer(a, 0)));
  }

  private static Long addDays(long date, long days) {
    return Dates.isInfinite(date) ? Long.valueOf(date) : Dates.date(date + days);
  }

  private static Long daysBetween(long later, long earlier) {
    if (Dates.isInfinite(later) || Dates.isInfinite(earlier)) {
      throw new EvaluationException("cannot subtract infinite dates");
    }
    return later - earlier;
  }

  private static Long at(long date, long time) {
    long midnight = Dates.midnight(date);
    return Dates.isInfinite(midnight) ? midnight : Dates.timestamp(midnight + time);
  }

  private static void addTimestamps(Functions functions, String type, boolean hasInfinity) {
    functions.add(
        "+(%s,interval) %1$s".formatted(type), a -> Dates.plus(integer(a, 0), interval(a, 1)));
    functions.add(
        "+(interval,%s) %1$s".formatted(type), a -> Dates.plus(integer(a, 1), interval(a, 0)));
    functions.add(
        "-(%s,interval) %1$s".formatted(type), a -> Dates.minus(integer(a, 0), interval(a, 1)));
    functions.add(
        "-(%s,%1$s) interval".formatted(type),
        a -> between(integer(a, 0), integer(a, 1), hasInfinity, false));
    functions.add(
        "age(%s,%1$s) interval".formatted(type),
        a -> between(integer(a, 0), integer(a, 1), hasInfinity, true));
    functions.add("isfinite(%s) bool".formatted(type), a -> !Dates.isInfinite(integer(a, 0)));
  }

  private static Interval between(long later, long earlier, boolean hasInfinity, boolean inMonths) {
    if (!Dates.isInfinite(later) && !Dates.isInfinite(earlier)) {
      return inMonths ? Dates.age(later, earlier) : Dates.between(later, earlier);
    }
    boolean isCounted = later != Dates.MINUS_INFINITY && earlier != Dates.MINUS_INFINITY;
    if (!hasInfinity && inMonths && isCounted) {
      return Dates.age(later, earlier); // as if infinity were the last microsecond there is
    }
    if (!hasInfinity || later == earlier) {
      throw EvaluationException.outOfRange(Type.INTERVAL);
    }
    boolean isPositive = later == Dates.INFINITY || earlier == Dates.MINUS_INFINITY;
    return isPositive ? Interval.INFINITY : Interval.MINUS_INFINITY;
  }

  private static void addTimes(Functions functions) {
    functions.add("-(time,time) interval", a -> new Interval(0, 0, integer(a, 0) - integer(a, 1)));
    functions.add("+(time,interval) time", a -> around(integer(a, 0), interval(a, 1), 1));
    functions.add("+(interval,time) time", a -> around(integer(a, 1), interval(a, 0), 1));
    functions.add("-(time,interval) time", a -> around(integer(a, 0), interval(a, 1), -1));
  }

  /** Round the clock. */
  private static Long around(long time, Interval interval, int sign) {
    if (!interval.isFinite()) {
      throw EvaluationException.outOfRange(Type.TIME);
    }
    long shift = interval.micros() % Dates.MICROS_PER_DAY;
    return Math.floorMod(time + sign * shift, Dates.MICROS_PER_DAY);
  }

  private static void addIntervals(Functions functions, boolean hasInfinity) {
    functions.add("+(interval,interval) interval", a -> interval(a, 0).plus(interval(a, 1)));
    functions.add("-(interval,interval) interval", a -> interval(a, 0).minus(interval(a, 1)));
    functions.add("-(interval) interval", a -> interval(a, 0).negated());
    functions.add(
        "*(interval,float8) interval", a -> times(interval(a, 0), number(a, 1), hasInfinity));
    functions.add(
        "*(float8,interval) interval", a -> times(interval(a, 1), number(a, 0), hasInfinity));
    functions.add(
        "/(interval,float8) interval", a -> divided(interval(a, 0), number(a, 1), hasInfinity));
    functions.add("isfinite(interval) bool", a -> interval(a, 0).isFinite());
    functions.add("justify_hours(interval) interval", a -> interval(a, 0).withHoursJustified());
    functions.add("justify_days(interval) interval", a -> interval(a, 0).withDaysJustified());
  }

  private static Interval times(Interval interval, double factor, boolean hasInfinity) {
    boolean isFinite = interval.isFinite() && !Double.isInfinite(factor);
    if (isFinite || !hasInfinity || Double.isNaN(factor)) {
      return interval.times(factor);
    }
    return infinity(interval.sign() * Math.signum(factor));
  }

  private static Interval divided(Interval interval, double factor, boolean hasInfinity) {
    if (interval.isFinite() || !hasInfinity || factor == 0 || Double.isNaN(factor)) {
      return interval.dividedBy(factor);
    }
    if (Double.isInfinite(factor)) {
      throw EvaluationException.outOfRange(Type.INTERVAL);
    }
    return infinity(interval.sign() * Math.signum(factor));
  }

  private static Interval infinity(double sign) {
    if (sign == 0) {
      throw EvaluationException.outOfRange(Type.INTERVAL);
    }
    return sign > 0 ? Interval.INFINITY : Interval.MINUS_INFINITY;
  }

  private static void addMaking(Functions functions) {
    functions.add(
        "make_date(int4,int4,int4) date", a -> date(integer(a, 0), integer(a, 1), integer(a, 2)));
    functions.add(
        "make_time(int4,int4,float8) time", a -> time(integer(a, 0), integer(a, 1), number(a, 2)));
  }

  private static Long date(long year, long month, long day) {
    if (year == 0 || Math.abs(year) > 6_000_000) {
      throw EvaluationException.outOfRange(Type.DATE);
    }
    try {
      return Dates.date(
          LocalDate.of(
              (int) (year < 0 ? year + 1 : year), Math.toIntExact(month), Math.toIntExact(day)));
    } catch (DateTimeException e) {
      throw EvaluationException.outOfRange(Type.DATE);
    }
  }

  private static Long time(long hour, long minute, double second) {
    boolean isIn =
        hour >= 0 && hour <= 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
    long micros =
        hour * Dates.MICROS_PER_HOUR
            + minute * Dates.MICROS_PER_MINUTE
            + (long) Math.rint(second * Dates.MICROS_PER_SECOND);
    if (!isIn || micros > Dates.MICROS_PER_DAY) {
      throw EvaluationException.outOfRange(Type.TIME);
    }
    return micros;
  }

  /** Zones other than UTC are Postgres' own tables, of which ours may be another edition. */
  private static void addZones(Functions functions) {
    functions.make("timezone(text,timestamp) timestamptz", DateFunctions::unlessElsewhere);
    functions.make("timezone(text,timestamptz) timestamp", DateFunctions::unlessElsewhere);
  }

  private static @Nullable Routine unlessElsewhere(CallSite site) {
    String zone = site.constantText(0);
    boolean isUtc =
        zone != null
            && List.of("utc", "gmt", "z", "etc/utc").contains(zone.toLowerCase(Locale.ROOT));
    return isUtc ? a -> Dates.timestamp(integer(a, 1)) : null;
  }
}
