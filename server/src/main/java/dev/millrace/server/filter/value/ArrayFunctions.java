package dev.millrace.server.filter.value;

import static dev.millrace.server.filter.value.Functions.array;
import static dev.millrace.server.filter.value.Functions.integer;
import static dev.millrace.server.filter.value.Functions.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operators and functions on arrays of any type. */
final class ArrayFunctions {

  private ArrayFunctions() {}

  static void addTo(Functions functions) {
    comparing(
        functions,
        "@>(anyarray,anyarray) bool",
        (a, order) -> array(a, 0).containsAll(array(a, 1), order));
    comparing(
        functions,
        "<@(anyarray,anyarray) bool",
        (a, order) -> array(a, 1).containsAll(array(a, 0), order));
    comparing(
        functions,
        "&&(anyarray,anyarray) bool",
        (a, order) -> array(a, 0).overlaps(array(a, 1), order));
    addShape(functions);
    addConcatenation(functions);
    addSearch(functions);
    addText(functions);
  }

  private interface Comparing {
    @Nullable Object of(@Nullable Object[] arguments, Comparator<Object> order);
  }

  private static @Nullable Routine comparing(CallSite site, Comparing comparing) {
    boolean isKnown = site.collation().isDeterministic() && Order.hasEquality(site.element());
    if (!isKnown) {
      return null;
    }
    Comparator<Object> order = Order.of(site.element());
    return a -> comparing.of(a, order);
  }

  /** Adds one that asks which elements are equal. */
  private static void comparing(Functions functions, String signature, Comparing comparing) {
    functions.make(signature, site -> comparing(site, comparing));
  }

  /** The same, called with NULLs. */
  private static void leniently(Functions functions, String signature, Comparing comparing) {
    functions.lenient(signature, site -> comparing(site, comparing));
  }

  private static void addShape(Functions functions) {
    functions.add("cardinality(anyarray) int4", a -> (long) array(a, 0).elements().length);
    functions.add(
        "array_ndims(anyarray) int4",
        a -> array(a, 0).dimensions() == 0 ? null : Long.valueOf(array(a, 0).dimensions()));
    functions.add("array_length(anyarray,int4) int4", a -> length(array(a, 0), integer(a, 1)));
    functions.add("array_lower(anyarray,int4) int4", a -> lower(array(a, 0), integer(a, 1)));
    functions.add("array_upper(anyarray,int4) int4", a -> upper(array(a, 0), integer(a, 1)));
  }

  private static boolean has(ArrayValue array, long dimension) {
    return dimension > 0 && dimension <= array.dimensions();
  }

  private static @Nullable Long length(ArrayValue array, long dimension) {
    return has(array, dimension) ? Long.valueOf(array.lengths()[(int) dimension - 1]) : null;
  }

  private static @Nullable Long lower(ArrayValue array, long dimension) {
    return has(array, dimension) ? Long.valueOf(array.lowerBounds()[(int) dimension - 1]) : null;
  }

  private static @Nullable Long upper(ArrayValue array, long dimension) {
    Long lower = lower(array, dimension);
    Long length = length(array, dimension);
    return lower == null || length == null ? null : Long.valueOf(lower + length - 1);
  }

  private static void addConcatenation(Functions functions) {
    for (String name : List.of("||", "array_cat")) {
      functions.lenient(
          name + "(anyarray,anyarray) anyarray",
          site -> a -> joined((ArrayValue) a[0], (ArrayValue) a[1]));
    }
    for (String name : List.of("||", "array_append")) {
      functions.lenient(
          name + "(anyarray,anyelement) anyarray", site -> a -> with(a[0], a[1], true));
    }
    for (String name : List.of("||", "array_prepend")) {
      functions.lenient(
          name + "(anyelement,anyarray) anyarray", site -> a -> with(a[1], a[0], false));
    }
  }

