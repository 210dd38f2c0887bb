package dev.millrace.client.store;

import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change of one row that the user made.
 *
 * @param columns what is stored of the columns it sets, key included
 * @param payload the same as it is sent
 */
public record LocalChange(
    Entity entity, WriteChange.Op op, RowKey key, Json.Members columns, Json.Members payload) {

  /**
   * Makes one of Java values: all of a row for an insert (columns left out get the server's
   * defaults), key and changed columns for an update, the key for a delete.
   *
   * @throws IllegalArgumentException if a column is unknown, a value not of its type, or the key
   *     incomplete
   */
  public static LocalChange of(
      Entity entity, WriteChange.Op op, Map<String, ? extends @Nullable Object> values) {
    Map<String, Json> columns = new LinkedHashMap<>();
    Map<String, Json> payload = new LinkedHashMap<>();
    values.forEach((name, value) -> {
      ColumnType type =
          entity
              .column(name)
              .orElseThrow(
                  () -> new IllegalArgumentException(entity.name() + " has no column " + name))
              .type();
      Object stored = stored(entity, name, type, value);
      columns.put(name, PostgresArray.json(stored));
      payload.put(name, type.write(stored));
    });
    return new LocalChange(
        entity, op, key(entity, columns), new Json.Members(columns), new Json.Members(payload));
  }

  private static @Nullable Object stored(
      Entity entity, String column, ColumnType type, @Nullable Object value) {
    try {
      return type.store(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s.%s: %s".formatted(entity.name(), column, e.getMessage()), e);
    }
  }

  /** Makes one of what is sent, whatever the entity's columns were then. */
  public static LocalChange stored(Entity entity, WriteChange.Op op, Json.Members payload) {
    Map<String, Json> columns = new LinkedHashMap<>();
    payload
        .byName()
        .forEach((name, json) -> {
          entity
              .column(name)
              .ifPresent(
                  column -> columns.put(name, PostgresArray.json(column.type().storeJson(json))));
        });
    return new LocalChange(entity, op, key(entity, columns), new Json.Members(columns), payload);
  }

  private static RowKey key(Entity entity, Map<String, Json> columns) {
    @Nullable Object[] values = new Object[entity.key().size()];
    for (int i = 0; i < values.length; i++) {
      String name = entity.key().get(i);
      Json value = columns.get(name);
      if (value == null || value instanceof Json.Null) {
        throw new IllegalArgumentException("%s needs its key %s".formatted(entity.name(), name));
      }
      values[i] = PostgresArray.plain(value);
    }
    return RowKey.of(values);
  }
}
