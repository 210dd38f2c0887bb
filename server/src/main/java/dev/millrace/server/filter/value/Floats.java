package dev.millrace.server.filter.value;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Arithmetic and text form of float4 and float8: IEEE, but overflow and underflow are errors. */
final class Floats {

  /** From this exponent on Postgres prints a power of ten. */
  private static final int FLOAT8_DIGITS = 15;

  private static final int FLOAT4_DIGITS = 6;
  private static final int LEAST_PLAIN_EXPONENT = -4;

  private Floats() {}

  /** NaN is equal to itself and greater than all others; the zeros are equal. */
  static int compare(double a, double b) {
    if (a == b) {
      return 0;
    }
    return Double.compare(a, b);
  }

  static Object add(double a, double b, Type type) {
    return checked(narrow(a + b, type), type, isFinite(a, b), false);
  }

  static Object subtract(double a, double b, Type type) {
    return checked(narrow(a - b, type), type, isFinite(a, b), false);
  }

  static Object multiply(double a, double b, Type type) {
    return checked(narrow(a * b, type), type, isFinite(a, b), a != 0 && b != 0);
  }

  static Object divide(double a, double b, Type type) {
    if (b == 0 && !Double.isNaN(a)) {
      throw new EvaluationException("division by zero");
    }
    boolean mayBeZero = a != 0 && !Double.isInfinite(b);
    return checked(narrow(a / b, type), type, !Double.isInfinite(a), mayBeZero);
  }

  private static boolean isFinite(double a, double b) {
    return !Double.isInfinite(a) && !Double.isInfinite(b);
  }

  /**
   * A result in double precision as one of the type. For the four operations on two floats this is
   * what single precision gives: double has more than twice its digits.
   */
  private static double narrow(double result, Type type) {
    return type.kind() == Type.Kind.FLOAT4 ? (float) result : result;
  }

  private static Object checked(
      double result, Type type, boolean infinityIsOverflow, boolean zeroIsUnderflow) {
    boolean isOverflow = infinityIsOverflow && Double.isInfinite(result);
    if (isOverflow || (zeroIsUnderflow && result == 0)) {
      throw EvaluationException.outOfRange(type);
    }
    return of(result, type);
  }

  static Object of(double value, Type type) {
    if (type.kind() == Type.Kind.FLOAT4) {
      return (float) value;
    }
    return value;
  }

  /** A float8 as a float4. */
  static Float toFloat4(double value) {
    float result = (float) value;
    boolean isOverflow = Float.isInfinite(result) && !Double.isInfinite(value);
    if (isOverflow || (result == 0 && value != 0)) {
      throw EvaluationException.outOfRange(Type.FLOAT4);
    }
    return result;
  }

  /** Rounded to the nearest integer, halves to the even one. */
  static Long toInteger(double value, Type type) {
    double rounded = Math.rint(value);
    boolean isLong = rounded >= -0x1p63 && rounded < 0x1p63;
    if (!isLong) {
      throw EvaluationException.outOfRange(type);
    }
    return Integers.inRange((long) rounded, type);
  }

  static Double squareRoot(double value) {
    if (value < 0) {
      throw new EvaluationException("cannot take square root of a negative number");
    }
    return Math.sqrt(value);
  }

  /** The shortest digits that read back as the same number. */
  static String print(double value) {
    return special(value) ? name(value) : print(shortest(value), isNegative(value), FLOAT8_DIGITS);
  }

  static String print(float value) {
    return special(value) ? name(value) : print(shortest(value), isNegative(value), FLOAT4_DIGITS);
  }

  private static boolean special(double value) {
    return Double.isNaN(value) || Double.isInfinite(value);
  }

  private static String name(double value) {
    return Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }

  private static boolean isNegative(double value) {
    return Double.doubleToRawLongBits(value) < 0;
  }

  /** Java gives at least two digits even where one would do. */
  private static BigDecimal shortest(double value) {
    BigDecimal digits = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
    BigDecimal one = digits.round(new MathContext(1, RoundingMode.HALF_EVEN));
    return digits.precision() == 2 && one.doubleValue() == Math.abs(value) ? one : digits;
  }

  private static BigDecimal shortest(float value) {
    BigDecimal digits = new BigDecimal(Float.toString(Math.abs(value))).stripTrailingZeros();
    BigDecimal one = digits.round(new MathContext(1, RoundingMode.HALF_EVEN));
    return digits.precision() == 2 && one.floatValue() == Math.abs(value) ? one : digits;
  }

  private static String print(BigDecimal number, boolean isNegative, int plainDigits) {
    String sign = isNegative ? "-" : "";
    int exponent = number.signum() == 0 ? 0 : number.precision() - number.scale() - 1;
    if (exponent >= LEAST_PLAIN_EXPONENT && exponent < plainDigits) {
      return sign + number.toPlainString();
    }
    String digits = number.unscaledValue().toString();
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    String size = Integer.toString(Math.abs(exponent));
    return sign
        + digits.charAt(0)
        + fraction
        + (exponent < 0 ? "e-" : "e+")
        + (size.length() < 2 ? "0" + size : size);
  }
}
