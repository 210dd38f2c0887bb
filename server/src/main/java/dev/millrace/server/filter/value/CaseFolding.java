package dev.millrace.server.filter.value;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Upper and lower case of a collation that maps each character for itself: ASCII as everybody does,
 * others by a table. Immutable.
 */
public final class CaseFolding {

  /** Of collations that know ASCII letters only. */
  public static final CaseFolding ASCII = new CaseFolding(Map.of(), Map.of());

  private final Map<Integer, Integer> lower;
  private final Map<Integer, Integer> upper;

  /**
   * A mapping.
   *
   * @param lower by code point, those that change; ASCII is not asked for
   * @param upper the same
   */
  public CaseFolding(Map<Integer, Integer> lower, Map<Integer, Integer> upper) {
    this.lower = Map.copyOf(lower);
    this.upper = Map.copyOf(upper);
  }

  /** Whether ASCII letters map as usual, as they do not in Turkish. */
  public boolean isUsualInAscii(Map<Integer, Integer> lower, Map<Integer, Integer> upper) {
    for (int character = 1; character < 0x80; character++) {
      boolean isUsual =
          lower.getOrDefault(character, character) == lower(character)
              && upper.getOrDefault(character, character) == upper(character);
      if (!isUsual) {
        return false;
      }
    }
    return true;
  }

  int lower(int character) {
    if (character < 0x80) {
      return character >= 'A' && character <= 'Z' ? character + 32 : character;
    }
    return lower.getOrDefault(character, character);
  }

  int upper(int character) {
    if (character < 0x80) {
      return character >= 'a' && character <= 'z' ? character - 32 : character;
    }
    return upper.getOrDefault(character, character);
  }

  public String lower(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int character = text.codePointAt(i);
      out.appendCodePoint(lower(character));
      i += Character.charCount(character);
    }
    return out.toString();
  }

  String upper(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int character = text.codePointAt(i);
      out.appendCodePoint(upper(character));
      i += Character.charCount(character);
    }
    return out.toString();
  }

  /** Of UTF-8. */
  public byte[] lower(byte[] bytes, int start, int length) {
    byte[] out = new byte[length];
    for (int i = 0; i < length; i++) {
      byte b = bytes[start + i];
      if (b < 0 && !lower.isEmpty()) {
        return Utf8.bytes(lower(new String(bytes, start, length, StandardCharsets.UTF_8)));
      }
      out[i] = b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
    }
    return out;
  }
}
