package dev.millrace.server.filter.value;

/**
 * Values as Postgres prints them under the session settings that are fixed for every connection:
 * what the stream brings, and what constants of a canonical expression look like.
 */
public final class TextForm {

  private TextForm() {}

  /** The value that prints as {@code text}. */
  public static Object parse(Type type, String text) {
    return switch (type.kind()) {
      case BOOL -> text.charAt(0) == 't';
      case INT2, INT4, INT8 -> Long.valueOf(text);
      case FLOAT4 -> Float.valueOf(text);
      case FLOAT8 -> Double.valueOf(text);
      case NUMERIC -> Numeric.parse(text);
      case TEXT, VARCHAR, BPCHAR, NAME, UUID, JSON, ENUM -> text;
      case BYTEA -> Bytes.parse(text);
      case DATE -> Dates.parseDate(text);
      case TIME -> Dates.parseTime(text);
      case TIMETZ -> ZonedTime.parse(text);
      case TIMESTAMP, TIMESTAMPTZ -> Dates.parseTimestamp(text);
      case INTERVAL -> Interval.parse(text);
      case JSONB -> Json.parse(text);
      case ARRAY -> ArrayText.parse(text, type.element());
      case PSEUDO -> throw new IllegalArgumentException(type.name());
    };
  }

  public static String print(Type type, Object value) {
    return switch (type.kind()) {
      case BOOL -> (Boolean) value ? "t" : "f";
      case FLOAT4 -> Floats.print((Float) value);
      case FLOAT8 -> Floats.print((Double) value);
      case NUMERIC -> ((Numeric) value).print();
      case INT2, INT4, INT8, TEXT, VARCHAR, BPCHAR, NAME, UUID, JSON, ENUM -> value.toString();
      case BYTEA -> ((Bytes) value).print();
      case DATE -> Dates.printDate((Long) value);
      case TIME -> Dates.printTime((Long) value);
      case TIMETZ -> ((ZonedTime) value).print();
      case TIMESTAMP -> Dates.printTimestamp((Long) value, false);
      case TIMESTAMPTZ -> Dates.printTimestamp((Long) value, true);
      case INTERVAL -> ((Interval) value).print();
      case JSONB -> ((Json) value).print();
      case ARRAY -> ArrayText.print((ArrayValue) value, type.element());
      case PSEUDO -> throw new IllegalArgumentException(type.name());
    };
  }
}
