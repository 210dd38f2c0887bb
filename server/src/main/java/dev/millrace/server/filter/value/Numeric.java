package dev.millrace.server.filter.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value of type numeric: a decimal number with a display scale, an infinity, or NaN, which is
 * equal to itself and greater than everything. Immutable. Comparison and {@code equals} are those
 * of the values, whatever their scales.
 *
 * @see <a href="https://www.postgresql.org/docs/current/datatype-numeric.html">Numeric types</a>
 */
public final class Numeric implements Comparable<Numeric> {

  static final Numeric NAN = new Numeric(null, "NaN", 2);
  static final Numeric INFINITY = new Numeric(null, "Infinity", 1);
  static final Numeric MINUS_INFINITY = new Numeric(null, "-Infinity", -1);
  static final Numeric ZERO = of(BigDecimal.ZERO);

  /** Of a quotient, how many significant digits it has at least. */
  private static final int MIN_SIGNIFICANT_DIGITS = 16;

  /** Postgres computes with digits to the base of 10,000, and the scale of a quotient shows it. */
  private static final int DECIMALS_PER_DIGIT = 4;

  private static final int MAX_DISPLAY_SCALE = 1000;
  private static final int MAX_SCALE = 16_383;
  private static final int MAX_INTEGER_DIGITS = 131_072;

  private final @Nullable BigDecimal value;
  private final String name;

  /** Of what is not finite, its place among the others. */
  private final int rank;

  private Numeric(@Nullable BigDecimal value, String name, int rank) {
    this.value = value;
    this.name = name;
    this.rank = rank;
  }

  /** A finite number that keeps the scale of {@code value}, but has none below zero. */
  static Numeric of(BigDecimal value) {
    BigDecimal scaled = value.scale() < 0 ? value.setScale(0) : value;
    if (scaled.scale() > MAX_SCALE || scaled.precision() - scaled.scale() > MAX_INTEGER_DIGITS) {
      throw EvaluationException.outOfRange(Type.NUMERIC);
    }
    return new Numeric(scaled, "", 0);
  }

  static Numeric of(long value) {
    return new Numeric(BigDecimal.valueOf(value), "", 0);
  }

  /** As Postgres prints it. */
  static Numeric parse(String text) {
    return switch (text) {
      case "NaN" -> NAN;
      case "Infinity" -> INFINITY;
      case "-Infinity" -> MINUS_INFINITY;
      default -> of(new BigDecimal(text));
    };
  }

  /** The first digits that a float surely has. */
  static Numeric ofFloat(double value, int digits) {
    if (Double.isNaN(value)) {
      return NAN;
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? INFINITY : MINUS_INFINITY;
    }
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
    return of(rounded.stripTrailingZeros());
  }

  boolean isFinite() {
    return value != null;
  }

  boolean isNaN() {
    return rank == NAN.rank;
  }

  /** Of a finite number. */
  BigDecimal decimal() {
    return Objects.requireNonNull(value, name);
  }

  /** -1, 0 or 1; meaningless for NaN. */
  int signum() {
    return value == null ? rank : value.signum();
  }

  int scale() {
    return decimal().scale();
  }

  boolean isZero() {
    return value != null && value.signum() == 0;
  }

  Numeric plus(Numeric other) {
    if (isFinite() && other.isFinite()) {
      return of(decimal().add(other.decimal()));
    }
    if (isNaN() || other.isNaN()) {
      return NAN;
    }
    if (isFinite()) {
      return other;
    }
    return other.isFinite() || other.rank == rank ? this : NAN;
  }

  Numeric minus(Numeric other) {
    return plus(other.negated());
  }

  Numeric negated() {
    if (isFinite()) {
      return new Numeric(decimal().negate(), "", 0);
    }
    return isNaN() ? NAN : infinity(-rank);
  }

  private static Numeric infinity(int sign) {
    return sign > 0 ? INFINITY : MINUS_INFINITY;
  }

  Numeric times(Numeric other) {
    if (isFinite() && other.isFinite()) {
      BigDecimal product = decimal().multiply(other.decimal());
      return of(product.scale() > MAX_SCALE ? round(product, MAX_SCALE) : product);
    }
    if (isNaN() || other.isNaN() || signum() == 0 || other.signum() == 0) {
      return NAN;
    }
    return infinity(signum() * other.signum());
  }

  private static BigDecimal round(BigDecimal value, int scale) {
    return value.setScale(scale, RoundingMode.HALF_UP);
  }

  Numeric dividedBy(Numeric other) {
    if (isNaN() || other.isNaN()) {
      return NAN;
    }
    if (!isFinite()) {
      return infinityDividedBy(other);
    }
    if (!other.isFinite()) {
      return ZERO;
    }
    requireNotZero(other);
    int scale = quotientScale(decimal(), other.decimal());
    return of(decimal().divide(other.decimal(), scale, RoundingMode.HALF_UP));
  }

