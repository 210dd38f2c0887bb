package dev.millrace.server.filter.value;

/** Arithmetic of int2, int4 and int8: exact, or an error. */
final class Integers {

  private Integers() {}

  /** The number itself, if the type has it. */
  static Long inRange(long value, Type type) {
    boolean fits =
        switch (type.kind()) {
          case INT2 -> value == (short) value;
          case INT4 -> value == (int) value;
          default -> true;
        };
    if (!fits) {
      throw EvaluationException.outOfRange(type);
    }
    return value;
  }

  static Long add(long a, long b, Type type) {
    long sum = a + b;
    if (((a ^ sum) & (b ^ sum)) < 0) {
      throw EvaluationException.outOfRange(type);
    }
    return inRange(sum, type);
  }

  static Long subtract(long a, long b, Type type) {
    long difference = a - b;
    if (((a ^ b) & (a ^ difference)) < 0) {
      throw EvaluationException.outOfRange(type);
    }
    return inRange(difference, type);
  }

  static Long multiply(long a, long b, Type type) {
    if (Math.multiplyHigh(a, b) != (a * b) >> 63) {
      throw EvaluationException.outOfRange(type);
    }
    return inRange(a * b, type);
  }

  static Long divide(long a, long b, Type type) {
    requireNotZero(b);
    if (a == Long.MIN_VALUE && b == -1) {
      throw EvaluationException.outOfRange(type);
    }
    return inRange(a / b, type);
  }

  static Long remainder(long a, long b) {
    requireNotZero(b);
    return a % b;
  }

  static Long negate(long a, Type type) {
    return subtract(0, a, type);
  }

  static Long abs(long a, Type type) {
    return a < 0 ? negate(a, type) : Long.valueOf(a);
  }

  private static void requireNotZero(long divisor) {
    if (divisor == 0) {
      throw new EvaluationException("division by zero");
    }
  }
}
