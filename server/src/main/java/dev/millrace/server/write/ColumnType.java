package dev.millrace.server.write;

import dev.millrace.protocol.Json;
import dev.millrace.protocol.PlainUuid;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The type of a column and how a JSON value becomes a text that Postgres reads as one: the text
 * form of its input function. Whether it is a value of that type, Postgres decides.
 *
 * @param sql the type for a cast, without a length or precision: an explicit cast would cut a value
 *     that is too long instead of refusing it
 * @param declared the type as a person declared it, for messages
 * @param maxLength of a {@code varchar(n)} in characters, or -1
 * @param element of an array
 */
record ColumnType(
    String sql, String declared, Kind kind, int maxLength, Optional<ColumnType> element) {

  /** What JSON it is given as. */
  enum Kind {
    INTEGER("a whole number"),
    NUMBER("a number"),
    BOOLEAN("true or false"),
    UUID("a UUID"),
    /** With or without time zone; a number is milliseconds since 1970. */
    TIMESTAMP("a timestamp as text, or milliseconds since 1970"),
    DATE("a date as text, or milliseconds since 1970"),
    JSON("any JSON"),
    ARRAY("an array"),
    TEXT("a string"),
    /** Known to Postgres and its extensions only. */
    OTHER("its text form");

    private final String expected;

    Kind(String expected) {
      this.expected = expected;
    }
  }

  /** 1e9 is a whole number too; 1e999999999 is not one that anybody wants to write out. */
  private static final int MAX_DIGITS = 40;

  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSXXX", Locale.ROOT);

  /** A value is not of the type; the message is what was expected. */
  static final class Mismatch extends Exception {
    private static final long serialVersionUID = 1L;

    Mismatch(String expected) {
      super(expected);
    }
  }

  /** The text of {@code value}, or null for SQL's null. */
  @Nullable String text(Json value) throws Mismatch {
    if (value instanceof Json.Null) {
      return null;
    }
    return switch (kind) {
      case JSON -> value.toString();
      case INTEGER -> integer(value);
      case NUMBER -> value instanceof Json.Numeral(String literal) ? literal : string(value);
      case BOOLEAN ->
          value instanceof Json.Bool(boolean bool) ? Boolean.toString(bool) : string(value);
      case UUID -> uuid(value);
      case TIMESTAMP, DATE ->
          value instanceof Json.Numeral(String literal) ? timestamp(literal) : string(value);
      case ARRAY -> value instanceof Json.Array array ? literal(array) : string(value);
      case TEXT -> string(value);
      case OTHER -> value instanceof Json.Text ? string(value) : value.toString();
    };
  }

  private Mismatch mismatch() {
    return new Mismatch(kind.expected);
  }

  private String string(Json value) throws Mismatch {
    if (!(value instanceof Json.Text(String text))) {
      throw mismatch();
    }
    if (text.indexOf('\0') >= 0) {
      throw new Mismatch("text without the character U+0000");
    }
    if (maxLength >= 0 && text.codePointCount(0, text.length()) > maxLength) {
      throw new Mismatch("at most %d characters".formatted(maxLength));
    }
    return text;
  }

  private String integer(Json value) throws Mismatch {
    if (!(value instanceof Json.Numeral(String literal))) {
      return string(value);
    }
    try {
      return number(literal).toBigIntegerExact().toString();
    } catch (ArithmeticException e) {
      throw mismatch();
    }
  }

  /** A number that can be written out. */
  private BigDecimal number(String literal) throws Mismatch {
    try {
      BigDecimal number = new BigDecimal(literal);
      if (Math.abs((long) number.scale()) <= MAX_DIGITS && number.precision() <= MAX_DIGITS) {
        return number;
      }
    } catch (NumberFormatException e) {
      // An exponent beyond an int.
    }
    throw mismatch();
  }

  /** In lower case, as Postgres writes it. */
  private String uuid(Json value) throws Mismatch {
    String text = string(value);
    if (!PlainUuid.is(text)) {
      throw mismatch();
    }
    return text.toLowerCase(Locale.ROOT);
  }

  private String timestamp(String millis) throws Mismatch {
    try {
      long whole = number(millis).setScale(0, RoundingMode.HALF_UP).longValueExact();
      Instant instant = Instant.ofEpochMilli(whole);
      return TIMESTAMP.format(instant.atOffset(ZoneOffset.UTC));
    } catch (ArithmeticException | DateTimeException e) {
      throw mismatch();
    }
  }

  /** {@code {"a",NULL,{…}}}: arrays within arrays are further dimensions. */
  private String literal(Json.Array array) throws Mismatch {
    StringBuilder out = new StringBuilder("{");
    for (Json item : array.items()) {
      if (out.length() > 1) {
        out.append(',');
      }
      if (item instanceof Json.Array inner && elementKind() != Kind.JSON) {
        out.append(literal(inner));
      } else {
        append(out, element.isPresent() ? element.get().text(item) : string(item));
      }
    }
    return out.append('}').toString();
  }

  private Kind elementKind() {
    return element.map(ColumnType::kind).orElse(Kind.TEXT);
  }

  private static void append(StringBuilder out, @Nullable String item) {
    if (item == null) {
      out.append("NULL");
    } else {
      out.append('"').append(item.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
    }
  }

  /** Whether equal values have equal texts, as {@link #text} makes them. */
  boolean isPlain() {
    return switch (kind) {
      case INTEGER, UUID, BOOLEAN -> true;
      default -> sql.equals("text") || sql.equals("character varying");
    };
  }
}
