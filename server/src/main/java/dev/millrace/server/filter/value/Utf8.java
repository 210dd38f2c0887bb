package dev.millrace.server.filter.value;

import java.nio.charset.StandardCharsets;

/** Texts by character and by byte as Postgres counts them: a character is a code point. */
public final class Utf8 {

  private Utf8() {}

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** The order of the code points, which is that of the bytes. */
  public static int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        // Halves of the characters beyond the first 65,536 are numbered before some of those.
        boolean bothHigh = x >= Character.MIN_SURROGATE && y >= Character.MIN_SURROGATE;
        return bothHigh ? Integer.compare(rank(x), rank(y)) : Integer.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  private static int rank(char c) {
    return Character.isSurrogate(c) ? c + 0x10000 : c;
  }

  /**
   * Where the character of that number begins, from 0; the end of the text if it has not so many.
   */
  static int offset(String text, long character) {
    int at = 0;
    for (long i = 0; i < character && at < text.length(); i++) {
      at += Character.charCount(text.codePointAt(at));
    }
    return at;
  }

  /** From a character up to another, both from 0 and within the text or beyond. */
  static String substring(String text, long from, long to) {
    int start = offset(text, from);
    return text.substring(start, start + offset(text.substring(start), to - from));
  }

  /** Without the blanks at the end: what a char(n) means. */
  public static String withoutPadding(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return text.substring(0, end);
  }
}
