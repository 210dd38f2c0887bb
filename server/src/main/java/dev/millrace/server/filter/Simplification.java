package dev.millrace.server.filter;

import dev.millrace.server.filter.Expression.And;
import dev.millrace.server.filter.Expression.Constant;
import dev.millrace.server.filter.Expression.Not;
import dev.millrace.server.filter.Expression.Or;
import java.util.List;

/**
 * Leaves out of AND, OR and NOT what is decided without a row, as policies are once the user is
 * known: {@code (false OR (owner_id = …))} can then be found by the owner.
 */
final class Simplification {

  private static final String TRUE = "t";
  private static final String FALSE = "f";

  private Simplification() {}

  /** What means the same. */
  static Expression of(Expression expression) {
    return switch (expression) {
      case And(List<Expression> operands) ->
          and(operands.stream().map(Simplification::of).toList());
      case Or(List<Expression> operands) -> or(operands.stream().map(Simplification::of).toList());
      case Not(Expression operand) -> not(of(operand));
      default -> expression;
    };
  }

  private static Expression and(List<Expression> operands) {
    if (operands.stream().anyMatch(Simplification::isFalse)) {
      return constant(FALSE);
    }
    List<Expression> left = operands.stream().filter(operand -> !isTrue(operand)).toList();
    return switch (left.size()) {
      case 0 -> constant(TRUE);
      case 1 -> left.getFirst();
      default -> new And(left);
    };
  }

  private static Expression or(List<Expression> operands) {
    if (operands.stream().anyMatch(Simplification::isTrue)) {
      return constant(TRUE);
    }
    List<Expression> left = operands.stream().filter(operand -> !isFalse(operand)).toList();
    return switch (left.size()) {
      case 0 -> constant(FALSE);
      case 1 -> left.getFirst();
      default -> new Or(left);
    };
  }

  private static Expression not(Expression operand) {
    if (isTrue(operand)) {
      return constant(FALSE);
    }
    return isFalse(operand) ? constant(TRUE) : new Not(operand);
  }

  private static Expression constant(String text) {
    return new Constant(text, TypeName.of("boolean"));
  }

  /** Whether it is met by every row. */
  static boolean isTrue(Expression expression) {
    return is(expression, TRUE);
  }

  /** Whether it is met by no row. */
  static boolean isFalse(Expression expression) {
    return is(expression, FALSE);
  }

  private static boolean is(Expression expression, String text) {
    return expression instanceof Constant(String value, TypeName type)
        && type.name().equals("boolean")
        && !type.isArray()
        && text.equals(value);
  }
}
