package dev.millrace.client.query;

import dev.millrace.client.store.ColumnType;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.SqlIdentifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which rows; made by {@link Column}. */
public sealed interface Condition {

  /** More values of an {@link In} go as one parameter, a JSON array. */
  int MOST_PARAMETERS = 500;

  /** A column beside a value. */
  record Compare(String column, ColumnType type, String operator, Object value)
      implements Condition {}

  /** A column among values. */
  record In(String column, ColumnType type, List<@Nullable Object> values) implements Condition {}

  /** A column that has no value, or one. */
  record IsNull(String column, boolean isNull) implements Condition {}

  /** A text that begins so, or has this in it. */
  record Text(String column, Optional<String> prefix, Optional<String> part) implements Condition {}

  /** All of these. */
  record All(List<Condition> parts) implements Condition {}

  /** At least one of these. */
  record Any(List<Condition> parts) implements Condition {}

  record Not(Condition part) implements Condition {}

  default Condition and(Condition other) {
    return new All(List.of(this, other));
  }

  default Condition or(Condition other) {
    return new Any(List.of(this, other));
  }

  default Condition not() {
    return new Not(this);
  }

  /** The condition in SQL; its values are added to {@code values}, as numbered parameters. */
  default String sql(List<@Nullable Object> values) {
    return switch (this) {
      case Compare(String column, ColumnType type, String operator, Object value) ->
          "%s %s %s"
              .formatted(
                  type.comparable(SqlIdentifier.quote(column)),
                  operator,
                  type.comparable(parameter(values, value)));
      case In(String column, ColumnType type, List<@Nullable Object> all) ->
          "%s in (%s)"
              .formatted(type.comparable(SqlIdentifier.quote(column)), list(type, all, values));
      case IsNull(String column, boolean isNull) ->
          SqlIdentifier.quote(column) + (isNull ? " is null" : " is not null");
      case Text(String column, Optional<String> prefix, Optional<String> part) ->
          prefix.isPresent()
              ? prefix(SqlIdentifier.quote(column), prefix.get(), values)
              : "instr(%s, %s) > 0"
                  .formatted(SqlIdentifier.quote(column), parameter(values, part.orElse("")));
      case All(List<Condition> parts) -> joined(parts, " and ", values);
      case Any(List<Condition> parts) -> joined(parts, " or ", values);
      case Not(Condition part) -> "not (" + part.sql(values) + ")";
    };
  }

  /** More values than a statement may have parameters go as one. */
  private static String list(
      ColumnType type, List<@Nullable Object> all, List<@Nullable Object> values) {
    if (all.size() > MOST_PARAMETERS) {
      List<Json> items = new ArrayList<>();
      all.forEach(value -> items.add(json(value)));
      return "select %s from json_each(%s)"
          .formatted(type.comparable("value"), parameter(values, new Json.Array(items).toString()));
    }
    List<String> list = new ArrayList<>();
    all.forEach(value -> list.add(type.comparable(parameter(values, value))));
    return String.join(", ", list);
  }

  private static Json json(@Nullable Object stored) {
    return switch (stored) {
      case null -> Json.NULL;
      case Long number -> Json.Numeral.of(number);
      case Double number -> new Json.Numeral(number.toString());
      default -> new Json.Text(stored.toString());
    };
  }

  private static String joined(List<Condition> parts, String word, List<@Nullable Object> values) {
    return parts.stream()
        .map(part -> part.sql(values))
        .collect(java.util.stream.Collectors.joining(word, "(", ")"));
  }

  /** As a range, which an index can answer. */
  private static String prefix(String column, String prefix, List<@Nullable Object> values) {
    if (prefix.isEmpty()) {
      return column + " is not null";
    }
    String from = parameter(values, prefix);
    return "(%1$s >= %2$s and substr(%1$s, 1, length(%2$s)) = %2$s)".formatted(column, from);
  }

  private static String parameter(List<@Nullable Object> values, @Nullable Object value) {
    values.add(value);
    return "?" + values.size();
  }
}
