package dev.millrace.server.postgres;

/**
 * A column as the catalogue has it.
 *
 * @param type name of the type; of the element type for an array
 * @param typeOid the column's own type, the array type for an array
 * @param dimensions declared array dimensions, 0 for anything else
 * @param modifier {@code atttypmod}: length, precision and the like; -1 for none
 * @param keyIndex place in the primary key from 0, or -1
 */
public record Column(
    String name,
    String type,
    int typeOid,
    int dimensions,
    int modifier,
    boolean notNull,
    boolean generated,
    int keyIndex) {

  public boolean isKey() {
    return keyIndex >= 0;
  }
}
