package dev.millrace.server.filter.value;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value of an array type: its elements in storage order, the length and lower bound of each
 * dimension; no dimension means empty. Immutable: nobody changes what the arrays hold.
 */
public final class ArrayValue {

  static final ArrayValue EMPTY = new ArrayValue(new Object[0], new int[0], new int[0]);

  private final @Nullable Object[] elements;
  private final int[] lengths;
  private final int[] lowerBounds;

  ArrayValue(@Nullable Object[] elements, int[] lengths, int[] lowerBounds) {
    this.elements = elements;
    this.lengths = lengths;
    this.lowerBounds = lowerBounds;
  }

  /** One dimension that begins with 1. */
  public static ArrayValue of(@Nullable Object... elements) {
    return elements.length == 0
        ? EMPTY
        : new ArrayValue(elements, new int[] {elements.length}, new int[] {1});
  }

  /** What {@code ARRAY[…]} makes of arrays: one more dimension. */
  public static ArrayValue nested(@Nullable Object... rows) {
    List<ArrayValue> filled = new ArrayList<>();
    for (Object row : rows) {
      if (row instanceof ArrayValue array && array.dimensions() > 0) {
        filled.add(array);
      }
    }
    if (filled.isEmpty()) {
      return EMPTY;
    }
    ArrayValue first = filled.getFirst();
    List<@Nullable Object> all = new ArrayList<>();
    for (ArrayValue row : filled) {
      if (filled.size() < rows.length || !row.hasSameShape(first)) {
        throw new EvaluationException("multidimensional arrays must have matching dimensions");
      }
      all.addAll(Arrays.asList(row.elements));
    }
    return new ArrayValue(
        all.toArray(), before(rows.length, first.lengths), before(1, first.lowerBounds));
  }

  private static int[] before(int first, int[] rest) {
    int[] all = new int[rest.length + 1];
    all[0] = first;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return all;
  }

  /** In storage order; not to be changed. */
  public @Nullable Object[] elements() {
    return elements;
  }

  /** Of each dimension; not to be changed. */
  int[] lengths() {
    return lengths;
  }

  /** Of each dimension; not to be changed. */
  int[] lowerBounds() {
    return lowerBounds;
  }

  int dimensions() {
    return lengths.length;
  }

  boolean hasSameShape(ArrayValue other) {
    return Arrays.equals(lengths, other.lengths) && Arrays.equals(lowerBounds, other.lowerBounds);
  }

  /** Whether {@code =} holds: the same shape and equal elements, NULLs equal to one another. */
  boolean isEqual(ArrayValue other, Comparator<Object> order) {
    return hasSameShape(other) && compareElements(other, order) == 0;
  }

  /** The order of arrays: by elements, then by their number, then by shape. */
  int compare(ArrayValue other, Comparator<Object> order) {
    int byElements = compareElements(other, order);
    if (byElements != 0) {
      return byElements;
    }
    int result = Integer.compare(elements.length, other.elements.length);
    if (result == 0) {
      result = Integer.compare(dimensions(), other.dimensions());
    }
    if (result == 0) {
      result = Arrays.compare(lengths, other.lengths);
    }
    return result == 0 ? Arrays.compare(lowerBounds, other.lowerBounds) : result;
  }

  private int compareElements(ArrayValue other, Comparator<Object> order) {
    int common = Math.min(elements.length, other.elements.length);
    for (int i = 0; i < common; i++) {
      int result = compareNullsLast(elements[i], other.elements[i], order);
      if (result != 0) {
        return result;
      }
    }
    return 0;
  }

  private static int compareNullsLast(
      @Nullable Object a, @Nullable Object b, Comparator<Object> order) {
    if (a == null || b == null) {
      return Boolean.compare(a == null, b == null);
    }
    return order.compare(a, b);
  }

  boolean contains(@Nullable Object wanted, Comparator<Object> order) {
    for (Object element : elements) {
      if (wanted != null && element != null && order.compare(element, wanted) == 0) {
        return true;
      }
    }
    return false;
  }

  /** {@code @>}: whatever the shapes; NULL is contained nowhere. */
  boolean containsAll(ArrayValue other, Comparator<Object> order) {
    for (Object element : other.elements) {
      if (!contains(element, order)) {
        return false;
      }
    }
    return true;
  }

  boolean overlaps(ArrayValue other, Comparator<Object> order) {
    for (Object element : other.elements) {
      if (contains(element, order)) {
        return true;
      }
    }
    return false;
  }

