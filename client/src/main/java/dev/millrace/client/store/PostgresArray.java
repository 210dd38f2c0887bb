package dev.millrace.client.store;

import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Arrays: lists in Java, JSON arrays of stored elements in the store, {@code {a,"b c",NULL}} in a
 * shape, JSON arrays in a write.
 *
 * @see <a href="https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO">Array input and
 *     output</a>
 */
final class PostgresArray {

  private final Scalar element;
  private final String text;
  private int at;

  private PostgresArray(Scalar element, String text) {
    this.element = element;
    this.text = text;
  }

  static Json.Array ofJava(Scalar element, List<?> list) {
    List<Json> items = new ArrayList<>();
    for (Object item : list) {
      items.add(item instanceof List<?> inner ? ofJava(element, inner) : json(element.store(item)));
    }
    return new Json.Array(items);
  }

  static List<@Nullable Object> toJava(Scalar element, Json.Array array) {
    List<@Nullable Object> list = new ArrayList<>();
    for (Json item : array.items()) {
      list.add(
          item instanceof Json.Array inner ? toJava(element, inner) : element.load(plain(item)));
    }
    return Collections.unmodifiableList(list);
  }

  static Json.Array write(Scalar element, Json.Array array) {
    List<Json> items = new ArrayList<>();
    for (Json item : array.items()) {
      items.add(
          item instanceof Json.Array inner ? write(element, inner) : element.write(plain(item)));
    }
    return new Json.Array(items);
  }

  static Json.Array ofWritten(Scalar element, Json.Array array) {
    List<Json> items = new ArrayList<>();
    for (Json item : array.items()) {
      items.add(
          item instanceof Json.Array inner && element != Scalar.JSON
              ? ofWritten(element, inner)
              : json(element.storeJson(item)));
    }
    return new Json.Array(items);
  }

  /** The stored array that a text is, or null if it is none. */
  static @Nullable Json stored(String text) {
    try {
      return JsonReader.read(text, ColumnType.LIMITS);
    } catch (InvalidJson e) {
      return null;
    }
  }

  /** What is stored of a shape's text; the text itself if it is no array. */
  static String storedText(Scalar element, String text) {
    try {
      PostgresArray reader = new PostgresArray(element, text);
      // A lower bound other than 1 stands before: [2:3]={a,b}.
      reader.at = text.startsWith("[") ? text.indexOf('=') + 1 : 0;
      Json.Array array = reader.array();
      return reader.at == text.length() ? array.toString() : text;
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      return text;
    }
  }

  private Json.Array array() {
    expect('{');
    List<Json> items = new ArrayList<>();
    while (text.charAt(at) != '}') {
      items.add(text.charAt(at) == '{' ? array() : item());
      if (text.charAt(at) == ',') {
        at++;
      }
    }
    at++;
    return new Json.Array(items);
  }

  private void expect(char c) {
    if (text.charAt(at++) != c) {
      throw new IllegalArgumentException("no array");
    }
  }

  private Json item() {
    boolean isQuoted = text.charAt(at) == '"';
    StringBuilder item = new StringBuilder();
    at += isQuoted ? 1 : 0;
    for (char c = text.charAt(at); !isEnd(c, isQuoted); c = text.charAt(at)) {
      if (c == '\\') {
        at++;
      }
      item.append(text.charAt(at++));
    }
    at += isQuoted ? 1 : 0;
    boolean isNull = !isQuoted && item.toString().equals("NULL");
    return isNull ? Json.NULL : json(element.storeText(item.toString()));
  }

  private static boolean isEnd(char c, boolean isQuoted) {
    return isQuoted ? c == '"' : c == ',' || c == '}';
  }

  /** As a shape carries it. */
  static String text(Scalar element, Json.Array array) {
    StringJoiner items = new StringJoiner(",", "{", "}");
    for (Json item : array.items()) {
      items.add(item instanceof Json.Array inner ? text(element, inner) : itemText(element, item));
    }
    return items.toString();
  }

  private static String itemText(Scalar element, Json item) {
    @Nullable String text = element.text(plain(item));
    return text == null ? "NULL" : quoted(text);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** What is stored, as JSON. */
  static Json json(@Nullable Object stored) {
    return switch (stored) {
      case null -> Json.NULL;
      case Long number -> Json.Numeral.of(number);
      case Double number -> new Json.Numeral(number.toString());
      default -> new Json.Text(stored.toString());
    };
  }

  static @Nullable Object plain(Json stored) {
    return switch (stored) {
      case Json.Text(String text) -> text;
      case Json.Numeral(String literal) -> number(literal);
      case Json.Null nothing -> null;
      default -> stored.toString();
    };
  }

  private static Object number(String literal) {
    boolean isWhole = literal.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
    return isWhole ? (Object) Long.valueOf(literal) : Double.valueOf(literal);
  }
}
