package dev.millrace.server.filter.value;

import org.jspecify.annotations.Nullable;

/**
 * LIKE: {@code %} stands for any characters, {@code _} for one, a backslash before either takes
 * that away. The algorithm is Postgres' own, which gives up early where a longer match cannot help,
 * so that patterns with many {@code %} stay cheap; it also decides when a backslash at the end of a
 * pattern is noticed.
 *
 * @see <a
 *     href="https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/like_match.c">
 *     like_match.c</a>
 */
public final class Like {

  private enum Outcome {
    MATCH,
    NO_MATCH,
    /** And none will be found further on. */
    GIVE_UP
  }

  private final String text;
  private final String pattern;

  private Like(String text, String pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  static boolean matches(String text, String pattern) {
    return new Like(text, pattern).match(0, 0) == Outcome.MATCH;
  }

  private Outcome match(int textStart, int patternStart) {
    int t = textStart;
    int p = patternStart;
    while (t < text.length() && p < pattern.length()) {
      char c = pattern.charAt(p);
      if (c == '%') {
        return matchAfterPercent(t, p + 1);
      }
      if (c == '_') {
        t = text.offsetByCodePoints(t, 1);
        p++;
        continue;
      }
      if (c == '\\') {
        p++;
        requireMore(p);
        c = pattern.charAt(p);
      }
      if (c != text.charAt(t)) {
        return Outcome.NO_MATCH;
      }
      t++;
      p++;
    }
    if (t < text.length()) {
      return Outcome.NO_MATCH;
    }
    while (p < pattern.length() && pattern.charAt(p) == '%') {
      p++;
    }
    return p == pattern.length() ? Outcome.MATCH : Outcome.GIVE_UP;
  }

  private Outcome matchAfterPercent(int textStart, int patternStart) {
    int t = textStart;
    int p = patternStart;
    for (; p < pattern.length(); p++) {
      char c = pattern.charAt(p);
      if (c == '_') {
        if (t == text.length()) {
          return Outcome.GIVE_UP;
        }
        t = text.offsetByCodePoints(t, 1);
      } else if (c != '%') {
        break;
      }
    }
    if (p == pattern.length()) {
      return Outcome.MATCH;
    }
    char first = pattern.charAt(p);
    if (first == '\\') {
      requireMore(p + 1);
      first = pattern.charAt(p + 1);
    }
    for (; t < text.length(); t = text.offsetByCodePoints(t, 1)) {
      if (text.charAt(t) == first) {
        Outcome rest = match(t, p);
        if (rest != Outcome.NO_MATCH) {
          return rest;
        }
      }
    }
    return Outcome.GIVE_UP;
  }

  private void requireMore(int place) {
    if (place >= pattern.length()) {
      throw new EvaluationException("LIKE pattern must not end with escape character");
    }
  }

  /** A pattern with another escape character, or none, as one with backslashes. */
  static String withBackslashes(String pattern, String escape) {
    if (escape.isEmpty()) {
      return pattern.replace("\\", "\\\\");
    }
    if (Utf8.length(escape) > 1) {
      throw new EvaluationException("invalid escape string");
    }
    if (escape.equals("\\")) {
      return pattern;
    }
    StringBuilder out = new StringBuilder();
    boolean isEscaped = false;
    for (int i = 0; i < pattern.length(); ) {
      int c = pattern.codePointAt(i);
      i += Character.charCount(c);
      if (c == escape.codePointAt(0) && !isEscaped) {
        out.append('\\');
        isEscaped = true;
        continue;
      }
      if (c == '\\') {
        out.append(isEscaped ? "\\" : "\\\\");
      } else {
        out.appendCodePoint(c);
      }
      isEscaped = false;
    }
    return out.toString();
  }

  /**
   * A pattern that asks no more than that a text begins, ends, or goes on somewhere with another.
   */
  public static final class Part {

    private final byte[] bytes;
    private final boolean isAtStart;
    private final boolean isAtEnd;

    private Part(byte[] bytes, boolean isAtStart, boolean isAtEnd) {
      this.bytes = bytes;
      this.isAtStart = isAtStart;
      this.isAtEnd = isAtEnd;
    }

    /** Whether it is in the bytes that lie there. */
    public boolean isIn(byte[] text, int start, int length) {
      int free = length - bytes.length;
      if (free < 0 || (isAtStart && isAtEnd && free > 0)) {
        return false;
      }
      if (isAtStart || isAtEnd) {
        return isAt(text, isAtStart ? start : start + free);
      }
      return isAnywhere(text, start, start + free);
    }

    private boolean isAnywhere(byte[] text, int first, int last) {
      if (bytes.length == 0) {
        return true;
      }
      byte head = bytes[0];
      for (int at = first; at <= last; at++) {
        if (text[at] == head && isAt(text, at)) {
          return true;
        }
      }
      return false;
    }

    private boolean isAt(byte[] text, int at) {
      for (int i = 0; i < bytes.length; i++) {
        if (text[at + i] != bytes[i]) {
          return false;
        }
      }
      return true;
    }
  }

  /** The pattern as such a part; null if it asks for more. */
  public static @Nullable Part part(String pattern) {
    boolean hasStart = pattern.startsWith("%");
    boolean hasEnd = pattern.length() > 1 && pattern.endsWith("%");
    String inner =
        pattern.substring(hasStart ? 1 : 0, hasEnd ? pattern.length() - 1 : pattern.length());
    boolean isPlain = inner.chars().noneMatch(c -> c == '%' || c == '_' || c == '\\');
    return isPlain ? new Part(Utf8.bytes(inner), !hasStart, !hasEnd) : null;
  }
}
