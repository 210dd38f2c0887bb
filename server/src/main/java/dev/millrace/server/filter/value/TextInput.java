package dev.millrace.server.filter.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Casts from text: everything that Postgres' input functions take, which is more than they print.
 * Of types whose input has too many forms, none.
 */
final class TextInput {

  /** Since this version integers may be hexadecimal, octal or binary, and have underscores. */
  private static final int SERVER_WITH_UNDERSCORES = 160_000;

  private static final int MAX_EXPONENT = 1_000_000;

  private static final Pattern DECIMAL =
      Pattern.compile("([+-]?)((?:\\d+\\.?\\d*|\\.\\d+))(?:[eE]([+-]?\\d+))?");

  private static final Pattern DECIMAL_WITH_UNDERSCORES =
      Pattern.compile(
          "([+-]?)((?:\\d+(?:_\\d+)*(?:\\.(?:\\d+(?:_\\d+)*)?)?|\\.\\d+(?:_\\d+)*))"
              + "(?:[eE]([+-]?\\d+(?:_\\d+)*))?");

  private static final Pattern OTHER_BASE =
      Pattern.compile("([+-]?)0(?:[xX]((?:_?[0-9a-fA-F])+)|[oO]((?:_?[0-7])+)|[bB]((?:_?[01])+))");

  private static final Pattern HEX_FLOAT =
      Pattern.compile("([+-]?)0[xX](\\p{XDigit}*)(?:\\.(\\p{XDigit}*))?(?:[pP]([+-]?\\d+))?");

  private final boolean hasUnderscores;

  TextInput(int serverVersion) {
    hasUnderscores = serverVersion >= SERVER_WITH_UNDERSCORES;
  }

  static boolean accepts(Type type) {
    return switch (type.kind()) {
      case BOOL, INT2, INT4, INT8, FLOAT4, FLOAT8, NUMERIC, UUID, BYTEA, JSON, JSONB, ENUM -> true;
      default -> false;
    };
  }

  Object read(Type type, String text) {
    return switch (type.kind()) {
      case BOOL -> bool(text);
      case INT2, INT4, INT8 -> integer(text, type);
      case FLOAT4 -> float4(text);
      case FLOAT8 -> float8(text);
      case NUMERIC -> numeric(text);
      case UUID -> uuid(text);
      case BYTEA -> Bytes.parse(text);
      case JSON -> {
        JsonText.check(text);
        yield text;
      }
      case JSONB -> Json.parse(text);
      case ENUM -> label(text, type);
      default -> throw new IllegalArgumentException(type.name());
    };
  }

