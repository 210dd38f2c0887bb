package dev.millrace.server.filter.value;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A value of type jsonb, or a part of one: numbers by value, of keys that occur twice the last,
 * keys in Postgres' order (shorter ones first). {@code equals} is that of the values.
 */
sealed interface Json {

  enum Literal implements Json {
    NULL,
    TRUE,
    FALSE;

    String text() {
      return switch (this) {
        case NULL -> "null";
        case TRUE -> "true";
        case FALSE -> "false";
      };
    }
  }

  record Num(Numeric value) implements Json {}

  record Text(String value) implements Json {}

  record Array(List<Json> elements) implements Json {

    private boolean containsAll(Array other) {
      return other.elements.stream().allMatch(this::hasElementLike);
    }

    private @Nullable Json element(String step) {
      Long place = place(step);
      return place == null ? null : element(place);
    }

    private boolean hasElementLike(Json wanted) {
      return wanted.isContainer()
          ? elements.stream().anyMatch(element -> element.containsInside(wanted))
          : elements.contains(wanted);
    }
  }

  record Members(Map<String, Json> members) implements Json {

    private boolean containsAll(Members other) {
      return other.members.entrySet().stream().allMatch(this::hasMemberLike);
    }

    private boolean hasMemberLike(Map.Entry<String, Json> wanted) {
      Json mine = members.get(wanted.getKey());
      return mine != null && mine.containsInside(wanted.getValue());
    }
  }

  /** Of keys: by bytes, but the number of them counts first. */
  Comparator<String> KEY_ORDER =
      Comparator.comparingInt((String key) -> Utf8.bytes(key).length).thenComparing(Utf8::compare);

  /**
   * Reads JSON.
   *
   * @throws EvaluationException if Postgres would not take it for jsonb
   */
  static Json parse(String text) {
    return of(JsonText.parse(text, Type.JSONB), text);
  }

  private static Json of(JsonText node, String text) {
    return switch (node.kind()) {
      case LITERAL -> literal(node.raw(text));
      case NUMBER -> new Num(TextInput.decimal(node.raw(text)));
      case STRING -> new Text(node.string(text));
      case ARRAY -> new Array(node.children().stream().map(child -> of(child, text)).toList());
      case OBJECT -> {
        Map<String, Json> members = new TreeMap<>(KEY_ORDER);
        for (int i = 0; i < node.children().size(); i++) {
          members.put(node.keys().get(i), of(node.children().get(i), text));
        }
        yield new Members(members);
      }
    };
  }

  private static Literal literal(String name) {
    return switch (name) {
      case "true" -> Literal.TRUE;
      case "false" -> Literal.FALSE;
      default -> Literal.NULL;
    };
  }

  default boolean isContainer() {
    return this instanceof Array || this instanceof Members;
  }

  /** {@code ->} with a key; NULL for anything but an object that has it. */
  default @Nullable Json member(String key) {
    return this instanceof Members object ? object.members.get(key) : null;
  }

  /** {@code ->} with a place, from the end if negative; a scalar is its own only element. */
  default @Nullable Json element(long place) {
    return switch (this) {
      case Members object -> null;
      case Array array -> element(array.elements, place);
      default -> element(List.of(this), place);
    };
  }

  private static @Nullable Json element(List<Json> elements, long place) {
    long index = place < 0 ? elements.size() + place : place;
    return index < 0 || index >= elements.size() ? null : elements.get((int) index);
  }

  /** {@code #>}: NULL where a step leads nowhere. */
  default @Nullable Json at(List<String> path) {
    Json here = this;
    for (String step : path) {
      Json next =
          switch (here) {
            case Members object -> object.members.get(step);
            case Array array -> array.element(step);
            default -> null;
          };
      if (next == null) {
        return null;
      }
      here = next;
    }
    return here;
  }

  /** A step as a place in an array: C's strtol, so blanks and a sign before the digits are fine. */
  static @Nullable Long place(String step) {
    int start = 0;
    while (start < step.length() && TextInput.isSpace(step.charAt(start))) {
      start++;
    }
    int digits = start;
    if (digits < step.length() && "+-".indexOf(step.charAt(digits)) >= 0) {
      digits++;
    }
    if (digits == step.length() || step.length() - digits > 18) {
      return null;
    }
    for (int i = digits; i < step.length(); i++) {
      if (step.charAt(i) < '0' || step.charAt(i) > '9') {
        return null;
      }
    }
    long place = Long.parseLong(step.substring(start));
    return place == (int) place ? Long.valueOf(place) : null;
  }

  /** {@code @>}. */
  default boolean contains(Json other) {
    if (this instanceof Array array && !other.isContainer()) {
      return array.elements.contains(other);
    }
    return containsInside(other);
  }

  /** The same for what lies in another: a scalar is then no array of one. */
  default boolean containsInside(Json other) {
    return switch (this) {
      case Members mine -> other instanceof Members theirs && mine.containsAll(theirs);
      case Array mine -> other instanceof Array theirs && mine.containsAll(theirs);
      default -> equals(other);
    };
  }

  /** {@code ?}: as a key, an element, or the whole. */
  default boolean has(String key) {
    return switch (this) {
      case Members object -> object.members.containsKey(key);
      case Array array -> array.elements.contains(new Text(key));
      case Text text -> text.value.equals(key);
      default -> false;
    };
  }

  /** As Postgres prints it. */
  default String print() {
    StringBuilder out = new StringBuilder();
    print(out);
    return out.toString();
  }

  private void print(StringBuilder out) {
    switch (this) {
      case Literal literal -> out.append(literal.text());
      case Num number -> out.append(number.value.print());
      case Text text -> printString(out, text.value);
      case Array array -> {
        out.append('[');
        String separator = "";
        for (Json element : array.elements) {
          element.print(out.append(separator));
          separator = ", ";
        }
        out.append(']');
      }
      case Members object -> {
        out.append('{');
        String separator = "";
        for (Map.Entry<String, Json> member : object.members.entrySet()) {
          printString(out.append(separator), member.getKey());
          member.getValue().print(out.append(": "));
          separator = ", ";
        }
        out.append('}');
      }
    }
  }

  private static void printString(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        default -> {
          if (c < ' ') {
            out.append(c < 16 ? "\\u000" : "\\u00").append(Integer.toHexString(c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /** {@code ->>}: strings without quotes, null as NULL. */
  default @Nullable String asText() {
    return switch (this) {
      case Literal literal when literal == Literal.NULL -> null;
      case Text text -> text.value;
      default -> print();
    };
  }

  default String typeName() {
    return switch (this) {
      case Literal literal -> literal == Literal.NULL ? "null" : "boolean";
      case Num number -> "number";
      case Text text -> "string";
      case Array array -> "array";
      case Members object -> "object";
    };
  }

  /** The elements of {@code array}; an error for anything else. */
  default List<Json> requireArray() {
    if (this instanceof Array array) {
      return new ArrayList<>(array.elements);
    }
    throw new EvaluationException("cannot get array length of a scalar or an object");
  }
}
