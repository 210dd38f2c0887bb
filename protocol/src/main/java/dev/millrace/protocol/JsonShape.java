package dev.millrace.protocol;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An object of a document whose members are looked at one by one; what is not as it should be is an
 * {@link InvalidJson} that says where. A member that is {@code null} counts as absent.
 */
record JsonShape(JsonPointer place, Json.Members value) {

  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,18}");

  static JsonShape of(JsonPointer place, Json value) throws InvalidJson {
    if (value instanceof Json.Members members) {
      return new JsonShape(place, members);
    }
    throw new InvalidJson(place, "must be an object, not " + kind(value));
  }

  /** What a value is called in a message. */
  private static String kind(Json value) {
    return switch (value) {
      case Json.Text text -> "a string";
      case Json.Numeral number -> "a number";
      case Json.Bool bool -> "a boolean";
      case Json.Null nothing -> "null";
      case Json.Array array -> "an array";
      case Json.Members members -> "an object";
    };
  }

  Optional<Json> member(String name) {
    return value.member(name).filter(member -> !(member instanceof Json.Null));
  }

  Json required(String name) throws InvalidJson {
    Optional<Json> member = member(name);
    if (member.isEmpty()) {
      throw wrong(name, "is missing");
    }
    return member.get();
  }

  String text(String name) throws InvalidJson {
    return text(name, required(name));
  }

  Optional<String> optionalText(String name) throws InvalidJson {
    Optional<Json> member = member(name);
    return member.isEmpty() ? Optional.empty() : Optional.of(text(name, member.get()));
  }

  private String text(String name, Json member) throws InvalidJson {
    if (member instanceof Json.Text(String text)) {
      return text;
    }
    throw wrong(name, "must be a string, not " + kind(member));
  }

  /** A whole number, of 18 digits at most. */
  Optional<Long> optionalNumber(String name) throws InvalidJson {
    Optional<Json> member = member(name);
    if (member.isEmpty()) {
      return Optional.empty();
    }
    if (member.get() instanceof Json.Numeral(String literal)
        && WHOLE_NUMBER.matcher(literal).matches()) {
      return Optional.of(Long.valueOf(literal));
    }
    throw wrong(name, "must be a whole number");
  }

  Optional<Boolean> optionalBool(String name) throws InvalidJson {
    Optional<Json> member = member(name);
    if (member.isEmpty()) {
      return Optional.empty();
    }
    if (member.get() instanceof Json.Bool(boolean isTrue)) {
      return Optional.of(isTrue);
    }
    throw wrong(name, "must be true or false");
  }

  Json.Members members(String name) throws InvalidJson {
    if (required(name) instanceof Json.Members members) {
      return members;
    }
    throw wrong(name, "must be an object, not " + kind(required(name)));
  }

  Optional<Json.Members> optionalMembers(String name) throws InvalidJson {
    Optional<Json> member = member(name);
    return member.isEmpty() ? Optional.empty() : Optional.of(members(name));
  }

  Json.Array array(String name) throws InvalidJson {
    if (required(name) instanceof Json.Array array) {
      return array;
    }
    throw wrong(name, "must be an array, not " + kind(required(name)));
  }

  InvalidJson wrong(String name, String reason) {
    return new InvalidJson(place.member(name), reason);
  }
}
