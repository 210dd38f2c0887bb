package dev.millrace.client.store;

import dev.millrace.protocol.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns rows by their texts, as a shape carries them, into what is stored of an entity's rows. */
final class RowTexts {

  private final Entity entity;
  private final Map<String, Integer> places = new LinkedHashMap<>();

  RowTexts(Entity entity) {
    this.entity = entity;
    for (Entity.Column column : entity.columns()) {
      places.put(column.name(), places.size());
    }
  }

  /** The columns in their order, then the rest. */
  @Nullable Object[] stored(Map<String, @Nullable String> texts) {
    List<Entity.Column> columns = entity.columns();
    @Nullable Object[] stored = new Object[columns.size() + 1];
    @Nullable Map<String, Json> rest = null;
    for (Map.Entry<String, @Nullable String> text : texts.entrySet()) {
      Integer place = places.get(text.getKey());
      if (place != null) {
        stored[place] = columns.get(place).type().storeText(text.getValue());
      } else {
        rest = rest == null ? new LinkedHashMap<>() : rest;
        rest.put(text.getKey(), PostgresArray.json(text.getValue()));
      }
    }
    stored[columns.size()] = rest == null ? null : new Json.Members(rest).toString();
    return stored;
  }

  /**
   * The same with columns that are stored as they are.
   *
   * @param same what is stored of known columns
   */
  @Nullable Object[] stored(
      Map<String, @Nullable String> texts, Map<String, @Nullable Object> same) {
    @Nullable Object[] stored = stored(texts);
    same.forEach((column, value) -> stored[place(column)] = value);
    return stored;
  }

  private int place(String column) {
    return entity.columns().indexOf(entity.column(column).orElseThrow());
  }

  /** Whether a column is known, and of that type. */
  boolean isOf(String column, ColumnType type) {
    return entity.column(column).filter(known -> known.type().equals(type)).isPresent();
  }

  boolean isKnown(String column) {
    return places.containsKey(column);
  }

  /** What is stored of the key, which {@code texts} must have. */
  RowKey key(Map<String, @Nullable String> texts) {
    @Nullable Object[] values = new Object[entity.key().size()];
    for (int i = 0; i < values.length; i++) {
      Entity.Column column = entity.column(entity.key().get(i)).orElseThrow();
      values[i] = column.type().storeText(texts.get(column.name()));
    }
    return RowKey.of(values);
  }

  /** Adds what a row has in its rest. */
  void addRest(@Nullable String rest, Map<String, @Nullable String> texts) {
    if (rest != null) {
      StoreSchema.members(rest)
          .byName()
          .forEach((name, value) ->
              texts.put(name, value instanceof Json.Text(String text) ? text : null));
    }
  }
}
