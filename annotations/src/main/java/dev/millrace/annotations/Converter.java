package dev.millrace.annotations;

/**
 * Makes of values of an application's type what a column holds, and back. A class of this has a
 * constructor without parameters; one instance is used by all threads.
 *
 * @param <T> of the record's component
 * @param <S> what is stored: a type that a component may have without a converter, such as {@code
 *     String}, {@code Integer} or {@code Instant}
 */
public interface Converter<T, S> {

  /** What is stored of a value; equal values give equal ones. */
  S toColumn(T value);

  /** The value of what is stored. */
  T fromColumn(S stored);
}
