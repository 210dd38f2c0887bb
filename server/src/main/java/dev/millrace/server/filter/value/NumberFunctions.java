package dev.millrace.server.filter.value;

import static dev.millrace.server.filter.value.Functions.integer;
import static dev.millrace.server.filter.value.Functions.number;
import static dev.millrace.server.filter.value.Functions.numeric;

import java.math.RoundingMode;
import java.util.List;

/**
 * Arithmetic. Functions whose last digits depend on a C library (power, logarithms, trigonometry)
 * are not here.
 */
final class NumberFunctions {

  private static final List<Type> INTEGERS = List.of(Type.INT2, Type.INT4, Type.INT8);

  private NumberFunctions() {}

  static void addTo(Functions functions) {
    for (Type left : INTEGERS) {
      for (Type right : INTEGERS) {
        addIntegers(functions, left, right);
      }
      addIntegers(functions, left);
    }
    for (Type left : List.of(Type.FLOAT4, Type.FLOAT8)) {
      for (Type right : List.of(Type.FLOAT4, Type.FLOAT8)) {
        addFloats(functions, left, right);
      }
      addFloats(functions, left);
    }
    addNumerics(functions);
    addFunctions(functions);
  }

  /** The wider of two types. */
  private static Type wider(Type a, Type b) {
    return a.kind().compareTo(b.kind()) >= 0 ? a : b;
  }

  private static String binary(String operator, Type left, Type right, Type result) {
    return "%s(%s,%s) %s".formatted(operator, left, right, result);
  }

  private static String unary(String operator, Type type) {
    return "%s(%s) %s".formatted(operator, type, type);
  }

  private static void addIntegers(Functions functions, Type left, Type right) {
    Type result = wider(left, right);
    functions.add(
        binary("+", left, right, result), a -> Integers.add(integer(a, 0), integer(a, 1), result));
    functions.add(
        binary("-", left, right, result),
        a -> Integers.subtract(integer(a, 0), integer(a, 1), result));
    functions.add(
        binary("*", left, right, result),
        a -> Integers.multiply(integer(a, 0), integer(a, 1), result));
    functions.add(
        binary("/", left, right, result),
        a -> Integers.divide(integer(a, 0), integer(a, 1), result));
  }

  private static void addIntegers(Functions functions, Type type) {
    Routine remainder = a -> Integers.remainder(integer(a, 0), integer(a, 1));
    functions.add(binary("%", type, type, type), remainder);
    functions.add(binary("mod", type, type, type), remainder);
    functions.add(binary("&", type, type, type), a -> integer(a, 0) & integer(a, 1));
    functions.add(binary("|", type, type, type), a -> integer(a, 0) | integer(a, 1));
    functions.add(binary("#", type, type, type), a -> integer(a, 0) ^ integer(a, 1));
    functions.add(unary("~", type), a -> ~integer(a, 0));
    functions.add(unary("-", type), a -> Integers.negate(integer(a, 0), type));
    functions.add(unary("+", type), a -> integer(a, 0));
    functions.add(unary("@", type), a -> Integers.abs(integer(a, 0), type));
    functions.add(unary("abs", type), a -> Integers.abs(integer(a, 0), type));
  }

  private static void addFloats(Functions functions, Type left, Type right) {
    Type result = wider(left, right);
    functions.add(
        binary("+", left, right, result), a -> Floats.add(number(a, 0), number(a, 1), result));
    functions.add(
        binary("-", left, right, result), a -> Floats.subtract(number(a, 0), number(a, 1), result));
    functions.add(
        binary("*", left, right, result), a -> Floats.multiply(number(a, 0), number(a, 1), result));
    functions.add(
        binary("/", left, right, result), a -> Floats.divide(number(a, 0), number(a, 1), result));
  }

