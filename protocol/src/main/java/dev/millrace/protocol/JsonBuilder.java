package dev.millrace.protocol;

import java.util.Optional;

/** An object in the making; absent members are left out. */
final class JsonBuilder {

  private FreshMembers members = new FreshMembers();
  private boolean isGivenAway;

  JsonBuilder put(String name, Json value) {
    if (isGivenAway) {
      FreshMembers own = new FreshMembers();
      own.putAll(members);
      members = own;
      isGivenAway = false;
    }
    members.put(name, value);
    return this;
  }

  JsonBuilder put(String name, String text) {
    return put(name, new Json.Text(text));
  }

  JsonBuilder put(String name, long number) {
    return put(name, Json.Numeral.of(number));
  }

  JsonBuilder put(String name, boolean value) {
    return put(name, new Json.Bool(value));
  }

  JsonBuilder putText(String name, Optional<String> text) {
    text.ifPresent(present -> put(name, present));
    return this;
  }

  JsonBuilder put(String name, Optional<? extends Json> value) {
    value.ifPresent(present -> put(name, present));
    return this;
  }

  Json.Members build() {
    isGivenAway = true;
    return new Json.Members(members);
  }
}