  /** The element at these places; NULL outside or where there are not so many dimensions. */
  public @Nullable Object element(long[] places) {
    if (places.length != dimensions() || places.length == 0) {
      return null;
    }
    int index = 0;
    for (int i = 0; i < places.length; i++) {
      long place = places[i] - lowerBounds[i];
      if (place < 0 || place >= lengths[i]) {
        return null;
      }
      index = index * lengths[i] + (int) place;
    }
    return elements[index];
  }

  /**
   * What lies between these places, in an array that begins with 1; empty if that is nothing. A
   * dimension that is not named is taken whole.
   */
  public ArrayValue slice(long[] from, long[] to) {
    if (from.length > dimensions() || dimensions() == 0) {
      return EMPTY;
    }
    int[] starts = new int[dimensions()];
    int[] newLengths = lengths.clone();
    for (int i = 0; i < from.length; i++) {
      long first = Math.max(from[i], lowerBounds[i]);
      long last = Math.min(to[i], lowerBounds[i] + (long) lengths[i] - 1);
      if (first > last) {
        return EMPTY;
      }
      starts[i] = (int) (first - lowerBounds[i]);
      newLengths[i] = (int) (last - first + 1);
    }
    List<@Nullable Object> taken = new ArrayList<>();
    take(taken, starts, newLengths, 0, 0);
    int[] ones = new int[dimensions()];
    Arrays.fill(ones, 1);
    return new ArrayValue(taken.toArray(), newLengths, ones);
  }

  private void take(
      List<@Nullable Object> taken, int[] starts, int[] newLengths, int dimension, int base) {
    for (int i = 0; i < newLengths[dimension]; i++) {
      int index = base * lengths[dimension] + starts[dimension] + i;
      if (dimension == dimensions() - 1) {
        taken.add(elements[index]);
      } else {
        take(taken, starts, newLengths, dimension + 1, index);
      }
    }
  }

  /** {@code ||} of an array and another, or of an array and one of its inner ones. */
  ArrayValue concatenated(ArrayValue other) {
    if (dimensions() == 0) {
      return other;
    }
    if (other.dimensions() == 0) {
      return this;
    }
    int difference = dimensions() - other.dimensions();
    if (Math.abs(difference) > 1) {
      throw new EvaluationException("cannot concatenate incompatible arrays");
    }
    ArrayValue outer = difference >= 0 ? this : other;
    int[] newLengths = outer.lengths.clone();
    newLengths[0] = rows(outer.dimensions()) + other.rows(outer.dimensions());
    requireSameInside(other, outer.dimensions());
    @Nullable Object[] all = Arrays.copyOf(elements, elements.length + other.elements.length);
    System.arraycopy(other.elements, 0, all, elements.length, other.elements.length);
    return new ArrayValue(all, newLengths, outer.lowerBounds);
  }

  /** How many rows it is in an array of that many dimensions: an inner one is one row. */
  private int rows(int ofDimensions) {
    return dimensions() == ofDimensions ? lengths[0] : 1;
  }

  private void requireSameInside(ArrayValue other, int ofDimensions) {
    for (int i = 1; i < ofDimensions; i++) {
      int mine = dimensions() - ofDimensions + i;
      int theirs = other.dimensions() - ofDimensions + i;
      boolean isSame =
          lengths[mine] == other.lengths[theirs] && lowerBounds[mine] == other.lowerBounds[theirs];
      if (!isSame) {
        throw new EvaluationException("cannot concatenate incompatible arrays");
      }
    }
  }

  /** {@code array_append} and {@code array_prepend}: only for empty or one-dimensional arrays. */
  ArrayValue with(@Nullable Object element, boolean atEnd) {
    if (dimensions() == 0) {
      return of(element);
    }
    if (dimensions() > 1) {
      throw new EvaluationException("argument must be empty or one-dimensional array");
    }
    @Nullable Object[] all = new Object[elements.length + 1];
    System.arraycopy(elements, 0, all, atEnd ? 0 : 1, elements.length);
    all[atEnd ? elements.length : 0] = element;
    return new ArrayValue(all, new int[] {all.length}, lowerBounds);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ArrayValue array
        && hasSameShape(array)
        && Arrays.equals(elements, array.elements);
  }

  @Override
  public int hashCode() {
    return Objects.hash(Arrays.hashCode(elements), Arrays.hashCode(lengths));
  }

  @Override
  public String toString() {
    return Arrays.toString(elements);
  }
}
