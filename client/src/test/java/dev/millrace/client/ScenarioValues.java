package dev.millrace.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.client.store.ColumnType;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Entity.Nulls;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.PlainUuid;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The entities of the scenarios, and what stands for their values there: short names for UUIDs, and
 * {@code $names} for what is only known when it is seen.
 */
final class ScenarioValues {

  static final Entity NOTES =
      Entity.of("notes")
          .key("id", Scalar.UUID)
          .owner("owner", Scalar.TEXT)
          .column("title", Scalar.TEXT, Nulls.NEVER)
          .column("body", Scalar.TEXT, Nulls.MAYBE)
          .column("stars", Scalar.INT4, Nulls.MAYBE)
          .column("tags", new ColumnType.ArrayOf(Scalar.TEXT), Nulls.MAYBE)
          .column("seen", Scalar.TIMESTAMPTZ, Nulls.MAYBE)
          .column("price", Scalar.NUMERIC, Nulls.MAYBE)
          .column("views", Scalar.INT8, Nulls.MAYBE)
          .column("done", Scalar.BOOL, Nulls.MAYBE)
          .build();

  static final Entity LINES =
      Entity.of("lines")
          .key("note", Scalar.UUID)
          .key("number", Scalar.INT4)
          .column("text", Scalar.TEXT, Nulls.MAYBE)
          .priority(1)
          .build();

  private final Map<String, String> known = new HashMap<>();

  static Entity entity(String name) {
    return List.of(NOTES, LINES).stream()
        .filter(entity -> entity.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no entity " + name));
  }

  /** What the server says of its columns, for the header {@code electric-schema}. */
  static String schema(Entity entity) {
    Map<String, Json> columns = new LinkedHashMap<>();
    for (Entity.Column column : entity.columns()) {
      Map<String, Json> told = new LinkedHashMap<>();
      switch (column.type()) {
        case Scalar scalar -> told.put("type", text(serverType(scalar)));
        case ColumnType.ArrayOf(Scalar element) -> {
          told.put("type", text(serverType(element)));
          told.put("dims", Json.Numeral.of(1));
        }
      }
      int place = entity.key().indexOf(column.name());
      if (place >= 0) {
        told.put("pk_index", Json.Numeral.of(place));
      }
      if (place >= 0 || column.nulls() == Nulls.NEVER) {
        told.put("not_null", new Json.Bool(true));
      }
      columns.put(column.name(), new Json.Members(told));
    }
    return new Json.Members(columns).toString();
  }

  private static String serverType(Scalar scalar) {
    return scalar.name().toLowerCase(java.util.Locale.ROOT);
  }

  static Json text(String text) {
    return new Json.Text(text);
  }

  // --- names

  void name(String name, String value) {
    known.put(name, value);
  }

  String named(String name) {
    return Optional.ofNullable(known.get(name))
        .orElseThrow(() -> new AssertionError("nothing is known as " + name));
  }

  /** Whether that is what has the name; it has it from now on, if nothing had, nor it another. */
  boolean isNamed(String name, String value) {
    String has = known.get(name);
    if (has == null && !known.containsValue(value)) {
      known.put(name, value);
      return true;
    }
    return value.equals(has);
  }

  // --- values

  /** A value as a write carries it, so that two that mean the same are equal. */
  Json plain(Entity entity, String column, Json json) {
    Optional<Entity.Column> found = entity.column(column);
    if (found.isEmpty()) {
      return json;
    }
    ColumnType type = found.get().type();
    return type.write(type.storeJson(resolved(type, json)));
  }

  private Json resolved(ColumnType type, Json json) {
    if (!(json instanceof Json.Text(String text))) {
      return json;
    }
    if (text.startsWith("$")) {
      return text(known.getOrDefault(text, text));
    }
    return type == Scalar.UUID ? text(uuid(text)) : json;
  }

  /** A short name in the place of a UUID stands for the one that its letters make. */
  static String uuid(String name) {
    if (PlainUuid.is(name)) {
      return name;
    }
    StringBuilder hex = new StringBuilder();
    for (byte letter : name.getBytes(US_ASCII)) {
      hex.append(Integer.toHexString(letter));
    }
    return "00000000-0000-4000-8000-" + "0".repeat(12 - hex.length()) + hex;
  }

  Json.Members plain(Entity entity, Json.Members values) {
    Map<String, Json> plain = new LinkedHashMap<>();
    values.byName().forEach((column, json) -> plain.put(column, plain(entity, column, json)));
    return new Json.Members(plain);
  }

  /** Values as an application has them. */
  Map<String, @Nullable Object> java(Entity entity, Json.Members values) {
    Map<String, @Nullable Object> java = new LinkedHashMap<>();
    values
        .byName()
        .forEach((column, json) -> {
          ColumnType type = entity.column(column).orElseThrow().type();
          java.put(column, type.load(type.storeJson(resolved(type, json))));
        });
    return java;
  }

  /** Values as a shape carries them; {@code {"text": …}} is one that is given as it is there. */
  Json.Members wire(Entity entity, Json.Members values) {
    Map<String, Json> wire = new LinkedHashMap<>();
    values
        .byName()
        .forEach((column, json) -> {
          if (json instanceof Json.Members given) {
            wire.put(column, given.member("text").orElseThrow());
            return;
          }
          String text =
              entity
                  .column(column)
                  .map(found ->
                      found.type().text(found.type().storeJson(resolved(found.type(), json))))
                  .orElseGet(() -> json instanceof Json.Text(String plain) ? plain : null);
          wire.put(column, text == null ? Json.NULL : text(text));
        });
    return new Json.Members(wire);
  }

  /**
   * Whether values are as expected, a {@code $name} being what has that name.
   *
   * @param actual plain
   */
  boolean isSame(Entity entity, String column, Json expected, Json actual) {
    boolean isName = expected instanceof Json.Text(String text) && text.startsWith("$");
    if (isName && expected instanceof Json.Text(String name)) {
      return actual instanceof Json.Text(String value) && isNamed(name, value);
    }
    return plain(entity, column, expected).equals(actual);
  }

  boolean isSame(Entity entity, Json.Members expected, Json.Members actual) {
    return expected.byName().keySet().equals(actual.byName().keySet())
        && expected.byName().entrySet().stream()
            .allMatch(one ->
                isSame(
                    entity,
                    one.getKey(),
                    one.getValue(),
                    actual.member(one.getKey()).orElseThrow()));
  }
}
