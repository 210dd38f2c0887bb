package dev.millrace.protocol;

import java.util.List;
import java.util.Map;

/** JSON as text (RFC 8259): strings for small fixed documents, and whole values. */
public final class JsonText {

  private static final String HEX = "0123456789abcdef";

  private JsonText() {}

  /** {@code text} between double quotes, with what JSON requires escaped. */
  public static String quote(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2);
    quote(out, text);
    return out.toString();
  }

  static void quote(StringBuilder out, String text) {
    out.append('"');
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c == '"' || c == '\\') {
        append(out.append(text, from, i), c);
        from = i + 1;
      }
    }
    out.append(text, from, text.length()).append('"');
  }

  /** {@code value} without white space. */
  static String of(Json value) {
    StringBuilder out = new StringBuilder();
    append(out, value);
    return out.toString();
  }

  private static void append(StringBuilder out, Json value) {
    switch (value) {
      case Json.Text(String text) -> quote(out, text);
      case Json.Array(List<Json> items) -> {
        out.append('[');
        String separator = "";
        for (Json item : items) {
          append(out.append(separator), item);
          separator = ",";
        }
        out.append(']');
      }
      case Json.Members(Map<String, Json> members) -> {
        out.append('{');
        String separator = "";
        for (Map.Entry<String, Json> member : members.entrySet()) {
          quote(out.append(separator), member.getKey());
          append(out.append(':'), member.getValue());
          separator = ",";
        }
        out.append('}');
      }
      case Json.Numeral(String literal) -> out.append(literal);
      case Json.Bool(boolean isTrue) -> out.append(isTrue);
      case Json.Null() -> out.append("null");
    }
  }

  /** The same in ASCII alone, as the value of an HTTP header has to be. */
  public static String quoteAscii(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2);
    for (char c : quote(text).toCharArray()) {
      if (c < 0x7f) {
        out.append(c);
      } else {
        out.append("\\u").append(HEX.charAt(c >> 12)).append(HEX.charAt(c >> 8 & 15));
        out.append(HEX.charAt(c >> 4 & 15)).append(HEX.charAt(c & 15));
      }
    }
    return out.toString();
  }

  private static void append(StringBuilder out, char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (c < 0x20) {
          out.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
        } else {
          out.append(c);
        }
      }
    }
  }
}