  static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private static String trimmed(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static String lower(String text) {
    StringBuilder out = new StringBuilder(text);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.setCharAt(i, c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
    }
    return out.toString();
  }

  /** A beginning of a word that says it is enough, if it is of one only. */
  private static Boolean bool(String text) {
    String word = lower(trimmed(text));
    boolean isBeginning = !word.isEmpty() && !word.equals("o");
    if (isBeginning
        && List.of("true", "yes", "on", "1").stream().anyMatch(w -> w.startsWith(word))) {
      return true;
    }
    if (isBeginning
        && List.of("false", "no", "off", "0").stream().anyMatch(w -> w.startsWith(word))) {
      return false;
    }
    throw EvaluationException.badText(Type.BOOL, text);
  }

  private Long integer(String text, Type type) {
    String digits = trimmed(text);
    Matcher decimal = (hasUnderscores ? DECIMAL_WITH_UNDERSCORES : DECIMAL).matcher(digits);
    BigInteger value;
    if (decimal.matches() && digits.indexOf('.') < 0 && decimal.group(3) == null) {
      value = new BigInteger(decimal.group(1) + decimal.group(2).replace("_", ""));
    } else {
      value = otherBase(digits, type, text);
    }
    if (value.bitLength() > 63) {
      throw EvaluationException.outOfRange(type);
    }
    return Integers.inRange(value.longValueExact(), type);
  }

  private BigInteger otherBase(String digits, Type type, String text) {
    Matcher other = OTHER_BASE.matcher(digits);
    if (!hasUnderscores || !other.matches()) {
      throw EvaluationException.badText(type, text);
    }
    BigInteger value = new BigInteger("0");
    for (int group = 2; group <= 4; group++) {
      if (other.group(group) != null) {
        int base = group == 2 ? 16 : group == 3 ? 8 : 2;
        value = new BigInteger(other.group(group).replace("_", ""), base);
      }
    }
    return "-".equals(other.group(1)) ? value.negate() : value;
  }

  private Numeric numeric(String text) {
    String digits = trimmed(text);
    return switch (lower(digits)) {
      case "nan" -> Numeric.NAN;
      case "infinity", "+infinity", "inf", "+inf" -> Numeric.INFINITY;
      case "-infinity", "-inf" -> Numeric.MINUS_INFINITY;
      default -> {
        Matcher decimal = (hasUnderscores ? DECIMAL_WITH_UNDERSCORES : DECIMAL).matcher(digits);
        yield decimal.matches()
            ? decimal(digits.replace("_", ""))
            : Numeric.of(new BigDecimal(otherBase(digits, Type.NUMERIC, text)));
      }
    };
  }

  /** Digits, a point and an exponent. */
  static Numeric decimal(String text) {
    int e = Math.max(text.indexOf('e'), text.indexOf('E'));
    if (e >= 0 && exceeds(text.substring(e + 1))) {
      throw EvaluationException.outOfRange(Type.NUMERIC);
    }
    return Numeric.of(new BigDecimal(text));
  }

  private static boolean exceeds(String exponent) {
    return exponent.length() > 8 || Math.abs(Integer.parseInt(exponent)) > MAX_EXPONENT;
  }

  /** Finite digits as a decimal number; null for what has a name. */
  private static @Nullable BigDecimal digits(String text, Type type) {
    String digits = trimmed(text);
    Matcher decimal = DECIMAL.matcher(digits);
    if (decimal.matches()) {
      String exponent = decimal.group(3);
      if (exponent != null && exceeds(exponent)) {
        boolean isZero = new BigDecimal(decimal.group(2)).signum() == 0;
        if (!isZero) {
          throw EvaluationException.outOfRange(type);
        }
        return BigDecimal.ZERO;
      }
      return new BigDecimal(digits);
    }
    Matcher hex = HEX_FLOAT.matcher(digits);
    return hex.matches() ? hexadecimal(hex, text, type) : null;
  }

  private static BigDecimal hexadecimal(Matcher parts, String text, Type type) {
    String fraction = parts.group(3) == null ? "" : parts.group(3);
    String exponent = parts.group(4) == null ? "0" : parts.group(4);
    String all = parts.group(2) + fraction;
    if (all.isEmpty()) {
      throw EvaluationException.badText(type, text);
    }
    if (exponent.length() > 6) {
      throw EvaluationException.outOfRange(type);
    }
    int power = Integer.parseInt(exponent) - 4 * fraction.length();
    BigDecimal value = new BigDecimal(new BigInteger(all, 16));
    BigDecimal scaled =
        power >= 0
            ? value.multiply(BigDecimal.TWO.pow(power))
            : value.divide(BigDecimal.TWO.pow(-power));
    return parts.group(1).equals("-") ? scaled.negate() : scaled;
  }

  private static double named(String text, Type type) {
    String name = lower(trimmed(text));
    if (name.matches("[+-]?nan(\\([0-9a-z_]*\\))?")) {
      return Double.NaN;
    }
    return switch (name) {
      case "infinity", "+infinity", "inf", "+inf" -> Double.POSITIVE_INFINITY;
      case "-infinity", "-inf" -> Double.NEGATIVE_INFINITY;
      default -> throw EvaluationException.badText(type, text);
    };
  }

  private static Double float8(String text) {
    BigDecimal number = digits(text, Type.FLOAT8);
    if (number == null) {
      return named(text, Type.FLOAT8);
    }
    double value = number.doubleValue();
    if (Double.isInfinite(value) || (value == 0 && number.signum() != 0)) {
      throw EvaluationException.outOfRange(Type.FLOAT8);
    }
    return value == 0 && trimmed(text).startsWith("-") ? -0.0 : value;
  }

  private static Float float4(String text) {
    BigDecimal number = digits(text, Type.FLOAT4);
    if (number == null) {
      return (float) named(text, Type.FLOAT4);
    }
    float value = number.floatValue();
    if (Float.isInfinite(value) || (value == 0 && number.signum() != 0)) {
      throw EvaluationException.outOfRange(Type.FLOAT4);
    }
    return value == 0 && trimmed(text).startsWith("-") ? -0.0f : value;
  }

  /** 32 digits in braces or none, a hyphen after any four of them. */
  private static String uuid(String text) {
    boolean hasBraces = text.startsWith("{") && text.endsWith("}");
    String inner = hasBraces ? text.substring(1, text.length() - 1) : text;
    if (!inner.matches("(?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}")) {
      throw EvaluationException.badText(Type.UUID, text);
    }
    StringBuilder out = new StringBuilder(lower(inner.replace("-", "")));
    for (int place : new int[] {20, 16, 12, 8}) {
      out.insert(place, '-');
    }
    return out.toString();
  }

  private static String label(String text, Type type) {
    if (!type.order().has(text)) {
      throw EvaluationException.badText(type, text);
    }
    return text;
  }
}
