package dev.millrace.server.filter;

import dev.millrace.server.filter.value.Type;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An expression whose type is known and that can be evaluated.
 *
 * @param collation of its texts
 * @param constant its value, if it is the same for all rows and not NULL
 * @param column the column that it is, as it is or relabelled; -1 for anything else
 */
record Term(
    Type type,
    DerivedCollation collation,
    Evaluator evaluator,
    @Nullable Object constant,
    int column) {

  static Term computed(Type type, DerivedCollation collation, Evaluator evaluator) {
    return new Term(type, collation, evaluator, null, -1);
  }

  static Term constant(Type type, DerivedCollation collation, @Nullable Object value) {
    return new Term(type, collation, row -> value, value, -1);
  }

  static Term bool(Evaluator evaluator) {
    return computed(Type.BOOL, DerivedCollation.NONE, evaluator);
  }

  /** The same value under another type, with which it shares the Java form. */
  Term as(Type other) {
    return new Term(other, collation, evaluator, constant, column);
  }

  Term with(DerivedCollation other) {
    return new Term(type, other, evaluator, constant, column);
  }

  static <T> List<T> each(List<Term> terms, Function<Term, T> part) {
    return terms.stream().map(part).toList();
  }
}
