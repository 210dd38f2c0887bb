package dev.millrace.client.store;

import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The type of a column in its four forms: a Java value for applications, what SQLite stores (a
 * {@code Long}, {@code Double} or {@code String}), the text that a shape carries (protocol section
 * 6.7), and the JSON that a write carries. Null is null in all of them. Immutable.
 *
 * <p>What SQLite stores compares as Postgres compares, but for {@link Scalar#NUMERIC}, which is
 * stored as its exact text and compared by {@link #comparable}, and texts, which are compared by
 * their bytes.
 */
public sealed interface ColumnType permits ColumnType.Scalar, ColumnType.ArrayOf {

  /** The class of the Java values. */
  Class<?> javaClass();

  /**
   * What is stored of a Java value.
   *
   * @throws IllegalArgumentException if the value is not of {@link #javaClass}
   */
  @Nullable Object store(@Nullable Object java);

  /**
   * The Java value of what is stored.
   *
   * @throws SyncClientException with {@link ErrorCode#TYPE_MISMATCH} if what the server sent is not
   *     of this type
   */
  @Nullable Object load(@Nullable Object stored);

  /** What is stored of a text that a shape carries; the text itself if it is not of this type. */
  @Nullable Object storeText(@Nullable String text);

  /** A text that {@link #storeText} makes the same of. */
  @Nullable String text(@Nullable Object stored);

  /** What a write carries of what is stored. */
  Json write(@Nullable Object stored);

  /** What is stored of what a write or its answer carries. */
  @Nullable Object storeJson(Json json);

  /** Whether a column of that type on the server, named as in {@code electric-schema}, fits. */
  boolean takes(String serverType, boolean isArray);

  /** How the stored value stands in a comparison, given the SQL that has it. */
  String comparable(String sql);

  /** Types by the names that Postgres has for them. */
  enum Scalar implements ColumnType {
    BOOL(Boolean.class, "bool"),
    INT2(Integer.class, "int2"),
    INT4(Integer.class, "int2,int4"),
    INT8(Long.class, "int2,int4,int8,oid"),
    FLOAT4(Float.class, "float4"),
    FLOAT8(Double.class, "float4,float8,int2,int4"),
    /** NaN and the infinities are null in Java, where {@code BigDecimal} has none. */
    NUMERIC(BigDecimal.class, "numeric,int2,int4,int8"),
    /** Also enums, intervals, addresses and all other types, by their text. */
    TEXT(String.class, ""),
    UUID(java.util.UUID.class, "uuid"),
    /** Infinity is {@code LocalDate.MAX} and {@code MIN}. Stored as days since 1970. */
    DATE(LocalDate.class, "date"),
    /** {@code 24:00} is {@code LocalTime.MAX}. Stored as microseconds of the day. */
    TIME(LocalTime.class, "time"),
    /** Infinity is {@code LocalDateTime.MAX} and {@code MIN}. Stored as microseconds since 1970. */
    TIMESTAMP(LocalDateTime.class, "timestamp"),
    /** Infinity is {@code Instant.MAX} and {@code MIN}. Stored as microseconds since 1970. */
    TIMESTAMPTZ(Instant.class, "timestamptz"),
    /** Bytes; stored as Postgres' text {@code \x00ff}. */
    BYTEA(byte[].class, "bytea"),
    /** {@code json} and {@code jsonb}; stored as text. */
    JSON(Json.class, "json,jsonb");

    private final Class<?> javaClass;
    private final String serverTypes;

    Scalar(Class<?> javaClass, String serverTypes) {
      this.javaClass = javaClass;
      this.serverTypes = "," + serverTypes + ",";
    }

    @Override
    public Class<?> javaClass() {
      return javaClass;
    }

    @Override
    public @Nullable Object store(@Nullable Object java) {
      if (java == null) {
        return null;
      }
      if (!javaClass.isInstance(java)) {
        throw new IllegalArgumentException(
            "%s takes a %s, not a %s"
                .formatted(
                    name().toLowerCase(Locale.ROOT),
                    javaClass.getSimpleName(),
                    java.getClass().getSimpleName()));
      }
      return switch (this) {
        case BOOL -> (Boolean) java ? 1L : 0L;
        case INT2 -> (long) (short) narrowed((Integer) java);
        case INT4 -> ((Integer) java).longValue();
        case INT8 -> java;
        case FLOAT4 -> real(Double.parseDouble(java.toString()));
        case FLOAT8 -> real((Double) java);
        case NUMERIC -> ((BigDecimal) java).toPlainString();
        case TEXT -> withoutZero((String) java);
        case UUID -> java.toString();
        case DATE -> PostgresTime.days((LocalDate) java);
        case TIME -> PostgresTime.micros((LocalTime) java);
        case TIMESTAMP -> PostgresTime.micros((LocalDateTime) java);
        case TIMESTAMPTZ -> PostgresTime.micros((Instant) java);
        case BYTEA -> Hex.text((byte[]) java);
        case JSON -> java.toString();
      };
    }

    private static int narrowed(int value) {
      if (value != (short) value) {
        throw new IllegalArgumentException("int2 does not take " + value);
      }
      return value;
    }

    private static String withoutZero(String text) {
      if (text.indexOf('\0') >= 0) {
        throw new IllegalArgumentException("Postgres takes no text with the character U+0000");
      }
      return text;
    }

    /** SQLite has neither NaN nor infinity. */
    private static Object real(double value) {
      return Double.isFinite(value) ? (Object) value : Double.toString(value);
    }

    @Override
    public @Nullable Object load(@Nullable Object stored) {
      if (stored == null) {
        return null;
      }
      try {
        return switch (this) {
          case BOOL -> (Long) stored != 0;
          case INT2, INT4 -> Math.toIntExact((Long) stored);
          case INT8 -> (Long) stored;
          case FLOAT4 -> Float.valueOf(stored.toString());
          case FLOAT8 -> Double.valueOf(stored.toString());
          case NUMERIC -> isNumber((String) stored) ? new BigDecimal((String) stored) : null;
          case TEXT -> (String) stored;
          case UUID -> java.util.UUID.fromString((String) stored);
          case DATE -> PostgresTime.date((Long) stored);
          case TIME -> PostgresTime.time((Long) stored);
          case TIMESTAMP -> PostgresTime.dateTime((Long) stored);
          case TIMESTAMPTZ -> PostgresTime.instant((Long) stored);
          case BYTEA -> Hex.bytes((String) stored);
          case JSON -> json((String) stored);
        };
      } catch (ClassCastException | IllegalArgumentException | ArithmeticException e) {
        throw mismatch(stored, e);
      } catch (InvalidJson e) {
        throw mismatch(stored, e);
      }
    }

    private SyncClientException mismatch(Object stored, Exception cause) {
      return new SyncClientException(
          ErrorCode.TYPE_MISMATCH,
          "the server sent what is no %s: %.40s".formatted(name().toLowerCase(Locale.ROOT), stored),
          cause);
    }

    private static Json json(String text) throws InvalidJson {
      return JsonReader.read(text, LIMITS);
    }

    @Override
    public @Nullable Object storeText(@Nullable String text) {
      if (text == null) {
        return null;
      }
      try {
        return switch (this) {
          case BOOL -> storedBool(text);
          case INT2, INT4, INT8 -> Long.valueOf(text);
          case FLOAT4, FLOAT8 -> real(Double.parseDouble(text));
          case DATE -> PostgresTime.days(text);
          case TIME -> PostgresTime.timeMicros(text);
          case TIMESTAMP, TIMESTAMPTZ -> PostgresTime.micros(text);
          case NUMERIC, TEXT, UUID, BYTEA, JSON -> text;
        };
      } catch (RuntimeException notOfThisType) {
        return text;
      }
    }

    private static Object storedBool(String text) {
      return switch (text) {
        case "t", "true" -> 1L;
        case "f", "false" -> 0L;
        default -> text;
      };
    }

    @Override
    public @Nullable String text(@Nullable Object stored) {
      return switch (stored) {
        case null -> null;
        case String text -> text;
        default ->
            write(stored) instanceof Json.Text(String text) ? text : write(stored).toString();
      };
    }

    @Override
    public Json write(@Nullable Object stored) {
      return switch (stored) {
        case null -> Json.NULL;
        case Long number -> writeNumber(number);
        case Double number -> new Json.Numeral(number.toString());
        case String text -> writeText(text);
        default -> throw new IllegalArgumentException("is never stored: " + stored.getClass());
      };
    }

    private Json writeNumber(long number) {
      return switch (this) {
        case BOOL -> new Json.Bool(number != 0);
        case DATE -> new Json.Text(PostgresTime.dateText(number));
        case TIME -> new Json.Text(PostgresTime.timeText(number));
        case TIMESTAMP -> new Json.Text(PostgresTime.timestampText(number));
        case TIMESTAMPTZ -> new Json.Text(PostgresTime.timestampText(number, "+00"));
        default -> Json.Numeral.of(number);
      };
    }

    private Json writeText(String text) {
      return switch (this) {
        case NUMERIC -> isNumber(text) ? new Json.Numeral(text) : new Json.Text(text);
        case JSON -> {
          try {
            yield json(text);
          } catch (InvalidJson e) {
            yield new Json.Text(text);
          }
        }
        default -> new Json.Text(text);
      };
    }

    private static boolean isNumber(String text) {
      return !text.isEmpty() && Character.isDigit(text.charAt(text.length() - 1));
    }

    @Override
    public @Nullable Object storeJson(Json json) {
      if (this == JSON && !(json instanceof Json.Null)) {
        return json.toString();
      }
      return switch (json) {
        case Json.Null nothing -> null;
        case Json.Bool(boolean value) -> storeText(Boolean.toString(value));
        case Json.Text(String text) -> storeText(text);
        case Json.Numeral(String literal) -> storeText(literal);
        case Json.Array array -> array.toString();
        case Json.Members members -> members.toString();
      };
    }

    @Override
    public boolean takes(String serverType, boolean isArray) {
      return this == TEXT || (!isArray && serverTypes.contains("," + serverType + ","));
    }

    @Override
    public String comparable(String sql) {
      return this == NUMERIC ? NumericOrder.of(sql) : sql;
    }
  }

  /** Documents of a column may be larger than those of a write. */
  JsonLimits LIMITS = new JsonLimits(400, Integer.MAX_VALUE);

  /**
   * An array in Java a {@code List}, whose items are lists where it has several dimensions; stored
   * as a JSON array of what is stored of its elements.
   */
  record ArrayOf(Scalar element) implements ColumnType {

    @Override
    public Class<?> javaClass() {
      return java.util.List.class;
    }

    @Override
    public @Nullable Object store(@Nullable Object java) {
      return switch (java) {
        case null -> null;
        case java.util.List<?> list -> PostgresArray.ofJava(element, list).toString();
        default -> throw new IllegalArgumentException("an array takes a List, not " + java);
      };
    }

    @Override
    public @Nullable Object load(@Nullable Object stored) {
      if (stored == null) {
        return null;
      }
      if (stored instanceof String text && PostgresArray.stored(text) instanceof Json.Array items) {
        return PostgresArray.toJava(element, items);
      }
      throw new SyncClientException(
          ErrorCode.TYPE_MISMATCH, "the server sent what is no array: %.40s".formatted(stored));
    }

    @Override
    public @Nullable Object storeText(@Nullable String text) {
      return text == null ? null : PostgresArray.storedText(element, text);
    }

    @Override
    public @Nullable String text(@Nullable Object stored) {
      if (stored == null) {
        return null;
      }
      return stored instanceof String text && PostgresArray.stored(text) instanceof Json.Array items
          ? PostgresArray.text(element, items)
          : stored.toString();
    }

    @Override
    public Json write(@Nullable Object stored) {
      if (stored == null) {
        return Json.NULL;
      }
      return stored instanceof String text && PostgresArray.stored(text) instanceof Json.Array items
          ? PostgresArray.write(element, items)
          : new Json.Text(stored.toString());
    }

    @Override
    public @Nullable Object storeJson(Json json) {
      return switch (json) {
        case Json.Null nothing -> null;
        case Json.Array array -> PostgresArray.ofWritten(element, array).toString();
        case Json.Text(String text) -> storeText(text);
        default -> json.toString();
      };
    }

    @Override
    public boolean takes(String serverType, boolean isArray) {
      return isArray && element.takes(serverType, false);
    }

    @Override
    public String comparable(String sql) {
      return sql;
    }
  }
}
