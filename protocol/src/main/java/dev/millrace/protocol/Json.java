package dev.millrace.protocol;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON value (RFC 8259), as exact as its text: a number keeps its digits, an object the order of
 * its members, and no object has a member twice. {@link JsonReader} makes one of text, {@link
 * #toString} text of one.
 */
public sealed interface Json {

  record Text(String value) implements Json {

    @Override
    public String toString() {
      return JsonText.quote(value);
    }
  }

  /** A number as it was written, so that no digit of a {@code numeric} is lost on the way. */
  record Numeral(String literal) implements Json {

    /** A whole number. */
    public static Numeral of(long value) {
      return new Numeral(Long.toString(value));
    }

    @Override
    public String toString() {
      return literal;
    }
  }

  /** True or false. */
  record Bool(boolean value) implements Json {

    @Override
    public String toString() {
      return Boolean.toString(value);
    }
  }

  /** The value {@code null}. */
  record Null() implements Json {

    @Override
    public String toString() {
      return "null";
    }
  }

  record Array(List<Json> items) implements Json {

    public Array {
      items = List.copyOf(items);
    }

    @Override
    public String toString() {
      return JsonText.of(this);
    }
  }

  /** Members in the order they were written. */
  record Members(Map<String, Json> byName) implements Json {

    public Members {
      byName =
          Collections.unmodifiableMap(
              byName instanceof FreshMembers ? byName : new LinkedHashMap<>(byName));
    }

    /** The member of that name, {@code null} ones included. */
    public Optional<Json> member(String name) {
      return Optional.ofNullable(byName.get(name));
    }

    @Override
    public String toString() {
      return JsonText.of(this);
    }
  }

  Null NULL = new Null();

  /** The value as JSON text, without white space. */
  @Override
  String toString();
}
