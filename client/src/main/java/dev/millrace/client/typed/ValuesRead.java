package dev.millrace.client.typed;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.store.ErrorCode;
import dev.millrace.client.store.Row;
import dev.millrace.client.store.SyncClientException;
import dev.millrace.protocol.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The values of a row, or of an object in JSON, by their columns. One thread.
 *
 * <p>A value that is missing where the record says that there is one, or that is of another type,
 * is a {@link SyncClientException} with {@link ErrorCode#TYPE_MISMATCH}.
 */
public final class ValuesRead {

  private final String source;
  private final Source values;

  private interface Source {
    @Nullable Object value(String name, ColumnType type);
  }

  private ValuesRead(String source, Source values) {
    this.source = source;
    this.values = values;
  }

  /**
   * Those of a row.
   *
   * @param entity as messages name it
   */
  public static ValuesRead of(String entity, Row row) {
    return new ValuesRead(entity, (name, type) -> row.get(name));
  }

  /**
   * Those of an object.
   *
   * @param record as messages name it
   */
  public static ValuesRead of(String record, Json json) {
    if (!(json instanceof Json.Members members)) {
      throw mismatch(record + " is kept as a JSON object, and here is " + json);
    }
    return new ValuesRead(
        record, (name, type) -> type.load(type.storeJson(members.member(name).orElse(Json.NULL))));
  }

  public <T> T required(Column<T> column) {
    return present(column.name(), nullable(column));
  }

  public <T> T required(Converted<T> column) {
    return present(column.name(), nullable(column));
  }

  private <T> T present(String column, @Nullable T value) {
    if (value == null) {
      throw mismatch(
          "%s.%s is null, and the record says that it never is: mark it @Nullable"
              .formatted(source, column));
    }
    return value;
  }

  public <T> Optional<T> optional(Column<T> column) {
    return Optional.ofNullable(nullable(column));
  }

  public <T> Optional<T> optional(Converted<T> column) {
    return Optional.ofNullable(nullable(column));
  }

  /** A column's type gives values of its class, which is T. */
  @SuppressWarnings("unchecked")
  public <T> @Nullable T nullable(Column<T> column) {
    return (T) values.value(column.name(), column.type());
  }

  public <T> @Nullable T nullable(Converted<T> column) {
    Object stored = values.value(column.name(), column.type());
    return stored == null ? null : column.fromStored(stored);
  }

  /** The items of a JSON array. */
  public static <T> List<T> list(Json json, Function<? super Json, ? extends T> reader) {
    if (!(json instanceof Json.Array array)) {
      throw mismatch("a list is kept as a JSON array, and here is " + json);
    }
    List<T> items = new ArrayList<>();
    array.items().forEach(item -> items.add(reader.apply(item)));
    return Collections.unmodifiableList(items);
  }

  /** A set in the order of its items. */
  public static <T> Set<T> set(Collection<? extends T> items) {
    return Collections.unmodifiableSet(new LinkedHashSet<>(items));
  }

  /** For a text that no constant of an enum has: perhaps one of a newer application's. */
  public static SyncClientException noConstant(String enumeration, String label) {
    return mismatch("%s has no constant for '%s'".formatted(enumeration, label));
  }

  private static SyncClientException mismatch(String message) {
    return new SyncClientException(ErrorCode.TYPE_MISMATCH, message);
  }
}
