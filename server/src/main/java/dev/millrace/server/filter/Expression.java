package dev.millrace.server.filter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a filter as Postgres prints it: syntax only, with types where the text names them.
 * Immutable.
 */
public sealed interface Expression {

  /**
   * A column of the table.
   *
   * @param index its place in the table's list of columns
   */
  record Column(int index, String name) implements Expression {}

  /**
   * A constant.
   *
   * @param text as the type's output function prints it; null is NULL
   */
  record Constant(@Nullable String text, TypeName type) implements Expression {}

  record Cast(Expression operand, TypeName type) implements Expression {}

  /** An operator of {@code pg_catalog} with one operand or two. */
  record Operation(String operator, List<Expression> operands) implements Expression {
    public Operation {
      operands = List.copyOf(operands);
    }
  }

  /**
   * A function of {@code pg_catalog}.
   *
   * @param hidesCasts whether it was printed in a form of its own, such as {@code EXTRACT(year FROM
   *     d)}, where implicit casts of arguments do not show
   */
  record Call(String function, List<Expression> arguments, boolean hidesCasts)
      implements Expression {
    public Call {
      arguments = List.copyOf(arguments);
    }
  }

  record And(List<Expression> operands) implements Expression {
    public And {
      operands = List.copyOf(operands);
    }
  }

  record Or(List<Expression> operands) implements Expression {
    public Or {
      operands = List.copyOf(operands);
    }
  }

  record Not(Expression operand) implements Expression {}

  /** {@code IS NULL}, or {@code IS NOT NULL} if negated. */
  record NullTest(Expression operand, boolean isNegated) implements Expression {}

  /**
   * {@code IS TRUE} and the like.
   *
   * @param wanted null for {@code IS UNKNOWN}
   */
  record BooleanTest(Expression operand, @Nullable Boolean wanted, boolean isNegated)
      implements Expression {}

  /** {@code IS DISTINCT FROM}. */
  record DistinctTest(Expression left, Expression right) implements Expression {}

  /** {@code left operator ANY (array)}, or ALL. */
  record ScalarArray(String operator, Expression left, Expression array, boolean isAny)
      implements Expression {}

  /**
   * {@code CASE}.
   *
   * @param operand what each branch's condition is compared with, if there is one
   */
  record Case(@Nullable Expression operand, List<Branch> branches, @Nullable Expression otherwise)
      implements Expression {
    public Case {
      branches = List.copyOf(branches);
    }
  }

  /** {@code WHEN condition THEN result}. */
  record Branch(Expression condition, Expression result) {}

  record Coalesce(List<Expression> operands) implements Expression {
    public Coalesce {
      operands = List.copyOf(operands);
    }
  }

  record NullIf(Expression left, Expression right) implements Expression {}

  /** {@code GREATEST} or {@code LEAST}. */
  record Extreme(boolean isGreatest, List<Expression> operands) implements Expression {
    public Extreme {
      operands = List.copyOf(operands);
    }
  }

  /** {@code ARRAY[…]}; of an array of arrays each element is one of these. */
  record ArrayConstructor(List<Expression> elements) implements Expression {
    public ArrayConstructor {
      elements = List.copyOf(elements);
    }
  }

  /** {@code array[1]}, {@code array[1:2]}. */
  record Subscript(Expression array, List<Place> places, boolean isSlice) implements Expression {
    public Subscript {
      places = List.copyOf(places);
    }
  }

  /**
   * One subscript.
   *
   * @param from of a slice; null for its beginning, and for a single place
   * @param to null for the end of a slice
   */
  record Place(@Nullable Expression from, @Nullable Expression to) {}

  record Collate(Expression operand, String collation) implements Expression {}

  /** {@code ROW(a, b) < ROW(c, d)}. */
  record RowComparison(String operator, List<Expression> left, List<Expression> right)
      implements Expression {
    public RowComparison {
      left = List.copyOf(left);
      right = List.copyOf(right);
    }
  }

  /** What this parser does not know: Postgres has to evaluate it. */
  record Unknown(String sql) implements Expression {}
}