  private static @Nullable ArrayValue joined(@Nullable ArrayValue a, @Nullable ArrayValue b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.concatenated(b);
  }

  private static ArrayValue with(@Nullable Object array, @Nullable Object element, boolean atEnd) {
    ArrayValue all = array == null ? ArrayValue.EMPTY : (ArrayValue) array;
    return all.with(element, atEnd);
  }

  private static void addSearch(Functions functions) {
    leniently(
        functions,
        "array_position(anyarray,anyelement) int4",
        (a, order) -> position(a, order, false));
    leniently(
        functions,
        "array_position(anyarray,anyelement,int4) int4",
        (a, order) -> position(a, order, true));
    leniently(
        functions,
        "array_positions(anyarray,anyelement) int4[]",
        (a, order) -> a[0] == null ? null : positions(array(a, 0), a[1], order));
    leniently(
        functions,
        "array_remove(anyarray,anyelement) anyarray",
        (a, order) -> a[0] == null ? null : without(array(a, 0), a[1], order));
  }

  private static boolean isSame(@Nullable Object a, @Nullable Object b, Comparator<Object> order) {
    if (a == null || b == null) {
      return a == null && b == null;
    }
    return order.compare(a, b) == 0;
  }

  private static void requireOneDimension(ArrayValue array) {
    if (array.dimensions() > 1) {
      throw new EvaluationException("searching or removing in multidimensional arrays");
    }
  }

  private static @Nullable Long position(
      @Nullable Object[] arguments, Comparator<Object> order, boolean hasStart) {
    if (arguments[0] == null) {
      return null;
    }
    ArrayValue array = array(arguments, 0);
    requireOneDimension(array);
    if (hasStart && arguments[2] == null) {
      throw new EvaluationException("initial position must not be null");
    }
    long lower = array.dimensions() == 0 ? 1 : array.lowerBounds()[0];
    long start = hasStart ? Math.max(integer(arguments, 2) - lower, 0) : 0;
    for (long i = start; i < array.elements().length; i++) {
      if (isSame(array.elements()[(int) i], arguments[1], order)) {
        return i + lower;
      }
    }
    return null;
  }

  private static ArrayValue positions(
      ArrayValue array, @Nullable Object wanted, Comparator<Object> order) {
    requireOneDimension(array);
    List<@Nullable Object> found = new ArrayList<>();
    for (int i = 0; i < array.elements().length; i++) {
      if (isSame(array.elements()[i], wanted, order)) {
        found.add((long) i + array.lowerBounds()[0]);
      }
    }
    return ArrayValue.of(found.toArray());
  }

  private static ArrayValue without(
      ArrayValue array, @Nullable Object unwanted, Comparator<Object> order) {
    requireOneDimension(array);
    List<@Nullable Object> kept = new ArrayList<>();
    for (Object element : array.elements()) {
      if (!isSame(element, unwanted, order)) {
        kept.add(element);
      }
    }
    if (kept.size() == array.elements().length) {
      return array;
    }
    return kept.isEmpty()
        ? ArrayValue.EMPTY
        : new ArrayValue(kept.toArray(), new int[] {kept.size()}, array.lowerBounds());
  }

  private static void addText(Functions functions) {
    functions.make(
        "array_to_string(anyarray,text) text",
        site -> a -> joined(array(a, 0), site.element(), text(a, 1), null));
    functions.lenient(
        "array_to_string(anyarray,text,text) text",
        site ->
            a ->
                a[0] == null || a[1] == null
                    ? null
                    : joined(array(a, 0), site.element(), text(a, 1), (String) a[2]));
  }

  private static String joined(
      ArrayValue array, Type element, String separator, @Nullable String forNull) {
    List<String> parts = new ArrayList<>();
    for (Object value : array.elements()) {
      if (value != null) {
        parts.add(TextForm.print(element, value));
      } else if (forNull != null) {
        parts.add(forNull);
      }
    }
    return String.join(separator, parts);
  }
}