  private Numeric infinityDividedBy(Numeric other) {
    requireNotZero(other);
    return other.isFinite() ? infinity(rank * other.signum()) : NAN;
  }

  private static void requireNotZero(Numeric divisor) {
    if (divisor.isZero()) {
      throw new EvaluationException("division by zero");
    }
  }

  /** So many decimals that there are at least 16 significant digits, by Postgres' estimate. */
  private static int quotientScale(BigDecimal dividend, BigDecimal divisor) {
    int weight = weight(dividend) - weight(divisor);
    if (firstDigit(dividend) <= firstDigit(divisor)) {
      weight--;
    }
    int scale = MIN_SIGNIFICANT_DIGITS - weight * DECIMALS_PER_DIGIT;
    scale = Math.max(scale, Math.max(dividend.scale(), divisor.scale()));
    return Math.min(Math.max(scale, 0), MAX_DISPLAY_SCALE);
  }

  /** The power of 10,000 of the first digit; 0 for zero. */
  private static int weight(BigDecimal number) {
    return number.signum() == 0
        ? 0
        : Math.floorDiv(number.precision() - number.scale() - 1, DECIMALS_PER_DIGIT);
  }

  private static int firstDigit(BigDecimal number) {
    return number
        .abs()
        .scaleByPowerOfTen(-DECIMALS_PER_DIGIT * weight(number))
        .setScale(0, RoundingMode.DOWN)
        .intValueExact();
  }

  Numeric remainder(Numeric other) {
    if (isNaN() || other.isNaN()) {
      return NAN;
    }
    requireNotZero(other);
    if (!isFinite()) {
      return NAN;
    }
    if (!other.isFinite()) {
      return this;
    }
    int scale = Math.max(scale(), other.scale());
    return of(decimal().remainder(other.decimal()).setScale(scale));
  }

  Numeric abs() {
    return signum() < 0 ? negated() : this;
  }

  Numeric sign() {
    return isNaN() ? NAN : of(signum());
  }

  /** To a number of decimals, or tens if it is negative. */
  Numeric rounded(long places, RoundingMode mode) {
    if (!isFinite()) {
      return this;
    }
    int scale = (int) Math.clamp(places, -MAX_INTEGER_DIGITS - 5L, MAX_SCALE);
    BigDecimal rounded = decimal().setScale(scale, mode);
    return of(rounded.scale() < 0 ? rounded.setScale(0) : rounded);
  }

  /** As in a column of type {@code numeric(precision, scale)}. */
  Numeric fitted(int precision, int scale) {
    if (isNaN()) {
      return this;
    }
    if (!isFinite()) {
      throw EvaluationException.outOfRange(Type.NUMERIC);
    }
    BigDecimal rounded = decimal().setScale(scale, RoundingMode.HALF_UP);
    boolean fits =
        rounded.signum() == 0 || rounded.precision() - rounded.scale() <= precision - scale;
    if (!fits) {
      throw new EvaluationException("numeric field overflow");
    }
    return of(rounded);
  }

  Numeric withoutTrailingZeros() {
    return isFinite() ? of(decimal().stripTrailingZeros()) : this;
  }

  /** Rounded to an integer of the type. */
  long toInteger(Type type) {
    if (!isFinite()) {
      throw EvaluationException.outOfRange(type);
    }
    // A number of that many digits is out of range for sure, and costly to turn into an integer.
    if (decimal().precision() - decimal().scale() > 20) {
      throw EvaluationException.outOfRange(type);
    }
    BigInteger integer = decimal().setScale(0, RoundingMode.HALF_UP).toBigInteger();
    if (integer.bitLength() > 63) {
      throw EvaluationException.outOfRange(type);
    }
    return Integers.inRange(integer.longValueExact(), type);
  }

  double toFloat8() {
    if (!isFinite()) {
      return Double.parseDouble(name);
    }
    double result = decimal().doubleValue();
    if (Double.isInfinite(result) || (result == 0 && decimal().signum() != 0)) {
      throw EvaluationException.outOfRange(Type.FLOAT8);
    }
    return result;
  }

  float toFloat4() {
    if (!isFinite()) {
      return Float.parseFloat(name);
    }
    float result = decimal().floatValue();
    if (Float.isInfinite(result) || (result == 0 && decimal().signum() != 0)) {
      throw EvaluationException.outOfRange(Type.FLOAT4);
    }
    return result;
  }

  /** As Postgres prints it. */
  String print() {
    return isFinite() ? decimal().toPlainString() : name;
  }

  @Override
  public int compareTo(Numeric other) {
    if (isFinite() && other.isFinite()) {
      return decimal().compareTo(other.decimal());
    }
    return Integer.compare(rank, other.rank);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Numeric number && compareTo(number) == 0;
  }

  @Override
  public int hashCode() {
    return isFinite() ? decimal().stripTrailingZeros().hashCode() : rank;
  }

  @Override
  public String toString() {
    return print();
  }
}
