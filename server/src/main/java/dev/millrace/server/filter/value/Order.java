package dev.millrace.server.filter.value;

import java.util.Comparator;

/**
 * The orders in which Postgres compares values of a type. Texts are compared by code point: who
 * asks for their order has made sure that the collation has it; equality is the same in all that
 * are deterministic.
 */
public final class Order {

  private Order() {}

  /** Whether we know the order of the values, not only which are equal. */
  public static boolean isKnown(Type type) {
    return switch (type.kind()) {
      case JSONB, JSON, PSEUDO -> false;
      case ARRAY -> isKnown(type.element());
      default -> true;
    };
  }

  /** Whether Postgres knows which values are equal, and we do. */
  public static boolean hasEquality(Type type) {
    return switch (type.kind()) {
      case JSON, PSEUDO -> false;
      case ARRAY -> hasEquality(type.element());
      default -> true;
    };
  }

  /** Zero for equal values of the type; the sign means nothing if the order is not known. */
  public static Comparator<Object> of(Type type) {
    return switch (type.kind()) {
      case BOOL -> (a, b) -> Boolean.compare((Boolean) a, (Boolean) b);
      case INT2, INT4, INT8, DATE, TIME, TIMESTAMP, TIMESTAMPTZ ->
          (a, b) -> Long.compare((Long) a, (Long) b);
      case FLOAT4 -> (a, b) -> Floats.compare((Float) a, (Float) b);
      case FLOAT8 -> (a, b) -> Floats.compare((Double) a, (Double) b);
      case NUMERIC -> (a, b) -> ((Numeric) a).compareTo((Numeric) b);
      case TEXT, VARCHAR, NAME, UUID -> (a, b) -> Utf8.compare((String) a, (String) b);
      case BPCHAR ->
          (a, b) -> Utf8.compare(Utf8.withoutPadding((String) a), Utf8.withoutPadding((String) b));
      case BYTEA -> (a, b) -> ((Bytes) a).compareTo((Bytes) b);
      case TIMETZ -> (a, b) -> ((ZonedTime) a).compareTo((ZonedTime) b);
      case INTERVAL -> (a, b) -> ((Interval) a).compareTo((Interval) b);
      case ENUM -> (a, b) -> a.equals(b) ? 0 : type.order().compare((String) a, (String) b);
      case JSONB -> (a, b) -> a.equals(b) ? 0 : 1;
      case ARRAY -> {
        Comparator<Object> elements = of(type.element());
        yield (a, b) -> ((ArrayValue) a).compare((ArrayValue) b, elements);
      }
      case JSON, PSEUDO -> throw new IllegalArgumentException(type.name());
    };
  }
}
