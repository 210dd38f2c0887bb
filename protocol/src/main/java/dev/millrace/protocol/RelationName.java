package dev.millrace.protocol;

import java.util.List;

/**
 * A table's schema and name, as the catalogue has them: case and special characters kept, no
 * quotes.
 */
public record RelationName(String schema, String table) {

  /**
   * Reads {@code tbl} or {@code schema.tbl}, each part an SQL identifier; the schema defaults to
   * {@code public} (protocol section 1, {@code table}).
   *
   * @throws InvalidName with the protocol's message, if a part is no identifier or there are more
   *     than two
   */
  public static RelationName parse(String text) throws InvalidName {
    List<String> parts = SqlIdentifier.split(text, '.');
    return switch (parts.size()) {
      case 1 -> new RelationName("public", SqlIdentifier.parse(parts.get(0)));
      case 2 ->
          new RelationName(SqlIdentifier.parse(parts.get(0)), SqlIdentifier.parse(parts.get(1)));
      default -> throw new InvalidName("Invalid relation identifier, too many delimiters: " + text);
    };
  }

  /** Both parts in SQL quotes with a dot between; the form that keys and messages use. */
  public String quoted() {
    return SqlIdentifier.quote(schema) + "." + SqlIdentifier.quote(table);
  }

  @Override
  public String toString() {
    return quoted();
  }
}
