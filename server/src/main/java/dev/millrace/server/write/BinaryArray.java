package dev.millrace.server.write;

import dev.millrace.protocol.PlainUuid;
import java.nio.ByteBuffer;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.jdbc.PgArray;

/**
 * An array for a statement in the form in which Postgres itself has it, so that it need not read a
 * text for each element. Texts become one only where we are certain what Postgres would read: what
 * is written in another way, or is no value at all, is Postgres' to judge.
 *
 * @param oid of the array's type
 * @param bytes as {@code array_send} writes them
 * @see <a href="https://www.postgresql.org/docs/current/protocol-overview.html">Formats and format
 *     codes</a>
 */
@SuppressWarnings("ArrayRecordComponent") // made to be sent, never compared
record BinaryArray(int oid, byte[] bytes) {

  private static final int HEADER_BYTES = 20;

  private static final long POSTGRES_EPOCH_MILLIS = 946_684_800_000L;
  private static final long POSTGRES_EPOCH_DAY = 10_957;
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  /** Before all times. */
  private static final long MINUS_INFINITY = Long.MIN_VALUE;

  /** The times that Postgres knows, 4713 BC to 294276 AD; others are next to none of ours. */
  private static final long OLDEST = -211_813_488_000_000_000L;

  private static final long NEWEST = 9_223_371_331_199_999_999L;

  private static final Pattern UTC =
      Pattern.compile(
          "(\\d{4})-(\\d{2})-(\\d{2})[T ](\\d{2}):(\\d{2}):(\\d{2})(?:\\.(\\d{1,6}))?Z");

  /** What an element is. */
  private enum Element {
    BOOL(16, 1000, 1),
    INT2(21, 1005, 2),
    INT4(23, 1007, 4),
    INT8(20, 1016, 8),
    UUID(2950, 2951, 16),
    TIMESTAMP(1114, 1115, 8),
    TIMESTAMPTZ(1184, 1185, 8);

    private final int oid;
    private final int arrayOid;
    private final int length;

    Element(int oid, int arrayOid, int length) {
      this.oid = oid;
      this.arrayOid = arrayOid;
      this.length = length;
    }

    /** Of a column, where we can write it; a domain is not what it is made of. */
    static @Nullable Element of(ColumnType type) {
      return switch (type.sql()) {
        case "boolean" -> BOOL;
        case "smallint" -> INT2;
        case "integer" -> INT4;
        case "bigint" -> INT8;
        case "uuid" -> UUID;
        case "timestamp without time zone" -> TIMESTAMP;
        case "timestamp with time zone" -> TIMESTAMPTZ;
        default -> null;
      };
    }

    /** Adds the value that {@code text} is; false if that is not certain. */
    boolean put(Elements out, String text) {
      return switch (this) {
        case BOOL -> putBoolean(out, text);
        case INT2, INT4, INT8 -> putInteger(out, text);
        case UUID -> putUuid(out, text);
        case TIMESTAMP, TIMESTAMPTZ -> putTime(out, text);
      };
    }

    private static boolean putBoolean(Elements out, String text) {
      boolean isTrue = text.equals("true");
      if (!isTrue && !text.equals("false")) {
        return false;
      }
      out.next().put((byte) (isTrue ? 1 : 0));
      return true;
    }

    private boolean putInteger(Elements out, String text) {
      if (!isInteger(text)) {
        return false;
      }
      long value = Long.parseLong(text);
      switch (this) {
        case INT2 -> {
          if (value == (short) value) {
            out.next().putShort((short) value);
            return true;
          }
        }
        case INT4 -> {
          if (value == (int) value) {
            out.next().putInt((int) value);
            return true;
          }
        }
        default -> {
          out.next().putLong(value);
          return true;
        }
      }
      return false;
    }

    /** As an {@code int8} is printed, but for the largest. */
    private static boolean isInteger(String text) {
      int digits = text.startsWith("-") ? 1 : 0;
      if (text.length() == digits || text.length() > digits + 18) {
        return false;
      }
      for (int i = digits; i < text.length(); i++) {
        if (text.charAt(i) < '0' || text.charAt(i) > '9') {
          return false;
        }
      }
      return true;
    }

