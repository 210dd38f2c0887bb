package dev.millrace.server.filter.value;

import java.util.BitSet;

/** Which characters a collation takes for letters, digits and so on. */
@FunctionalInterface
public interface CharacterClasses {

  /** The members of {@code [[:name:]]}, by code point; not to be changed. May ask Postgres. */
  BitSet of(String name);

  /** Of collations that know ASCII only. */
  static BitSet ascii(String name) {
    BitSet members = new BitSet();
    for (int c = 1; c < 0x80; c++) {
      members.set(c, isAscii(name, c));
    }
    return members;
  }

  private static boolean isAscii(String name, int c) {
    boolean isLower = c >= 'a' && c <= 'z';
    boolean isUpper = c >= 'A' && c <= 'Z';
    boolean isDigit = c >= '0' && c <= '9';
    return switch (name) {
      case "alpha" -> isLower || isUpper;
      case "alnum" -> isLower || isUpper || isDigit;
      case "digit" -> isDigit;
      case "lower" -> isLower;
      case "upper" -> isUpper;
      case "space" -> c == ' ' || (c >= '\t' && c <= '\r');
      case "punct" -> c > ' ' && c < 0x7f && !isLower && !isUpper && !isDigit;
      case "word" -> isLower || isUpper || isDigit || c == '_';
      default -> throw new IllegalArgumentException(name);
    };
  }
}
