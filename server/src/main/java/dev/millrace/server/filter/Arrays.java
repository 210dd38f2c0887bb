package dev.millrace.server.filter;

import dev.millrace.server.filter.value.ArrayValue;
import dev.millrace.server.filter.value.Routine;
import org.jspecify.annotations.Nullable;

/** ANY, ALL, elements and slices of arrays. */
final class Arrays {

  private Arrays() {}

  /** {@code left operator ANY (array)}, or ALL: whatever the dimensions of the array. */
  static Term quantified(Term left, Term array, Routine operator, boolean isAny) {
    Evaluator leftValue = left.evaluator();
    Evaluator arrayValue = array.evaluator();
    return Term.bool(row -> {
      Object value = leftValue.value(row);
      return arrayValue.value(row) instanceof ArrayValue all
          ? quantified(value, all.elements(), operator, isAny)
          : null;
    });
  }

  private static @Nullable Boolean quantified(
      @Nullable Object left, @Nullable Object[] elements, Routine operator, boolean isAny) {
    boolean sawNull = false;
    for (Object element : elements) {
      if (left == null || element == null) {
        sawNull = true;
        continue;
      }
      Object result = operator.apply(new Object[] {left, element});
      if (result == null) {
        sawNull = true;
      } else if (result.equals(isAny)) {
        return isAny;
      }
    }
    return sawNull ? null : Boolean.valueOf(!isAny);
  }

  /** The array comes first, as in Postgres: an error in it is one whatever the places are. */
  static Term element(Term array, Evaluator[] places) {
    Evaluator arrayValue = array.evaluator();
    return Term.computed(
        array.type().element(),
        array.collation(),
        row -> {
          if (!(arrayValue.value(row) instanceof ArrayValue value)) {
            return null;
          }
          long[] numbers = numbers(places, row);
          return numbers == null ? null : value.element(numbers);
        });
  }

  static Term slice(Term array, Evaluator[] from, Evaluator[] to) {
    Evaluator arrayValue = array.evaluator();
    return Term.computed(
        array.type(),
        array.collation(),
        row -> {
          if (!(arrayValue.value(row) instanceof ArrayValue value)) {
            return null;
          }
          long[] first = numbers(from, row);
          long[] last = numbers(to, row);
          return first == null || last == null ? null : value.slice(first, last);
        });
  }

  /** Null if one of them is NULL. */
  private static long @Nullable [] numbers(Evaluator[] places, FilterRow row) {
    long[] numbers = new long[places.length];
    for (int i = 0; i < places.length; i++) {
      if (!(places[i].value(row) instanceof Long number)) {
        return null;
      }
      numbers[i] = number;
    }
    return numbers;
  }
}