    private static boolean putUuid(Elements out, String text) {
      if (!PlainUuid.is(text)) {
        return false;
      }
      out.put(java.util.UUID.fromString(text));
      return true;
    }

    /** With the zone that is said, both types have the same fields of it. */
    private static boolean putTime(Elements out, String text) {
      Matcher time = UTC.matcher(text);
      if (!time.matches()) {
        return false;
      }
      int year = Integer.parseInt(time.group(1));
      int hour = Integer.parseInt(time.group(4));
      int minute = Integer.parseInt(time.group(5));
      int second = Integer.parseInt(time.group(6));
      if (year == 0 || hour > 23 || minute > 59 || second > 59) {
        return false;
      }
      long day;
      try {
        day =
            LocalDate.of(year, Integer.parseInt(time.group(2)), Integer.parseInt(time.group(3)))
                .toEpochDay();
      } catch (DateTimeException e) {
        return false;
      }
      String fraction = time.group(7) == null ? "0" : time.group(7);
      long micros = Integer.parseInt(fraction);
      for (int digits = fraction.length(); digits < 6; digits++) {
        micros *= 10;
      }
      long seconds = (hour * 60L + minute) * 60 + second;
      out.next()
          .putLong((day - POSTGRES_EPOCH_DAY) * MICROS_PER_DAY + seconds * 1_000_000 + micros);
      return true;
    }
  }

  /** An array in the making. */
  private static final class Elements {

    private final Element element;
    private final ByteBuffer out;

    Elements(Element element, int count) {
      this.element = element;
      this.out = ByteBuffer.allocate(HEADER_BYTES + count * (Integer.BYTES + element.length));
      int dimensions = count == 0 ? 0 : 1;
      out.putInt(dimensions).putInt(1).putInt(element.oid);
      if (count > 0) {
        out.putInt(count).putInt(1);
      }
    }

    /** Where the next element is put. */
    ByteBuffer next() {
      return out.putInt(element.length);
    }

    void put(UUID value) {
      next().putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits());
    }

    void putNull() {
      out.putInt(-1);
    }

    BinaryArray array() {
      byte[] bytes = new byte[out.position()];
      out.flip().get(bytes);
      return new BinaryArray(element.arrayOid, bytes);
    }
  }

  /**
   * An array of values of a column: of these texts, or if not all of them are certain the texts.
   */
  static Object of(ColumnType type, @Nullable String[] texts) {
    Element element = Element.of(type);
    if (element == null) {
      return texts;
    }
    Elements elements = new Elements(element, texts.length);
    for (String text : texts) {
      if (text == null) {
        elements.putNull();
      } else if (!element.put(elements, text)) {
        return texts;
      }
    }
    return elements.array();
  }

  static BinaryArray ofUuids(List<UUID> values) {
    Elements elements = new Elements(Element.UUID, values.size());
    values.forEach(elements::put);
    return elements.array();
  }

  /**
   * Of times in milliseconds since 1970; without one it is before all others, and a time that
   * Postgres does not know is the first or last that it does.
   */
  static BinaryArray ofTimes(List<OptionalLong> values) {
    Elements elements = new Elements(Element.TIMESTAMPTZ, values.size());
    for (OptionalLong millis : values) {
      elements.next().putLong(millis.isPresent() ? time(millis.getAsLong()) : MINUS_INFINITY);
    }
    return elements.array();
  }

  private static long time(long millis) {
    long known = Math.clamp(millis, OLDEST / 1000, NEWEST / 1000);
    return Math.clamp((known - POSTGRES_EPOCH_MILLIS) * 1000, OLDEST, NEWEST);
  }

  static BinaryArray ofLongs(List<@Nullable Long> values) {
    Elements elements = new Elements(Element.INT8, values.size());
    for (Long value : values) {
      if (value == null) {
        elements.putNull();
      } else {
        elements.next().putLong(value);
      }
    }
    return elements.array();
  }

  Array on(Connection connection) throws SQLException {
    return new PgArray(connection.unwrap(BaseConnection.class), oid, bytes);
  }
}
