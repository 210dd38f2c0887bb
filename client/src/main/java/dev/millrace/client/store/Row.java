package dev.millrace.client.store;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row as an application has it: Java values by column, in the entity's order. Immutable.
 *
 * @param values as {@link ColumnType#javaClass} says for each column
 */
public record Row(Map<String, @Nullable Object> values) {

  public Row {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** Columns and values in turn. */
  public static Row of(@Nullable Object... columnsAndValues) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (int i = 0; i < columnsAndValues.length; i += 2) {
      values.put(String.valueOf(columnsAndValues[i]), columnsAndValues[i + 1]);
    }
    return new Row(values);
  }

  /** The value of a column; null where it is null or there is no such column. */
  public @Nullable Object get(String column) {
    return values.get(column);
  }

  /** Bytes are compared by what they are. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Row row
        && values.keySet().equals(row.values.keySet())
        && Arrays.deepEquals(values.values().toArray(), ordered(row));
  }

  private @Nullable Object[] ordered(Row row) {
    return values.keySet().stream().map(row.values::get).toArray();
  }

  @Override
  public int hashCode() {
    int hash = 0; // Whatever their order.
    for (Map.Entry<String, @Nullable Object> value : values.entrySet()) {
      hash += value.getKey().hashCode() ^ Arrays.deepHashCode(new Object[] {value.getValue()});
    }
    return hash;
  }
}
