package dev.millrace.server.filter.value;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the parts of a JSON text lie in it: type json keeps the text, and so do the parts that are
 * taken out of it.
 *
 * @param start of the part in the text
 * @param end one past its last character
 * @param keys of an object, in their order in the text
 * @param children elements or members, in the order of the text
 */
record JsonText(Kind kind, int start, int end, List<String> keys, List<JsonText> children) {

  enum Kind {
    LITERAL,
    NUMBER,
    STRING,
    ARRAY,
    OBJECT
  }

  /** Deeper texts are errors; Postgres' own bound depends on the size of its stack. */
  private static final int MAX_DEPTH = 1000;

  /**
   * Reads a whole text, escapes included.
   *
   * @param type json or jsonb, for the message
   */
  static JsonText parse(String text, Type type) {
    Parser parser = new Parser(text, type, true);
    return parser.whole();
  }

  /** Whether it is JSON by its grammar: what type json asks for. */
  static void check(String text) {
    new Parser(text, Type.JSON, false).whole();
  }

  String raw(String text) {
    return text.substring(start, end);
  }

  /** Of a string, what it means. */
  String string(String text) {
    return new Parser(text, Type.JSON, true).stringAt(start);
  }

  private static final class Parser {

    private final String text;
    private final Type type;
    private final boolean readsEscapes;
    private int at;
    private int depth;

    Parser(String text, Type type, boolean readsEscapes) {
      this.text = text;
      this.type = type;
      this.readsEscapes = readsEscapes;
    }

    JsonText whole() {
      JsonText value = value();
      skipBlanks();
      if (at < text.length()) {
        throw bad();
      }
      return value;
    }

    private EvaluationException bad() {
      return EvaluationException.badText(type, text);
    }

    private void skipBlanks() {
      while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }

    private char peek() {
      skipBlanks();
      return at < text.length() ? text.charAt(at) : '\0';
    }

    private void expect(char c) {
      if (peek() != c) {
        throw bad();
      }
      at++;
    }

    private JsonText value() {
      return switch (peek()) {
        case '{' -> object();
        case '[' -> array();
        case '"' -> {
          int start = at;
          string();
          yield leaf(Kind.STRING, start);
        }
        case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
        default -> word();
      };
    }

    private JsonText leaf(Kind kind, int start) {
      return new JsonText(kind, start, at, List.of(), List.of());
    }

    private void enter() {
      if (++depth > MAX_DEPTH) {
        throw bad();
      }
      at++;
    }

    private JsonText array() {
      int start = at;
      enter();
      List<JsonText> elements = new ArrayList<>();
      if (peek() != ']') {
        elements.add(value());
        while (peek() == ',') {
          at++;
          elements.add(value());
        }
      }
      expect(']');
      depth--;
      return new JsonText(Kind.ARRAY, start, at, List.of(), elements);
    }

    private JsonText object() {
      int start = at;
      enter();
      List<String> keys = new ArrayList<>();
      List<JsonText> values = new ArrayList<>();
      if (peek() != '}') {
        member(keys, values);
        while (peek() == ',') {
          at++;
          member(keys, values);
        }
      }
      expect('}');
      depth--;
      return new JsonText(Kind.OBJECT, start, at, keys, values);
    }

    private void member(List<String> keys, List<JsonText> values) {
      if (peek() != '"') {
        throw bad();
      }
      keys.add(string());
      expect(':');
      values.add(value());
    }

    private JsonText number() {
      int start = at;
      at += text.charAt(at) == '-' ? 1 : 0;
      if (at < text.length() && text.charAt(at) == '0') {
        at++;
      } else {
        digits();
      }
      if (at < text.length() && text.charAt(at) == '.') {
        at++;
        digits();
      }
      if (at < text.length() && "eE".indexOf(text.charAt(at)) >= 0) {
        at++;
        at += at < text.length() && "+-".indexOf(text.charAt(at)) >= 0 ? 1 : 0;
        digits();
      }
      requireEndOfWord();
      return leaf(Kind.NUMBER, start);
    }

    private void digits() {
      int start = at;
      while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        at++;
      }
      if (at == start) {
        throw bad();
      }
    }

    private void requireEndOfWord() {
      if (at < text.length() && isWordCharacter(text.charAt(at))) {
        throw bad();
      }
    }

    private static boolean isWordCharacter(char c) {
      return (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || c == '_'
          || c >= 0x80;
    }

    private JsonText word() {
      int start = at;
      for (String word : List.of("true", "false", "null")) {
        if (text.startsWith(word, at)) {
          at += word.length();
          requireEndOfWord();
          return leaf(Kind.LITERAL, start);
        }
      }
      throw bad();
    }

    String stringAt(int start) {
      at = start;
      return string();
    }

    private String string() {
      StringBuilder out = new StringBuilder();
      for (at++; ; at++) {
        if (at >= text.length() || text.charAt(at) < ' ') {
          throw bad();
        }
        char c = text.charAt(at);
        if (c == '"') {
          at++;
          break;
        }
        if (c == '\\') {
          at++;
          escape(out);
        } else {
          out.append(c);
        }
      }
      String value = out.toString();
      if (readsEscapes && hasHalfCharacter(value)) {
        throw bad();
      }
      return value;
    }

    private void escape(StringBuilder out) {
      char c = at < text.length() ? text.charAt(at) : '\0';
      switch (c) {
        case '"', '\\', '/' -> out.append(c);
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'n' -> out.append('\n');
        case 'r' -> out.append('\r');
        case 't' -> out.append('\t');
        case 'u' -> out.append(unicode());
        default -> throw bad();
      }
    }

    private char unicode() {
      int code = 0;
      for (int i = 0; i < 4; i++) {
        at++;
        int digit = at < text.length() && text.charAt(at) < 0x80 ? hex(text.charAt(at)) : -1;
        if (digit < 0) {
          throw bad();
        }
        code = code * 16 + digit;
      }
      if (code == 0 && readsEscapes) {
        throw bad();
      }
      return (char) code;
    }

    private static int hex(char c) {
      return Character.digit(c, 16);
    }

    private static boolean hasHalfCharacter(String value) {
      return value
          .codePoints()
          .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
  }

  /** {@code ->} with a key: of those that occur twice the last. */
  @Nullable JsonText member(String key) {
    int place = kind == Kind.OBJECT ? keys.lastIndexOf(key) : -1;
    return place < 0 ? null : children.get(place);
  }

  /** {@code ->} with a place, from the end if negative. */
  @Nullable JsonText element(long place) {
    if (kind != Kind.ARRAY) {
      return null;
    }
    long index = place < 0 ? children.size() + place : place;
    return index < 0 || index >= children.size() ? null : children.get((int) index);
  }

  /** {@code #>}. */
  @Nullable JsonText at(List<String> path) {
    JsonText here = this;
    for (String step : path) {
      Long place = here.kind == Kind.ARRAY ? Json.place(step) : null;
      JsonText next = place == null ? here.member(step) : here.element(place);
      if (next == null) {
        return null;
      }
      here = next;
    }
    return here;
  }

  /** {@code ->>}: strings without quotes, null as NULL. */
  @Nullable String asText(String text) {
    return switch (kind) {
      case STRING -> string(text);
      case LITERAL -> raw(text).equals("null") ? null : raw(text);
      default -> raw(text);
    };
  }

  String typeName(String text) {
    return switch (kind) {
      case LITERAL -> raw(text).equals("null") ? "null" : "boolean";
      default -> Objects.toString(kind).toLowerCase(Locale.ROOT);
    };
  }
}
