package dev.millrace.server.filter.value;

import static dev.millrace.server.filter.value.Functions.integer;
import static dev.millrace.server.filter.value.Functions.number;
import static dev.millrace.server.filter.value.Functions.numeric;
import static dev.millrace.server.filter.value.Functions.text;
import static dev.millrace.server.filter.value.Functions.value;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Explicit casts, with the modifiers of types such as {@code numeric(10,2)}. All are strict; some
 * give NULL. Immutable; any thread.
 */
public final class Casts {

  private static final Routine SAME = a -> a[0];
  private static final int NAME_BYTES = 63;
  private static final int MAX_TIME_PRECISION = 6;

  /** Since this version null in a jsonb is NULL, and was an error before. */
  private static final int SERVER_WITH_JSON_NULLS = 180_000;

  private final TextInput input;
  private final boolean hasJsonNulls;

  /** As that version of Postgres casts. */
  public Casts(int serverVersion) {
    input = new TextInput(serverVersion);
    hasJsonNulls = serverVersion >= SERVER_WITH_JSON_NULLS;
  }

  /** Whether the cast changes nothing, not even the text form. */
  public static boolean isSame(Type from, Type to, List<Integer> modifiers) {
    return modifiers.isEmpty() && isRelabelled(from, to);
  }

  private static boolean isRelabelled(Type from, Type to) {
    if (from.isArray() && to.isArray()) {
      return isRelabelled(from.element(), to.element());
    }
    boolean isText = isVarying(from) && isVarying(to);
    return isText || from.equals(to);
  }

  private static boolean isVarying(Type type) {
    return type.kind() == Type.Kind.TEXT || type.kind() == Type.Kind.VARCHAR;
  }

  /** The routine of a cast; empty if we have none that is exact. */
  public Optional<Routine> find(Type from, Type to, List<Integer> modifiers) {
    Routine cast = cast(from, to);
    Routine fit = fit(to, modifiers);
    if (cast == null || fit == null) {
      return Optional.empty();
    }
    if (modifiers.isEmpty()) {
      return Optional.of(cast);
    }
    return Optional.of(a -> {
      Object value = cast.apply(a);
      return value == null ? null : fit.apply(new Object[] {value});
    });
  }

  private @Nullable Routine cast(Type from, Type to) {
    if (isRelabelled(from, to)) {
      return SAME;
    }
    if (from.isArray() && to.isArray()) {
      Routine element = cast(from.element(), to.element());
      return element == null ? null : a -> mapped((ArrayValue) value(a, 0), element);
    }
    if (to.isText()) {
      return toText(from, to);
    }
    if (from.isText()) {
      return TextInput.accepts(to) && from.kind() != Type.Kind.NAME
          ? a -> input.read(to, text(a, 0))
          : null;
    }
    return switch (from.kind()) {
      case BOOL -> to.kind() == Type.Kind.INT4 ? a -> (Boolean) value(a, 0) ? 1L : 0L : null;
      case INT2, INT4, INT8 -> ofInteger(from, to);
      case FLOAT4, FLOAT8 -> ofFloat(from, to);
      case NUMERIC -> ofNumeric(to);
      case DATE -> ofDate(to);
      case TIMESTAMP, TIMESTAMPTZ -> ofTimestamp(to);
      case TIME -> ofTime(to);
      case TIMETZ -> to.kind() == Type.Kind.TIME ? a -> ((ZonedTime) value(a, 0)).micros() : null;
      case INTERVAL -> to.kind() == Type.Kind.TIME ? a -> time((Interval) value(a, 0)) : null;
      case JSON -> to.kind() == Type.Kind.JSONB ? a -> Json.parse(text(a, 0)) : null;
      case JSONB -> ofJson(to);
      default -> null;
    };
  }

  private static ArrayValue mapped(ArrayValue array, Routine element) {
    @Nullable Object[] results = new Object[array.elements().length];
    for (int i = 0; i < results.length; i++) {
      Object value = array.elements()[i];
      results[i] = value == null ? null : element.apply(new Object[] {value});
    }
    return new ArrayValue(results, array.lengths(), array.lowerBounds());
  }

  private static @Nullable Routine toText(Type from, Type to) {
    Routine print =
        switch (from.kind()) {
          case BOOL -> a -> (Boolean) value(a, 0) ? "true" : "false";
          case BPCHAR -> a -> Utf8.withoutPadding(text(a, 0));
          default -> a -> TextForm.print(from, value(a, 0));
        };
    if (to.kind() == Type.Kind.NAME) {
      return from.isText() ? a -> name((String) Objects.requireNonNull(print.apply(a))) : null;
    }
    return print;
  }

  /** The first 63 bytes, characters kept whole. */
  private static String name(String text) {
    int end = text.length();
    while (Utf8.bytes(text.substring(0, end)).length > NAME_BYTES) {
      end = text.offsetByCodePoints(end, -1);
    }
    return text.substring(0, end);
  }

  private static @Nullable Routine ofInteger(Type from, Type to) {
    return switch (to.kind()) {
      case INT2, INT4, INT8 -> a -> Integers.inRange(integer(a, 0), to);
      case FLOAT4 -> a -> (float) integer(a, 0);
      case FLOAT8 -> a -> (double) integer(a, 0);
      case NUMERIC -> a -> Numeric.of(integer(a, 0));
      case BOOL -> from.kind() == Type.Kind.INT4 ? a -> integer(a, 0) != 0 : null;
      default -> null;
    };
  }

