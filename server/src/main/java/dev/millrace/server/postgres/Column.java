package dev.millrace.server.postgres;

/**
 * A column as the catalogue has it.
 *
 * @param number {@code attnum}: another column that takes the name has another number
 * @param type name of the type; of the element type for an array
 * @param typeOid the column's own type, the array type for an array
 * @param dimensions declared array dimensions, 0 for anything else
 * @param modifier {@code atttypmod}: length, precision and the like; -1 for none
 * @param keyIndex place in the primary key from 0, or -1
 * @param collation OID of the collation by which its texts are compared; 0 for other types
 */
public record Column(
    String name,
    int number,
    String type,
    int typeOid,
    int dimensions,
    int modifier,
    boolean notNull,
    Generation generation,
    int keyIndex,
    int collation) {

  /** A column without a collation. */
  public Column(
      String name,
      int number,
      String type,
      int typeOid,
      int dimensions,
      int modifier,
      boolean notNull,
      Generation generation,
      int keyIndex) {
    this(name, number, type, typeOid, dimensions, modifier, notNull, generation, keyIndex, 0);
  }

  /** Whether Postgres computes the column, and if so whether it can tell us the values. */
  public enum Generation {
    NONE,
    /** Stored, on Postgres 18 or newer: in the stream, if the publication says so. */
    STREAMED,
    /** Virtual, or on an older Postgres: never in the stream. */
    NOT_STREAMED
  }

  /**
   * What cannot change without changing values or keys; the rest, such as nullability, is
   * description.
   */
  public record Identity(
      String name, int number, int typeOid, int modifier, int keyIndex, int collation) {}

  public Identity identity() {
    return new Identity(name, number, typeOid, modifier, keyIndex, collation);
  }

  public boolean isKey() {
    return keyIndex >= 0;
  }

  public boolean isStreamed() {
    return generation != Generation.NOT_STREAMED;
  }
}
