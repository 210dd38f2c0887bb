package dev.millrace.server.http;

import dev.millrace.protocol.InvalidName;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.SqlIdentifier;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Table;
import dev.millrace.server.shape.ShapeDefinition;
import dev.millrace.server.shape.ShapeDefinition.LogMode;
import dev.millrace.server.shape.ShapeDefinition.Replica;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request on {@code /v1/shape}, checked as far as that needs no catalogue
 * (protocol section 1).
 *
 * @param offset where the client stands; empty for {@code now}
 * @param columns the selected columns, if the request names any
 * @param cursor as sent, never checked
 */
record ShapeRequest(
    RelationName table,
    Optional<Offset> offset,
    Optional<String> handle,
    boolean isLive,
    boolean isEventStream,
    Optional<Set<String>> columns,
    Replica replica,
    LogMode logMode,
    String cursor) {

  /** What comes with the issues on filters and subsets; refused, because ignoring it shows rows. */
  private static final List<String> NOT_YET = List.of("where", "params", "queryable_columns");

  private static final List<String> NOT_YET_BEGINNINGS = List.of("params[", "subset__");

  private static final Map<String, Replica> REPLICAS =
      Map.of("default", Replica.DEFAULT, "full", Replica.FULL);

  private static final Map<String, LogMode> LOG_MODES =
      Map.of("full", LogMode.FULL, "changes_only", LogMode.CHANGES_ONLY);

  /**
   * Reads the parameters.
   *
   * @throws InvalidRequest with the messages of the first stage that has any
   */
  static ShapeRequest parse(Map<String, String> query) throws InvalidRequest {
    Errors errors = new Errors();
    Replica replica = choice(query, "replica", Replica.DEFAULT, REPLICAS, errors);
    LogMode logMode = choice(query, "log", LogMode.FULL, LOG_MODES, errors);
    Optional<Boolean> experimentalSse = bool(query, "experimental_live_sse", errors);
    errors.throwIfAny();

    Optional<Offset> offset = offset(query.get("offset"));
    boolean hasDataPosition = offset.filter(o -> !o.equals(Offset.BEFORE_ALL)).isPresent();
    Optional<String> handle =
        hasDataPosition ? Optional.ofNullable(query.get("handle")) : Optional.empty();
    if (hasDataPosition && handle.filter(text -> !text.isEmpty()).isEmpty()) {
      throw InvalidRequest.of("handle", "can't be blank when offset != -1");
    }
    boolean isLive = isSet(query.get("live"));
    if (isLive && !hasDataPosition) {
      throw InvalidRequest.of(
          "live",
          offset.isEmpty()
              ? "can't be true when offset is 'now'"
              : "can't be true when offset == -1");
    }
    boolean isEventStream =
        query.containsKey("live_sse")
            ? isSet(query.get("live_sse"))
            : experimentalSse.orElse(false);
    if (isEventStream && !isLive) {
      throw InvalidRequest.of("live_sse", "can't be true unless live is also true");
    }
    refuseNotYet(query);
    return new ShapeRequest(
        table(query.get("table")),
        offset,
        handle,
        isLive,
        isEventStream,
        columns(query.get("columns")),
        replica,
        logMode,
        query.getOrDefault("cursor", ""));
  }

  private static <T> T choice(
      Map<String, String> query, String name, T byDefault, Map<String, T> values, Errors errors) {
    String text = query.get(name);
    if (text == null) {
      return byDefault;
    }
    T value = values.get(text);
    if (value == null) {
      errors.add(name, "is invalid");
      return byDefault;
    }
    return value;
  }

  private static Optional<Boolean> bool(Map<String, String> query, String name, Errors errors) {
    String text = query.get(name);
    return switch (text) {
      case null -> Optional.empty();
      case "true", "1" -> Optional.of(true);
      case "false", "0" -> Optional.of(false);
      default -> {
        errors.add(name, "is invalid");
        yield Optional.empty();
      }
    };
  }

  /** A parameter that is there with any value but {@code false}. */
  private static boolean isSet(@Nullable String text) {
    return text != null && !text.equals("false");
  }

  private static Optional<Offset> offset(@Nullable String text) throws InvalidRequest {
    if (text == null || text.isEmpty()) {
      throw InvalidRequest.of("offset", "can't be blank");
    }
    if (text.equals("now")) {
      return Optional.empty();
    }
    Optional<Offset> offset = Offset.parse(text);
    if (offset.isEmpty()) {
      throw InvalidRequest.of("offset", "has invalid format");
    }
    return offset;
  }

  private static RelationName table(@Nullable String text) throws InvalidRequest {
    if (text == null || text.isEmpty()) {
      throw InvalidRequest.of("table", "can't be blank");
    }
    try {
      return RelationName.parse(text);
    } catch (InvalidName e) {
      throw InvalidRequest.of("table", e.reason());
    }
  }

  private static Optional<Set<String>> columns(@Nullable String text) throws InvalidRequest {
    if (text == null) {
      return Optional.empty();
    }
    if (text.isEmpty()) {
      throw InvalidRequest.of("columns", "The list of columns must not be empty");
    }
    Set<String> columns = new HashSet<>();
    try {
      for (String part : SqlIdentifier.split(text, ',')) {
        columns.add(SqlIdentifier.parse(part.strip()));
      }
    } catch (InvalidName e) {
      throw InvalidRequest.of("columns", e.reason());
    }
    return Optional.of(columns);
  }

  private static void refuseNotYet(Map<String, String> query) throws InvalidRequest {
    Errors errors = new Errors();
    query.keySet().stream()
        .filter(ShapeRequest::isNotYet)
        .sorted()
        .forEach(key -> errors.add(key, "is not supported by this version of the server"));
    errors.throwIfAny();
  }

  private static boolean isNotYet(String key) {
    return NOT_YET.contains(key) || NOT_YET_BEGINNINGS.stream().anyMatch(key::startsWith);
  }

  boolean isNow() {
    return offset.isEmpty();
  }

  /** Whether this asks for what {@code definition} says. */
  boolean matches(ShapeDefinition definition) {
    return definition.relation().equals(table)
        && definition.replica() == replica
        && definition.logMode() == logMode
        && definition.allColumns() == columns.isEmpty()
        && columns.map(names -> names.equals(namesOf(definition.columns()))).orElse(true);
  }

  private static Set<String> namesOf(List<Column> columns) {
    return columns.stream().map(Column::name).collect(Collectors.toSet());
  }

  /**
   * The definition this asks for, of the table as it is now.
   *
   * @throws InvalidRequest if the columns are none of a shape's
   */
  ShapeDefinition definition(Table found) throws InvalidRequest {
    if (found.obstacle().isPresent()) {
      throw InvalidRequest.of("table", found.obstacle().get());
    }
    Optional<Set<String>> named = columns;
    if (named.isPresent()) {
      requireKeyAndExistence(found, named.get());
    }
    ShapeDefinition definition = ShapeDefinition.of(found, named, replica, logMode);
    refuseGenerated(definition.columns(), named.isPresent());
    return definition;
  }

  private static void requireKeyAndExistence(Table found, Set<String> named) throws InvalidRequest {
    Set<String> existing = namesOf(found.columns());
    List<String> missing =
        found.columns().stream()
            .filter(column -> column.isKey() && !named.contains(column.name()))
            .map(Column::name)
            .toList();
    if (!missing.isEmpty()) {
      throw InvalidRequest.of(
          "columns",
          "The list of columns must include all primary key columns, missing: "
              + String.join(", ", missing));
    }
    List<String> unknown =
        named.stream().filter(name -> !existing.contains(name)).sorted().toList();
    if (!unknown.isEmpty()) {
      throw InvalidRequest.of(
          "columns",
          "The following columns are not found on the table: " + String.join(", ", unknown));
    }
  }

  private static void refuseGenerated(List<Column> selected, boolean named) throws InvalidRequest {
    List<String> generated =
        selected.stream().filter(column -> !column.isStreamed()).map(Column::name).toList();
    if (!generated.isEmpty()) {
      String hint =
          named
              ? ""
              : ". You can exclude them from the shape by explicitly listing which columns to fetch"
                  + " in the 'columns' query param";
      throw InvalidRequest.of(
          "columns",
          "The following columns are generated and cannot be included in the shape: "
              + String.join(", ", generated)
              + hint);
    }
  }

  /** Messages by parameter. */
  private static final class Errors {

    private final Map<String, List<String>> byField = new LinkedHashMap<>();

    void add(String field, String message) {
      byField.computeIfAbsent(field, f -> new ArrayList<>()).add(message);
    }

    void throwIfAny() throws InvalidRequest {
      if (!byField.isEmpty()) {
        throw new InvalidRequest(byField);
      }
    }
  }
}
