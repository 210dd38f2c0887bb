package dev.millrace.server.filter;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * String constants of SQL where {@code standard_conforming_strings} is on, as on all our
 * connections.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS">String
 *     constants</a>
 */
final class SqlString {

  private static final Pattern ESCAPE =
      Pattern.compile(
          "\\\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|''",
          Pattern.DOTALL);

  private SqlString() {}

  /** A constant that means {@code value}. */
  static String literal(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  /** What the token means; empty if it is no string of characters, or not one we can read. */
  static Optional<String> meaning(SqlToken token) {
    String text = token.text();
    return switch (text.charAt(0)) {
      case '\'' -> Optional.of(text.substring(1, text.length() - 1).replace("''", "'"));
      case 'e', 'E' -> unescape(text.substring(2, text.length() - 1));
      default -> Optional.empty();
    };
  }

  /** Escapes can name single bytes, so that the string is put together of bytes. */
  private static Optional<String> unescape(String text) {
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream(text.length());
    Matcher escape = ESCAPE.matcher(text);
    int at = 0;
    while (escape.find()) {
      bytes.writeBytes(text.substring(at, escape.start()).getBytes(StandardCharsets.UTF_8));
      byte[] meant = meant(escape);
      if (meant.length == 0) {
        return Optional.empty();
      }
      bytes.writeBytes(meant);
      at = escape.end();
    }
    bytes.writeBytes(text.substring(at).getBytes(StandardCharsets.UTF_8));
    try {
      ByteBuffer all = ByteBuffer.wrap(bytes.toByteArray());
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(all).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** The bytes of an escape; none if Postgres would not take it, or it is half of a pair. */
  private static byte[] meant(Matcher escape) {
    if (escape.group().equals("''")) {
      return new byte[] {'\''};
    } else if (escape.group(1) != null) {
      return oneByte(Integer.parseInt(escape.group(1), 8));
    } else if (escape.group(2) != null) {
      return oneByte(Integer.parseInt(escape.group(2), 16));
    } else if (escape.group(3) != null) {
      return codePoint(Long.parseLong(escape.group(3), 16));
    } else if (escape.group(4) != null) {
      return codePoint(Long.parseLong(escape.group(4), 16));
    }
    return switch (escape.group(5)) {
      case "b" -> oneByte('\b');
      case "f" -> oneByte('\f');
      case "n" -> oneByte('\n');
      case "r" -> oneByte('\r');
      case "t" -> oneByte('\t');
      case "v" -> oneByte(0x0b);
      case "u", "U" -> new byte[0];
      default -> escape.group(5).getBytes(StandardCharsets.UTF_8);
    };
  }

  private static byte[] oneByte(int value) {
    return (value & 0xff) == 0 ? new byte[0] : new byte[] {(byte) value};
  }

  private static byte[] codePoint(long value) {
    boolean isCharacter =
        value > 0 && value <= Character.MAX_CODE_POINT && (value < 0xd800 || value > 0xdfff);
    return isCharacter
        ? Character.toString((int) value).getBytes(StandardCharsets.UTF_8)
        : new byte[0];
  }
}
