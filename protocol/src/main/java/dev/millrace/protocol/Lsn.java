package dev.millrace.protocol;

/**
 * A position in Postgres' write-ahead log: a byte address, compared as an unsigned number. Postgres
 * writes it {@code 16/B374D848}; the shape protocol writes the same number in decimal.
 *
 * @see <a href="https://www.postgresql.org/docs/current/datatype-pg-lsn.html">pg_lsn</a>
 */
public record Lsn(long value) implements Comparable<Lsn> {

  public static final Lsn ZERO = new Lsn(0);

  /**
   * Reads Postgres' form, two hexadecimal halves with a slash between.
   *
   * @throws IllegalArgumentException if {@code text} is not of that form
   */
  public static Lsn parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 1) {
      throw new IllegalArgumentException("not an LSN: " + text);
    }
    long high = Long.parseLong(text, 0, slash, 16);
    long low = Long.parseLong(text, slash + 1, text.length(), 16);
    return new Lsn(high << 32 | low);
  }

  public boolean isAfter(Lsn other) {
    return compareTo(other) > 0;
  }

  public Lsn max(Lsn other) {
    return isAfter(other) ? this : other;
  }

  /** The decimal form that messages and offsets carry. */
  public String decimal() {
    return Long.toUnsignedString(value);
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return String.format("%X/%X", value >>> 32, value & 0xFFFF_FFFFL);
  }
}
