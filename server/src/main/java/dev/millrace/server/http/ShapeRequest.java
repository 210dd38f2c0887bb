package dev.millrace.server.http;

import dev.millrace.protocol.InvalidName;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.SqlIdentifier;
import dev.millrace.server.filter.Clause;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.policy.View;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Table;
import dev.millrace.server.shape.ShapeDefinition;
import dev.millrace.server.shape.ShapeDefinition.LogMode;
import dev.millrace.server.shape.ShapeDefinition.Replica;
import dev.millrace.server.shape.Subset;
import java.util.HashSet;
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
 * @param queryable the columns the request may select and name in a subset, if it limits them
 * @param clause which rows of the table; empty for all
 * @param subset the rows wanted now, instead of snapshot and log
 * @param cursor as sent, never checked
 */
record ShapeRequest(
    RelationName table,
    Optional<Offset> offset,
    Optional<String> handle,
    boolean isLive,
    boolean isEventStream,
    Optional<Set<String>> columns,
    Optional<Set<String>> queryable,
    Replica replica,
    LogMode logMode,
    Optional<Clause> clause,
    Optional<Subset> subset,
    String cursor) {

  private static final Map<String, Replica> REPLICAS =
      Map.of("default", Replica.DEFAULT, "full", Replica.FULL);

  private static final Map<String, LogMode> LOG_MODES =
      Map.of("full", LogMode.FULL, "changes_only", LogMode.CHANGES_ONLY);

  /**
   * Reads the parameters.
   *
   * @throws InvalidRequest with the messages of the first stage that has any
   */
  static ShapeRequest parse(Parameters parameters) throws InvalidRequest {
    Map<String, String> query = parameters.query();
    Modes modes = Modes.read(query);
    Optional<Offset> offset = offset(query.get("offset"));
    boolean hasDataPosition = offset.filter(o -> !o.equals(Offset.BEFORE_ALL)).isPresent();
    Optional<String> handle =
        hasDataPosition ? Optional.ofNullable(query.get("handle")) : Optional.empty();
    if (hasDataPosition && handle.filter(text -> !text.isEmpty()).isEmpty()) {
      throw InvalidRequest.of("handle", "can't be blank when offset != -1");
    }
    boolean isLive = isLive(query);
    if (isLive && !hasDataPosition) {
      throw InvalidRequest.of(
          "live",
          offset.isEmpty()
              ? "can't be true when offset is 'now'"
              : "can't be true when offset == -1");
    }
    boolean isEventStream =
        query.containsKey("live_sse") ? isSet(query.get("live_sse")) : modes.isEventStream();
    if (isEventStream && !isLive) {
      throw InvalidRequest.of("live_sse", "can't be true unless live is also true");
    }
    return of(parameters, modes, offset, handle, isLive, isEventStream);
  }

  /**
   * Reads what says which shape is meant, and nothing of where the client stands.
   *
   * @throws InvalidRequest with the messages of the first stage that has any
   */
  static ShapeRequest parseDefinition(Parameters parameters) throws InvalidRequest {
    return of(
        parameters,
        Modes.read(parameters.query()),
        Optional.empty(),
        Optional.empty(),
        false,
        false);
  }

  private static ShapeRequest of(
      Parameters parameters,
      Modes modes,
      Optional<Offset> offset,
      Optional<String> handle,
      boolean isLive,
      boolean isEventStream)
      throws InvalidRequest {
    Map<String, String> query = parameters.query();
    Optional<Clause> clause = ClauseParameters.read(query);
    RelationName table = table(query.get("table"));
    Optional<Set<String>> columns = columns("columns", query);
    Optional<Set<String>> queryable = columns("queryable_columns", query);
    return new ShapeRequest(
        table,
        offset,
        handle,
        isLive,
        isEventStream,
        columns.or(() -> queryable),
        queryable,
        modes.replica(),
        modes.log(),
        clause,
        SubsetParameters.read(parameters.subset(), queryable),
        query.getOrDefault("cursor", ""));
  }

  /** What is one of few words. */
  private record Modes(Replica replica, LogMode log, boolean isEventStream) {

    static Modes read(Map<String, String> query) throws InvalidRequest {
      FieldErrors errors = new FieldErrors();
      Replica replica = choice(query, "replica", Replica.DEFAULT, REPLICAS, errors);
      LogMode log = choice(query, "log", LogMode.FULL, LOG_MODES, errors);
      boolean isEventStream = bool(query, "experimental_live_sse", errors).orElse(false);
      bool(query, "experimental_compaction", errors);
      errors.throwIfAny();
      return new Modes(replica, log, isEventStream);
    }
  }

  private static <T> T choice(
      Map<String, String> query,
      String name,
      T byDefault,
      Map<String, T> values,
      FieldErrors errors) {
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

  private static Optional<Boolean> bool(
      Map<String, String> query, String name, FieldErrors errors) {
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

  /** Whether a request with these parameters wants to wait for changes. */
  static boolean isLive(Map<String, String> query) {
    return isSet(query.get("live"));
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

  private static Optional<Set<String>> columns(String field, Map<String, String> query)
      throws InvalidRequest {
    String text = query.get(field);
    if (text == null) {
      return Optional.empty();
    }
    if (text.isEmpty()) {
      throw InvalidRequest.of(field, "The list of columns must not be empty");
    }
    Set<String> columns = new HashSet<>();
    try {
      for (String part : SqlIdentifier.split(text, ',')) {
        columns.add(SqlIdentifier.parse(part.strip()));
      }
    } catch (InvalidName e) {
      throw InvalidRequest.of(field, e.reason());
    }
    return Optional.of(columns);
  }

  boolean isNow() {
    return offset.isEmpty();
  }

  /** Whether this asks for what {@code definition} says, leaving the where clause aside. */
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
   * The definition this asks for, of the table as it is now and as far as it may be seen; blocks.
   *
   * @throws InvalidRequest if the columns are none of a shape's, or the clause is none
   */
  ShapeDefinition definition(View view, ClauseReader reader) throws InvalidRequest {
    if (view.table().obstacle().isPresent()) {
      throw InvalidRequest.of("table", view.table().obstacle().get());
    }
    Table found = view.readable();
    if (queryable.isPresent()) {
      requireKeyAndExistence("queryable_columns", "queryable columns", found, queryable.get());
    }
    Optional<Set<String>> named = columns;
    if (named.isPresent()) {
      requireKeyAndExistence("columns", "columns", found, named.get());
      requireQueryable(named.get());
    }
    refuseGenerated(ShapeDefinition.of(view, named, Optional.empty(), replica, logMode));
    Optional<Filter> asked =
        clause.isPresent() && !view.isOfClause()
            ? Optional.of(filter(found, clause.get(), reader))
            : Optional.empty();
    return ShapeDefinition.of(view, named, asked, replica, logMode);
  }

  /** Makes a filter of a clause; blocks. */
  @FunctionalInterface
  interface ClauseReader {
    Filter read(Table table, String where, Map<Integer, String> parameters)
        throws InvalidExpression;
  }

  private static Filter filter(Table found, Clause clause, ClauseReader reader)
      throws InvalidRequest {
    try {
      return reader.read(found, clause.where(), clause.parameters());
    } catch (InvalidExpression e) {
      throw InvalidRequest.of("where", e.reason());
    }
  }

  private void requireQueryable(Set<String> named) throws InvalidRequest {
    List<String> hidden =
        named.stream()
            .filter(name -> queryable.isPresent() && !queryable.get().contains(name))
            .sorted()
            .toList();
    if (!hidden.isEmpty()) {
      throw InvalidRequest.of(
          "columns",
          "The following columns are not found on the table: " + String.join(", ", hidden));
    }
  }

  private static void requireKeyAndExistence(
      String field, String noun, Table found, Set<String> named) throws InvalidRequest {
    Set<String> existing = namesOf(found.columns());
    List<String> missing =
        found.columns().stream()
            .filter(column -> column.isKey() && !named.contains(column.name()))
            .map(Column::name)
            .toList();
    if (!missing.isEmpty()) {
      throw InvalidRequest.of(
          field,
          "The list of %s must include all primary key columns, missing: %s"
              .formatted(noun, String.join(", ", missing)));
    }
    List<String> unknown =
        named.stream().filter(name -> !existing.contains(name)).sorted().toList();
    if (!unknown.isEmpty()) {
      throw InvalidRequest.of(
          field,
          "The following %s are not found on the table: %s"
              .formatted(noun, String.join(", ", unknown)));
    }
  }

  private static void refuseGenerated(ShapeDefinition definition) throws InvalidRequest {
    List<String> generated =
        definition.columns().stream()
            .filter(column -> !column.isStreamed())
            .map(Column::name)
            .toList();
    if (!generated.isEmpty()) {
      String hint =
          !definition.allColumns()
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
}
