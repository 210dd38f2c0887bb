package dev.millrace.client.store;

import dev.millrace.protocol.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The key of a row on the device: what is stored of its columns, in the key's order.
 *
 * @param text the same as a JSON array, by which changes of one row are found
 */
public record RowKey(List<@Nullable Object> values, String text) {

  static RowKey of(@Nullable Object... values) {
    List<@Nullable Object> copy = new ArrayList<>();
    List<Json> items = new ArrayList<>();
    for (Object value : values) {
      copy.add(value);
      items.add(PostgresArray.json(value));
    }
    return new RowKey(Collections.unmodifiableList(copy), new Json.Array(items).toString());
  }

  /** Reads {@link #text}. */
  static RowKey read(String text) {
    if (PostgresArray.stored(text) instanceof Json.Array(List<Json> items)) {
      return of(items.stream().map(PostgresArray::plain).toArray());
    }
    throw new IllegalArgumentException("no key: " + text);
  }

  @Nullable Object[] array() {
    return values.toArray();
  }
}
