package dev.millrace.client;

import dev.millrace.protocol.Json;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** An object of a scenario, whose members are looked at one by one; none may be left over. */
final class Script {

  private final Json.Members members;
  private final Set<String> read = new HashSet<>();

  Script(Json.Members members) {
    this.members = members;
  }

  static Script of(Json json) {
    if (json instanceof Json.Members members) {
      return new Script(members);
    }
    throw new AssertionError("is no object: " + json);
  }

  /** What it is about: the name of its first member. */
  String verb() {
    return members.byName().keySet().iterator().next();
  }

  Optional<Json> find(String name) {
    read.add(name);
    return members.member(name);
  }

  Json get(String name) {
    return find(name).orElseThrow(() -> new AssertionError(name + " is missing in " + this));
  }

  String text(String name) {
    return text(get(name));
  }

  Optional<String> findText(String name) {
    return find(name).map(Script::text);
  }

  private static String text(Json json) {
    return json instanceof Json.Text(String text) ? text : json.toString();
  }

  long number(String name) {
    return Long.parseLong(text(name));
  }

  long number(String name, long otherwise) {
    return findText(name).map(Long::valueOf).orElse(otherwise);
  }

  boolean flag(String name) {
    return find(name).filter(value -> value.equals(new Json.Bool(true))).isPresent();
  }

  Json.Members members(String name) {
    if (get(name) instanceof Json.Members found) {
      return found;
    }
    throw new AssertionError(name + " is no object in " + this);
  }

  List<Json> items(String name) {
    if (get(name) instanceof Json.Array(List<Json> items)) {
      return items;
    }
    throw new AssertionError(name + " is no array in " + this);
  }

  List<String> texts(String name) {
    return items(name).stream().map(Script::text).toList();
  }

  List<Script> scripts(String name) {
    return items(name).stream().map(Script::of).toList();
  }

  /** All there is has been looked at. */
  void end() {
    Set<String> left = new HashSet<>(members.byName().keySet());
    left.removeAll(read);
    if (!left.isEmpty()) {
      throw new AssertionError("nobody knows %s in %s".formatted(left, this));
    }
  }

  @Override
  public String toString() {
    return members.toString();
  }
}
