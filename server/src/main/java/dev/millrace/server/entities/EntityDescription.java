package dev.millrace.server.entities;

import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.InvalidName;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import dev.millrace.protocol.RelationName;
import java.util.List;
import java.util.Optional;

/**
 * What a record expects of its table, as the annotation processor has written it down.
 *
 * @param record its qualified name
 * @param sets columns that are sets
 */
public record EntityDescription(
    String record,
    RelationName table,
    List<ExpectedColumn> columns,
    List<String> key,
    Optional<String> owner,
    List<String> sets,
    Optional<ExpectedConflicts> conflicts) {

  /** Whether a column's values may be null. */
  public enum Nulls {
    NEVER,
    MAYBE,
    /** Until the server has filled it. */
    FILLED
  }

  /**
   * A column that the record has.
   *
   * @param component the record's own name for it
   */
  public record ExpectedColumn(
      String name, String component, StoreType type, boolean isArray, Nulls nulls) {

    String typeText() {
      return type.label() + (isArray ? "[]" : "");
    }
  }

  /**
   * What the application expects to become of edits that meet.
   *
   * @param policy as the settings of the server have it
   * @param by the column that decides, if one does
   */
  public record ExpectedConflicts(String policy, Optional<String> by) {}

  /**
   * Reads one.
   *
   * @param source what it is called in messages
   * @throws EntitiesException if it is none
   */
  static EntityDescription read(String text, String source) {
    try {
      if (JsonReader.read(text, JsonLimits.DEFAULT) instanceof Json.Members all) {
        return read(all);
      }
    } catch (InvalidJson | InvalidName | IllegalArgumentException e) {
      throw new EntitiesException(
          "%s is no description of an entity that this version reads: %s"
              .formatted(source, e.getMessage()));
    }
    throw new EntitiesException(source + " is no description of an entity");
  }

  private static EntityDescription read(Json.Members all) throws InvalidName {
    return new EntityDescription(
        text(all, "record"),
        RelationName.parse(text(all, "table")),
        items(all, "columns").stream().map(EntityDescription::column).toList(),
        items(all, "key").stream().map(EntityDescription::text).toList(),
        member(all, "owner").map(EntityDescription::text),
        items(all, "sets").stream().map(EntityDescription::text).toList(),
        member(all, "conflicts").map(EntityDescription::conflicts));
  }

  private static ExpectedColumn column(Json json) {
    Json.Members all = members(json);
    String type = text(all, "type");
    return new ExpectedColumn(
        text(all, "name"),
        text(all, "component"),
        StoreType.of(type).orElseThrow(() -> new IllegalArgumentException("no type " + type)),
        member(all, "array").filter(new Json.Bool(true)::equals).isPresent(),
        switch (text(all, "nulls")) {
          case "never" -> Nulls.NEVER;
          case "filled" -> Nulls.FILLED;
          default -> Nulls.MAYBE;
        });
  }

  private static ExpectedConflicts conflicts(Json json) {
    Json.Members all = members(json);
    return new ExpectedConflicts(
        text(all, "policy"), member(all, "by").map(EntityDescription::text));
  }

  private static Optional<Json> member(Json.Members all, String name) {
    return all.member(name).filter(value -> !(value instanceof Json.Null));
  }

  private static String text(Json.Members all, String name) {
    return text(member(all, name).orElseThrow(() -> new IllegalArgumentException("no " + name)));
  }

  private static String text(Json json) {
    return json instanceof Json.Text(String text) ? text : json.toString();
  }

  private static List<Json> items(Json.Members all, String name) {
    return member(all, name).orElse(Json.NULL) instanceof Json.Array(List<Json> items)
        ? items
        : List.of();
  }

  private static Json.Members members(Json json) {
    if (json instanceof Json.Members members) {
      return members;
    }
    throw new IllegalArgumentException("no object: " + json);
  }

  /** As a person calls it. */
  String recordName() {
    return record.substring(record.lastIndexOf('.') + 1);
  }
}
