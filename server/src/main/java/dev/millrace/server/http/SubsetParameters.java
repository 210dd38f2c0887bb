package dev.millrace.server.http;

import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.filter.RowOrder;
import dev.millrace.server.filter.SqlExpression;
import dev.millrace.server.shape.Subset;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of a subset (protocol section 9) and gathers what is wrong with them. */
final class SubsetParameters {

  private final Map<String, Object> fields;
  private final FieldErrors errors = new FieldErrors();

  private SubsetParameters(Map<String, Object> fields) {
    this.fields = fields;
  }

  /**
   * The subset that {@code fields} ask for; empty if there are none.
   *
   * @throws InvalidRequest with all that is wrong
   */
  static Optional<Subset> read(Map<String, Object> fields, Optional<Set<String>> queryable)
      throws InvalidRequest {
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    SubsetParameters parameters = new SubsetParameters(fields);
    Subset subset = parameters.read(queryable);
    if (!parameters.errors.isEmpty()) {
      throw InvalidRequest.ofSubset(parameters.errors.byField());
    }
    return Optional.of(subset);
  }

  private Subset read(Optional<Set<String>> queryable) {
    OptionalLong limit = number("limit", 1, "must be greater than 0");
    OptionalLong offset = number("offset", 0, "must be greater than or equal to 0");
    Optional<RowOrder> order = order();
    boolean isOrdered = !String.valueOf(fields.getOrDefault("order_by", "")).isBlank();
    if ((limit.isPresent() || offset.isPresent()) && !isOrdered) {
      errors.add("order_by", "order_by is required when limit or offset is present");
    }
    return new Subset(where(), values(), order, limit, offset, queryable);
  }

  private @Nullable String text(String name) {
    Object value = fields.get(name);
    if (value == null || value instanceof String) {
      String text = (String) value;
      return text == null || text.isBlank() ? null : text;
    }
    errors.add(name, "is invalid");
    return null;
  }

  private OptionalLong number(String name, long least, String complaint) {
    String text = text(name);
    if (text == null) {
      return OptionalLong.empty();
    }
    try {
      long number = Long.parseLong(text.strip());
      if (number < least) {
        errors.add(name, complaint);
      }
      return OptionalLong.of(number);
    } catch (NumberFormatException e) {
      errors.add(name, "is invalid");
      return OptionalLong.empty();
    }
  }

  private Optional<RowOrder> order() {
    String text = text("order_by");
    try {
      return text == null ? Optional.empty() : Optional.of(RowOrder.parse(text));
    } catch (InvalidExpression e) {
      errors.add("order_by", e.reason());
      return Optional.empty();
    }
  }

  private Optional<SqlExpression> where() {
    String text = text("where");
    try {
      if (text == null) {
        return Optional.empty();
      }
      SqlExpression where = SqlExpression.of(text);
      if (where.hasSubquery()) {
        errors.add("where", "Subqueries are not allowed in subsets");
      }
      return Optional.of(where);
    } catch (InvalidExpression e) {
      errors.add("where", e.reason());
      return Optional.empty();
    }
  }

  /** {@code params}, an object or the text of one: values by number. */
  private Map<Integer, String> values() {
    Object sent = fields.getOrDefault("params", Map.of());
    Object parsed = sent instanceof String text ? parse(text) : sent;
    Map<Integer, String> values = new HashMap<>();
    if (!(parsed instanceof Map<?, ?> object)) {
      errors.add("params", "is invalid");
      return values;
    }
    object.forEach((key, value) -> {
      String name = String.valueOf(key);
      if (!name.matches("[1-9][0-9]{0,4}")) {
        errors.add("params", "Parameters can only use numbers as keys");
      } else if (value == null || value instanceof Map<?, ?> || value instanceof Iterable<?>) {
        errors.add("params", "is invalid");
      } else {
        values.put(Integer.valueOf(name), String.valueOf(value));
      }
    });
    if (errors.isEmpty() && !isSequence(values)) {
      errors.add("params", "Parameters must be numbered sequentially, starting from 1");
    }
    return values;
  }

  private static boolean isSequence(Map<Integer, String> values) {
    for (int i = 1; i <= values.size(); i++) {
      if (!values.containsKey(i)) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Object parse(String text) {
    try {
      return text.isBlank() ? Map.of() : JsonValue.parse(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      return null;
    }
  }
}
