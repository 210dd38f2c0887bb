package dev.millrace.processor.write;

import dev.millrace.processor.model.ColumnModel;
import dev.millrace.processor.model.ColumnModel.Presence;
import dev.millrace.processor.model.EntityModel;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes what an entity expects of the server as JSON, beside the classes, for {@code millrace
 * check-schema}, which reads it without loading them.
 */
public final class DescriptionWriter {

  private DescriptionWriter() {}

  /** Where it lies among an application's resources. */
  public static String path(EntityModel entity) {
    return "META-INF/millrace/%s.json".formatted(entity.qualified(entity.facade()));
  }

  public static String write(EntityModel entity) {
    List<ColumnModel> synced =
        entity.columns().stream().filter(column -> !column.isLocal()).toList();
    String owner =
        synced.stream()
            .filter(ColumnModel::isOwner)
            .map(column -> quoted(column.column()))
            .findFirst()
            .orElse("null");
    String conflicts =
        entity
            .conflicts()
            .map(policy ->
                "{\"policy\": %s, \"by\": %s}"
                    .formatted(
                        quoted(policy.policy()),
                        entity
                            .column(policy.by())
                            .map(column -> quoted(column.column()))
                            .orElse("null")))
            .orElse("null");
    return """
    {
      "record": %s,
      "table": %s,
      "device": %s,
      "columns": [
    %s
      ],
      "key": %s,
      "owner": %s,
      "sets": %s,
      "conflicts": %s
    }
    """
        .formatted(
            quoted(entity.javaType().name()),
            quoted(entity.table()),
            quoted(entity.device()),
            synced.stream()
                .map(column -> "    " + column(column))
                .collect(Collectors.joining(",\n")),
            names(synced, ColumnModel::isKey),
            owner,
            names(synced, ColumnModel::isSet),
            conflicts);
  }

  private static String names(List<ColumnModel> columns, Function<ColumnModel, Boolean> chosen) {
    return columns.stream()
        .filter(chosen::apply)
        .map(column -> quoted(column.column()))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String column(ColumnModel column) {
    String nulls = column.presence() == Presence.ALWAYS ? "never" : "maybe";
    return "{\"name\": %s, \"component\": %s, \"type\": %s, \"array\": %s, \"nulls\": %s}"
        .formatted(
            quoted(column.column()),
            quoted(column.component()),
            quoted(column.kind().stored().name().toLowerCase(Locale.ROOT)),
            column.kind().isArray(),
            quoted(column.hasDefault() ? "filled" : nulls));
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            quoted.append('\\').append((char) c);
          } else if (c < ' ') {
            quoted.append("\\u%04x".formatted(c));
          } else {
            quoted.append((char) c);
          }
        });
    return quoted.append('"').toString();
  }
}
