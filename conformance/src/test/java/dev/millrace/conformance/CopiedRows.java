package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rows put together from the messages of one handle, each message held against the row it changes
 * (protocol sections 5.3 and 5.7). One thread at a time.
 *
 * <p>Where the copy does not begin with all rows, those it has not heard of are unknown, and of
 * some it knows only the columns that have changed.
 */
final class CopiedRows {
  private final boolean isComplete;
  private final boolean isFull;
  private final String relation;
  private final List<String> columns;
  private final List<String> keyColumns;
  private final boolean isKeyTold;
  private final Map<String, Map<String, @Nullable Object>> rows = new TreeMap<>();
  private final Set<String> deleted = new HashSet<>();

  /**
   * @param isComplete whether the snapshot has all rows
   * @param isFull whether messages tell all, as {@code replica=full} makes them
   * @param hasAllColumns whether all columns of the table were asked for; without a primary key
   *     they are the key
   * @param schema the value of {@code electric-schema}
   */
  CopiedRows(
      String relation,
      boolean isComplete,
      boolean isFull,
      boolean hasAllColumns,
      Map<String, ?> schema) {
    this.relation = relation;
    this.isComplete = isComplete;
    this.isFull = isFull;
    this.columns = List.copyOf(schema.keySet());
    List<String> primaryKey = primaryKey(schema);
    this.keyColumns = primaryKey.isEmpty() ? columns : primaryKey;
    this.isKeyTold = hasAllColumns || !primaryKey.isEmpty();
  }

  private static List<String> primaryKey(Map<String, ?> schema) {
    Map<Integer, String> key = new TreeMap<>();
    schema.forEach((column, type) -> {
      Object index = Json.object(type).get("pk_index");
      if (index != null) {
        key.put(Integer.parseInt(index.toString()), column);
      }
    });
    return List.copyOf(key.values());
  }

  boolean isComplete() {
    return isComplete;
  }

  List<Row> rows() {
    List<Row> all = new ArrayList<>();
    rows.forEach((key, values) -> all.add(new Row(key, values)));
    return all;
  }

  /** Keys of rows that it knows to be gone. */
  Set<String> deleted() {
    return Set.copyOf(deleted);
  }

  /** Takes a row of the snapshot. */
  void begin(Message message) {
    assertThat(message.operation()).isEqualTo("insert");
    insert(message);
  }

  /** Takes a change of the log. */
  void change(Message message) {
    switch (message.operation()) {
      case "insert" -> insert(message);
      case "update" -> update(message);
      case "delete" -> delete(message);
      default -> throw new AssertionError("no such operation: " + message);
    }
  }

  private void insert(Message message) {
    assertThat(message.value().keySet())
        .as("columns of %s", message)
        .containsExactlyElementsOf(columns);
    assertKey(message);
    Object before = rows.put(message.key(), message.value());
    assertThat(before).as("the row before %s", message).isNull();
    deleted.remove(message.key());
  }

  private void assertKey(Message message) {
    if (!isKeyTold) {
      assertThat(message.key()).startsWith(relation + "/");
      return;
    }
    StringBuilder key = new StringBuilder(relation);
    for (String column : keyColumns) {
      Object value = message.value(column);
      key.append('/').append(value == null ? "_" : '"' + value.toString().replace("/", "//") + '"');
    }
    assertThat(message.key()).isEqualTo(key.toString());
  }

  private void update(Message message) {
    Map<String, @Nullable Object> before = before(message);
    assertThat(columns).containsAll(message.value().keySet());
    assertKey(message);
    if (isFull) {
      assertThat(message.value().keySet()).containsExactlyElementsOf(columns);
      assertThat(message.oldValue()).as("old value of %s", message).isNotEmpty();
    } else {
      assertThat(message.value()).as("value of %s", message).hasSizeGreaterThan(keyColumns.size());
    }
    for (String column : columns) {
      if (before.containsKey(column)) {
        assertChange(message, column, before.get(column));
      }
    }
    before.putAll(message.value());
  }

  /** A column that was not known may have had any value. */
  private void assertChange(Message message, String column, @Nullable Object before) {
    boolean isChanged =
        message.value().containsKey(column) && !Objects.equals(message.value(column), before);
    if (isFull) {
      assertThat(message.oldValue().containsKey(column))
          .as("old value of %s, which was %s, in %s", column, before, message)
          .isEqualTo(isChanged);
      if (isChanged) {
        assertThat(message.oldValue().get(column)).as("of %s", message).isEqualTo(before);
      }
    } else if (!keyColumns.contains(column)) {
      assertThat(message.value().containsKey(column))
          .as("%s, which was %s, is in %s", column, before, message)
          .isEqualTo(isChanged);
    }
  }

  private void delete(Message message) {
    Map<String, @Nullable Object> before = before(message);
    assertKey(message);
    Set<String> told = message.value().keySet();
    assertThat(told)
        .as("columns of %s", message)
        .containsExactlyInAnyOrderElementsOf(isFull ? columns : keyColumns);
    before.forEach((column, value) -> {
      if (told.contains(column)) {
        assertThat(message.value(column)).as("%s of %s", column, message).isEqualTo(value);
      }
    });
    rows.remove(message.key());
    deleted.add(message.key());
  }

  /** The row that a message changes or deletes, as far as it is known. */
  private Map<String, @Nullable Object> before(Message message) {
    Map<String, @Nullable Object> row = rows.get(message.key());
    boolean mayBeUnknown = !isComplete && !deleted.contains(message.key());
    if (row == null && !mayBeUnknown) {
      throw new AssertionError("a change of a row that is not there: " + message);
    }
    Map<String, @Nullable Object> known = row == null ? new TreeMap<>() : new TreeMap<>(row);
    rows.put(message.key(), known);
    return known;
  }
}
