package dev.millrace.server.filter;

import dev.millrace.server.filter.value.Routine;
import dev.millrace.server.filter.value.Type;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Conditions of true, false and NULL, evaluated from left to right only as far as needed. */
final class Logic {

  private Logic() {}

  private static Evaluator[] evaluators(List<Term> terms) {
    return Term.each(terms, Term::evaluator).toArray(new Evaluator[0]);
  }

  static Term and(List<Term> operands) {
    return junction(operands, Boolean.FALSE, Boolean.TRUE);
  }

  static Term or(List<Term> operands) {
    return junction(operands, Boolean.TRUE, Boolean.FALSE);
  }

  /** The first operand that is {@code decisive} decides; a constant one, before the others. */
  private static Term junction(List<Term> operands, Boolean decisive, Boolean otherwise) {
    if (operands.stream().anyMatch(operand -> decisive.equals(operand.constant()))) {
      return Term.constant(Type.BOOL, DerivedCollation.NONE, decisive);
    }
    Evaluator[] evaluators = evaluators(operands);
    return Term.bool(row -> {
      Object result = otherwise;
      for (Evaluator operand : evaluators) {
        Object value = operand.value(row);
        if (decisive.equals(value)) {
          return decisive;
        }
        if (value == null) {
          result = null;
        }
      }
      return result;
    });
  }

  static Term not(Term operand) {
    if (operand.isConstant()) {
      Object constant = operand.constant();
      Boolean negated = constant == null ? null : Boolean.valueOf(!((Boolean) constant));
      return Term.constant(Type.BOOL, DerivedCollation.NONE, negated);
    }
    Evaluator evaluator = operand.evaluator();
    return Term.bool(row -> {
      Object value = evaluator.value(row);
      return value == null ? null : !((Boolean) value);
    });
  }

  /** {@code IS TRUE} and the like; {@code wanted} is null for {@code IS UNKNOWN}. */
  static Term test(Term operand, @Nullable Boolean wanted, boolean isNegated) {
    if (operand.isConstant()) {
      Object constant = operand.constant();
      boolean isSo = wanted == null ? constant == null : wanted.equals(constant);
      return Term.constant(Type.BOOL, DerivedCollation.NONE, isSo != isNegated);
    }
    Evaluator evaluator = operand.evaluator();
    return Term.bool(row -> {
      Object value = evaluator.value(row);
      boolean isSo = wanted == null ? value == null : wanted.equals(value);
      return isSo != isNegated;
    });
  }

  /** The result whose condition is true first; the one after all conditions, or NULL. */
  static Evaluator firstTrue(Evaluator[] conditions, Evaluator[] results) {
    return row -> {
      for (int i = 0; i < conditions.length; i++) {
        if (Boolean.TRUE.equals(conditions[i].value(row))) {
          return results[i].value(row);
        }
      }
      return otherwise(conditions.length, results, row);
    };
  }

  private static @Nullable Object otherwise(int branches, Evaluator[] results, FilterRow row) {
    return results.length > branches ? results[branches].value(row) : null;
  }

  /** The result whose value is equal to the operand first. */
  static Evaluator firstEqual(
      Evaluator operand, Evaluator[] wanted, Routine[] comparisons, Evaluator[] results) {
    return row -> {
      Object value = operand.value(row);
      for (int i = 0; i < wanted.length; i++) {
        Object other = wanted[i].value(row);
        boolean isEqual =
            value != null
                && other != null
                && Boolean.TRUE.equals(comparisons[i].apply(new Object[] {value, other}));
        if (isEqual) {
          return results[i].value(row);
        }
      }
      return otherwise(wanted.length, results, row);
    };
  }

  /** Rows by their first columns that differ; NULL if one of those is. */
  static Term rows(
      String operator, Evaluator[] left, Evaluator[] right, List<Comparator<Object>> orders)
      throws Unsupported {
    boolean isLess = operator.startsWith("<");
    boolean orEqual = operator.endsWith("=");
    if (!List.of("<", "<=", ">", ">=").contains(operator)) {
      throw new Unsupported("rows " + operator);
    }
    return Term.bool(row -> {
      for (int i = 0; i < left.length; i++) {
        Object a = left[i].value(row);
        Object b = right[i].value(row);
        if (a == null || b == null) {
          return null;
        }
        int result = orders.get(i).compare(a, b);
        if (result != 0) {
          return result < 0 == isLess;
        }
      }
      return orEqual;
    });
  }
}
