package dev.millrace.client.typed;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.store.Entity;
import dev.millrace.protocol.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Values by their columns, on the way to a row or to an object in JSON. One thread. */
public final class ValuesToWrite {

  private final Map<String, @Nullable Object> values = new LinkedHashMap<>();
  private final Map<String, ColumnType> types = new LinkedHashMap<>();

  /** None yet. */
  public ValuesToWrite() {}

  public <T> ValuesToWrite put(Column<T> column, @Nullable T value) {
    return put(column.name(), column.type(), value);
  }

  public <T> ValuesToWrite put(Converted<T> column, @Nullable T value) {
    return put(column.name(), column.type(), value == null ? null : column.toStored(value));
  }

  private ValuesToWrite put(String name, ColumnType type, @Nullable Object value) {
    values.put(name, value);
    types.put(name, type);
    return this;
  }

  /** All of them by column, as {@link dev.millrace.client.Rows} takes them. */
  public Map<String, @Nullable Object> all() {
    return values;
  }

  /** Those that are not null: what is left out of a new row gets the server's default. */
  public Map<String, @Nullable Object> present() {
    Map<String, @Nullable Object> present = new LinkedHashMap<>(values);
    present.values().removeIf(Objects::isNull);
    return present;
  }

  /**
   * The key, and what is stored otherwise than it was before.
   *
   * @throws IllegalArgumentException if the key is another one
   */
  public Map<String, @Nullable Object> changesSince(ValuesToWrite before, Entity entity) {
    Map<String, @Nullable Object> changes = new LinkedHashMap<>();
    values.forEach((name, value) -> {
      boolean isSame = Objects.equals(stored(name), before.stored(name));
      if (entity.key().contains(name)) {
        if (!isSame) {
          throw new IllegalArgumentException(
              "another row of %s: its key %s is %s, and was %s"
                  .formatted(entity.name(), name, value, before.values.get(name)));
        }
        changes.put(name, value);
      } else if (!isSame) {
        changes.put(name, value);
      }
    });
    return changes;
  }

  private @Nullable Object stored(String name) {
    ColumnType type = types.get(name);
    return type == null ? null : type.store(values.get(name));
  }

  /** An object with those that are not null. */
  public Json json() {
    Map<String, Json> members = new LinkedHashMap<>();
    present()
        .forEach((name, value) -> {
          ColumnType type = types.get(name);
          if (type != null) {
            members.put(name, type.write(type.store(value)));
          }
        });
    return new Json.Members(members);
  }

  /** A JSON array of items. */
  public static <T> Json list(List<T> items, Function<? super T, ? extends Json> writer) {
    return new Json.Array(items.stream().<Json>map(writer).toList());
  }
}
