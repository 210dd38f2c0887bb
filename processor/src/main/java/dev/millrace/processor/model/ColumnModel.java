package dev.millrace.processor.model;

import javax.lang.model.element.Element;

/**
 * A component of a record.
 *
 * @param at where to complain of it
 * @param component its name in Java
 * @param column its name on the server, or in JSON
 * @param isHidden whether its type cannot be named by other classes of the package
 * @param isSet whether it is marked as a set
 * @param isIndexed whether it has an index of its own
 */
public record ColumnModel(
    Element at,
    String component,
    String column,
    ValueKind kind,
    Presence presence,
    boolean isHidden,
    boolean isKey,
    boolean isOwner,
    boolean isLocal,
    boolean isSet,
    boolean hasDefault,
    boolean isIndexed) {

  /** Whether there is always a value. */
  public enum Presence {
    ALWAYS,
    NULLABLE,
    OPTIONAL
  }

  /** The constant of its column: {@code CREATED_AT}. */
  public String constant() {
    return Names.upperSnake(component);
  }
}