  private static void addFloats(Functions functions, Type type) {
    functions.add(unary("-", type), a -> Floats.of(-number(a, 0), type));
    functions.add(unary("+", type), a -> Floats.of(number(a, 0), type));
    functions.add(unary("@", type), a -> Floats.of(Math.abs(number(a, 0)), type));
    functions.add(unary("abs", type), a -> Floats.of(Math.abs(number(a, 0)), type));
  }

  private static void addNumerics(Functions functions) {
    functions.add("+(numeric,numeric) numeric", a -> numeric(a, 0).plus(numeric(a, 1)));
    functions.add("-(numeric,numeric) numeric", a -> numeric(a, 0).minus(numeric(a, 1)));
    functions.add("*(numeric,numeric) numeric", a -> numeric(a, 0).times(numeric(a, 1)));
    functions.add("/(numeric,numeric) numeric", a -> numeric(a, 0).dividedBy(numeric(a, 1)));
    functions.add("%(numeric,numeric) numeric", a -> numeric(a, 0).remainder(numeric(a, 1)));
    functions.add("mod(numeric,numeric) numeric", a -> numeric(a, 0).remainder(numeric(a, 1)));
    functions.add("-(numeric) numeric", a -> numeric(a, 0).negated());
    functions.add("+(numeric) numeric", a -> numeric(a, 0));
    functions.add("@(numeric) numeric", a -> numeric(a, 0).abs());
    functions.add("abs(numeric) numeric", a -> numeric(a, 0).abs());
    functions.add("sign(numeric) numeric", a -> numeric(a, 0).sign());
    rounding(functions, "ceil", RoundingMode.CEILING);
    rounding(functions, "ceiling", RoundingMode.CEILING);
    rounding(functions, "floor", RoundingMode.FLOOR);
    rounding(functions, "round", RoundingMode.HALF_UP);
    rounding(functions, "trunc", RoundingMode.DOWN);
    placing(functions, "round", RoundingMode.HALF_UP);
    placing(functions, "trunc", RoundingMode.DOWN);
    functions.add(
        "scale(numeric) int4",
        a -> numeric(a, 0).isFinite() ? Long.valueOf(numeric(a, 0).scale()) : null);
    functions.add("trim_scale(numeric) numeric", a -> numeric(a, 0).withoutTrailingZeros());
  }

  private static void rounding(Functions functions, String name, RoundingMode mode) {
    functions.add(name + "(numeric) numeric", a -> numeric(a, 0).rounded(0, mode));
  }

  private static void placing(Functions functions, String name, RoundingMode mode) {
    // How many places are too many differs between versions: only what all of them take.
    functions.make(
        name + "(numeric,int4) numeric",
        site ->
            site.constants().get(1) instanceof Long places && Math.abs(places) <= 1000
                ? a -> numeric(a, 0).rounded(places, mode)
                : null);
  }

  private static void addFunctions(Functions functions) {
    functions.add("ceil(float8) float8", a -> Math.ceil(number(a, 0)));
    functions.add("ceiling(float8) float8", a -> Math.ceil(number(a, 0)));
    functions.add("floor(float8) float8", a -> Math.floor(number(a, 0)));
    functions.add("round(float8) float8", a -> Math.rint(number(a, 0)));
    functions.add("trunc(float8) float8", a -> truncated(number(a, 0)));
    functions.add("sign(float8) float8", a -> sign(number(a, 0)));
    functions.add("sqrt(float8) float8", a -> Floats.squareRoot(number(a, 0)));
    functions.add("|/(float8) float8", a -> Floats.squareRoot(number(a, 0)));
    functions.add("to_hex(int4) text", a -> Integer.toHexString((int) integer(a, 0)));
    functions.add("to_hex(int8) text", a -> Long.toHexString(integer(a, 0)));
  }

  private static Double truncated(double value) {
    return value >= 0 ? Math.floor(value) : -Math.floor(-value);
  }

  /** Of NaN and both zeros: 0. */
  private static Double sign(double value) {
    return value > 0 ? 1.0 : value < 0 ? -1.0 : 0.0;
  }
}
