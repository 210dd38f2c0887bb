package dev.millrace.client.stream;

import dev.millrace.client.store.Entity;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the server says of a shape's columns (protocol section 6.6).
 *
 * @param columns a member for each, with its {@code type} and {@code dims}
 */
record ServerSchema(Json.Members columns) {

  /** Reads the header {@code electric-schema}; empty if it is no such thing. */
  static Optional<ServerSchema> read(String header) {
    try {
      return JsonReader.read(header, JsonLimits.DEFAULT) instanceof Json.Members columns
          ? Optional.of(new ServerSchema(columns))
          : Optional.empty();
    } catch (InvalidJson e) {
      return Optional.empty();
    }
  }

  /**
   * Where an entity expects something else, for a person: a column that is not there, one of
   * another type or with other nulls, a key of other columns. Columns that the entity does not know
   * are no difference.
   */
  List<String> differences(Entity entity) {
    List<String> differences = new ArrayList<>();
    for (Entity.Column column : entity.columns()) {
      if (!(columns.member(column.name()).orElse(Json.NULL) instanceof Json.Members told)) {
        differences.add("the server has no column " + column.name());
      } else if (!column.type().takes(type(told), isArray(told))) {
        differences.add(
            "%s is %s%s on the server, and %s here"
                .formatted(column.name(), type(told), isArray(told) ? "[]" : "", column.type()));
      } else {
        nulls(column, told).ifPresent(differences::add);
      }
    }
    List<String> key = new ArrayList<>();
    columns
        .byName()
        .forEach((name, told) -> {
          if (told instanceof Json.Members members && members.member("pk_index").isPresent()) {
            key.add(name);
          }
        });
    if (!key.isEmpty() && !(key.containsAll(entity.key()) && entity.key().containsAll(key))) {
      differences.add("the key is %s on the server, and %s here".formatted(key, entity.key()));
    }
    return differences;
  }

  private static Optional<String> nulls(Entity.Column column, Json.Members told) {
    boolean isNever = told.member("not_null").filter(new Json.Bool(true)::equals).isPresent();
    return switch (column.nulls()) {
      case UNSAID, FILLED -> Optional.empty();
      case NEVER ->
          isNever
              ? Optional.empty()
              : Optional.of(column.name() + " may be null on the server, and never is here");
      case MAYBE ->
          isNever
              ? Optional.of(column.name() + " is never null on the server, and may be here")
              : Optional.empty();
    };
  }

  private static String type(Json.Members told) {
    return told.member("type").orElse(Json.NULL) instanceof Json.Text(String type) ? type : "";
  }

  private static boolean isArray(Json.Members told) {
    return told.member("dims").orElse(Json.NULL) instanceof Json.Numeral(String dims)
        && !dims.equals("0");
  }
}
