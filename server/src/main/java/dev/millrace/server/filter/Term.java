package dev.millrace.server.filter;

import dev.millrace.server.filter.value.Type;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An expression whose type is known and that can be evaluated.
 *
 * @param collation of its texts
 * @param isConstant whether its value is the same for all rows
 * @param constant that value, if it is and not NULL
 * @param column the column that it is, as it is or relabelled; -1 for anything else
 */
record Term(
    Type type,
    DerivedCollation collation,
    Evaluator evaluator,
    boolean isConstant,
    @Nullable Object constant,
    int column) {

  static Term computed(Type type, DerivedCollation collation, Evaluator evaluator) {
    return new Term(type, collation, evaluator, false, null, -1);
  }

  static Term constant(Type type, DerivedCollation collation, @Nullable Object value) {
    return new Term(type, collation, row -> value, true, value, -1);
  }

  static Term bool(Evaluator evaluator) {
    return computed(Type.BOOL, DerivedCollation.NONE, evaluator);
  }

  /** The same value under another type, with which it shares the Java form. */
  Term as(Type other) {
    return new Term(other, collation, evaluator, isConstant, constant, column);
  }

  Term with(DerivedCollation other) {
    return new Term(type, other, evaluator, isConstant, constant, column);
  }

  boolean isNull() {
    return isConstant && constant == null;
  }

  static <T> List<T> each(List<Term> terms, Function<Term, T> part) {
    return terms.stream().map(part).toList();
  }
}
