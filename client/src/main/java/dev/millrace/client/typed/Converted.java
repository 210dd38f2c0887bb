package dev.millrace.client.typed;

import dev.millrace.client.store.ColumnType;

/**
 * A column of a type that the store does not know, whose values are stored as those of one that it
 * knows.
 *
 * @param <T> of the application's values
 */
public sealed interface Converted<T> permits MappedColumn, OpaqueColumn {

  String name();

  /** What is stored. */
  ColumnType type();

  /** The value that is stored for it, as {@link ColumnType#javaClass} says. */
  Object toStored(T value);

  /** The value of what {@link ColumnType#load} gives. */
  T fromStored(Object stored);
}
