package dev.millrace.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Names in SQL: the one place that reads them from a request and the one that quotes them into a
 * statement.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html">Lexical
 *     structure</a>
 */
public final class SqlIdentifier {

  private static final int MAX_LENGTH = 63;
  private static final Pattern UNQUOTED = Pattern.compile("[\\p{L}_][\\p{L}0-9_$]*");

  private SqlIdentifier() {}

  /** {@code name} as a delimited identifier, safe in any statement. */
  public static String quote(String name) {
    if (name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a name cannot contain a zero character");
    }
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /**
   * The name that {@code text} stands for: quotes removed, or folded to lower case (ASCII only, as
   * Postgres does) when unquoted.
   *
   * @throws InvalidName with the protocol's message
   */
  public static String parse(String text) throws InvalidName {
    String name = text.startsWith("\"") ? unquote(text) : fold(text);
    if (name.length() > MAX_LENGTH) {
      throw new InvalidName("Identifier is too long (max length is " + MAX_LENGTH + ")");
    }
    return name;
  }

  private static String unquote(String text) throws InvalidName {
    boolean closed = text.length() >= 2 && text.endsWith("\"");
    String inner = closed ? text.substring(1, text.length() - 1) : text.substring(1);
    if (closed && inner.isEmpty()) {
      throw new InvalidName("Invalid zero-length delimited identifier");
    }
    if (!closed || inner.replace("\"\"", "").contains("\"") || inner.indexOf('\0') >= 0) {
      throw new InvalidName("Invalid identifier with unescaped quote: " + inner);
    }
    return inner.replace("\"\"", "\"");
  }

  private static String fold(String text) throws InvalidName {
    if (text.isEmpty()) {
      throw new InvalidName("Invalid zero-length delimited identifier");
    }
    if (!UNQUOTED.matcher(text).matches()) {
      throw new InvalidName("Invalid unquoted identifier contains special characters: " + text);
    }
    return text.chars().allMatch(c -> c < 128) ? text.toLowerCase(Locale.ROOT) : foldAscii(text);
  }

  private static String foldAscii(String text) {
    StringBuilder folded = new StringBuilder(text.length());
    text.chars().forEach(c -> folded.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c)));
    return folded.toString();
  }

  /** Cuts {@code text} at each {@code separator} that stands outside double quotes. */
  public static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }
}