  private static @Nullable Routine ofFloat(Type from, Type to) {
    int digits = from.kind() == Type.Kind.FLOAT4 ? 6 : 15;
    return switch (to.kind()) {
      case INT2, INT4, INT8 -> a -> Floats.toInteger(number(a, 0), to);
      case FLOAT4 -> a -> Floats.toFloat4(number(a, 0));
      case FLOAT8 -> a -> number(a, 0);
      case NUMERIC -> a -> Numeric.ofFloat(number(a, 0), digits);
      default -> null;
    };
  }

  private static @Nullable Routine ofNumeric(Type to) {
    return switch (to.kind()) {
      case INT2, INT4, INT8 -> a -> numeric(a, 0).toInteger(to);
      case FLOAT4 -> a -> numeric(a, 0).toFloat4();
      case FLOAT8 -> a -> numeric(a, 0).toFloat8();
      default -> null;
    };
  }

  private static @Nullable Routine ofDate(Type to) {
    return switch (to.kind()) {
      case TIMESTAMP, TIMESTAMPTZ -> a -> Dates.midnight(integer(a, 0));
      default -> null;
    };
  }

  private static @Nullable Routine ofTimestamp(Type to) {
    return switch (to.kind()) {
      case DATE -> a -> Dates.dateOf(integer(a, 0));
      case TIMESTAMP, TIMESTAMPTZ -> a -> Dates.timestamp(integer(a, 0));
      case TIME -> a -> timeOf(integer(a, 0));
      default -> null;
    };
  }

  private static @Nullable Long timeOf(long timestamp) {
    return Dates.isInfinite(timestamp) ? null : Long.valueOf(Dates.timeOf(timestamp));
  }

  private static @Nullable Routine ofTime(Type to) {
    return switch (to.kind()) {
      case INTERVAL -> a -> new Interval(0, 0, integer(a, 0));
      case TIMETZ -> a -> new ZonedTime(integer(a, 0), 0);
      default -> null;
    };
  }

  private static Long time(Interval interval) {
    if (!interval.isFinite()) {
      throw EvaluationException.outOfRange(Type.TIME);
    }
    return Math.floorMod(interval.micros(), Dates.MICROS_PER_DAY);
  }

  private @Nullable Routine ofJson(Type to) {
    return switch (to.kind()) {
      case JSON -> a -> ((Json) value(a, 0)).print();
      case BOOL -> a -> jsonBool((Json) value(a, 0));
      case INT2, INT4, INT8 -> a -> jsonNumber((Json) value(a, 0), it -> it.toInteger(to));
      case NUMERIC -> a -> jsonNumber((Json) value(a, 0), it -> it);
      case FLOAT4 -> a -> jsonNumber((Json) value(a, 0), Numeric::toFloat4);
      case FLOAT8 -> a -> jsonNumber((Json) value(a, 0), Numeric::toFloat8);
      default -> null;
    };
  }

  private @Nullable Boolean jsonBool(Json json) {
    return switch (json) {
      case Json.Literal literal when literal == Json.Literal.TRUE -> true;
      case Json.Literal literal when literal == Json.Literal.FALSE -> false;
      default -> {
        requireNull(json);
        yield null;
      }
    };
  }

  private @Nullable Object jsonNumber(Json json, Function<Numeric, Object> way) {
    if (json instanceof Json.Num number) {
      return way.apply(number.value());
    }
    requireNull(json);
    return null;
  }

  private void requireNull(Json json) {
    if (!hasJsonNulls || json != Json.Literal.NULL) {
      throw new EvaluationException("cannot cast jsonb " + json.typeName());
    }
  }

  /** Makes values fit the modifiers of their type; null if that is not known. */
  private static @Nullable Routine fit(Type to, List<Integer> modifiers) {
    if (modifiers.isEmpty()) {
      return SAME;
    }
    int first = modifiers.getFirst();
    return switch (to.kind()) {
      case VARCHAR -> a -> Utf8.substring(text(a, 0), 0, first);
      case BPCHAR -> a -> padded(text(a, 0), first);
      case NUMERIC -> {
        int scale = modifiers.size() > 1 ? modifiers.get(1) : 0;
        yield a -> numeric(a, 0).fitted(first, scale);
      }
      case TIME -> a -> rounded(integer(a, 0), first);
      // Not checked for being beyond the last timestamp, in Postgres neither.
      case TIMESTAMP, TIMESTAMPTZ ->
          a ->
              Dates.isInfinite(integer(a, 0))
                  ? Long.valueOf(integer(a, 0))
                  : rounded(integer(a, 0), first);
      case ARRAY -> {
        Routine element = fit(to.element(), modifiers);
        yield element == null ? null : a -> mapped((ArrayValue) value(a, 0), element);
      }
      default -> null;
    };
  }

  private static String padded(String text, int length) {
    String cut = Utf8.substring(text, 0, length);
    return cut + " ".repeat(length - Utf8.length(cut));
  }

  /** Microseconds to so many decimals of a second, halves away from zero. */
  private static Long rounded(long micros, int precision) {
    long unit = 1;
    for (int i = precision; i < MAX_TIME_PRECISION; i++) {
      unit *= 10;
    }
    long half = unit / 2;
    long whole = Math.abs(micros) + half;
    long result = whole - whole % unit;
    return micros < 0 ? -result : result;
  }
}
