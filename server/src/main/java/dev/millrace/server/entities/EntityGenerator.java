package dev.millrace.server.entities;

import dev.millrace.server.entities.TableDescription.TableColumn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Writes a synced record of a table. It is the beginning of an application's own: what the
 * catalogue does not say, such as a record within a {@code jsonb}, is put in by hand.
 */
public final class EntityGenerator {

  private static final String ANNOTATIONS = "dev.millrace.annotations.";
  private static final Set<String> OWNERS = Set.of("owner_id", "owner", "user_id");

  /** Names of the device's own tables, and those that a record cannot have beside its imports. */
  private static final Set<String> RESERVED =
      Set.of("meta", "stream", "overlay", "write_buffer", "seen_txid", "conflict");

  private static final Set<String> TAKEN =
      Set.of(
          "Column",
          "Entity",
          "Key",
          "Owner",
          "Synced",
          "Index",
          "Json",
          "List",
          "Nullable",
          "Instant",
          "UUID",
          "LocalDate",
          "LocalTime",
          "LocalDateTime",
          "BigDecimal",
          "String",
          "Short",
          "Integer",
          "Long",
          "Float",
          "Double",
          "Boolean",
          "Object",
          "Record");

  private final TableDescription table;
  private final Set<String> imports = new TreeSet<>();
  private final Set<String> names = new HashSet<>();

  private EntityGenerator(TableDescription table) {
    this.table = table;
  }

  /**
   * A source.
   *
   * @param record its name without the package
   */
  public record Source(String record, String text) {}

  /**
   * The record of a table.
   *
   * @param owner the column that holds whose row it is; if empty it is looked for among the usual
   *     names
   */
  public static Source write(TableDescription table, String packageName, Optional<String> owner) {
    return new EntityGenerator(table).source(packageName, owner);
  }

  private Source source(String packageName, Optional<String> owner) {
    if (table.key().isEmpty()) {
      throw new EntitiesException(
          "%s has no primary key, without which its rows cannot be told apart: add one"
              .formatted(table.text()));
    }
    String record = JavaNames.record(table.name().table());
    if (TAKEN.contains(record)) {
      record += "Row";
    }
    Optional<String> owned = owner.or(this::usualOwner);
    List<String> components = new ArrayList<>();
    List<String> documented = new ArrayList<>();
    for (TableColumn column : table.columns()) {
      if (column.name().startsWith("_") || column.name().matches(".*[\"'\\\\].*")) {
        continue; // The device's store has no such names.
      }
      String name = name(column.name());
      components.add("    " + component(column, name, owned.filter(column.name()::equals)));
      if (!column.comment().isBlank()) {
        documented.add(" * @param %s %s\n".formatted(name, comment(column.comment())));
      }
    }
    imports.add(ANNOTATIONS + "Synced");
    String head = packageName.isEmpty() ? "" : "package %s;\n\n".formatted(packageName);
    String imported =
        imports.stream().map(name -> "import " + name + ";\n").collect(Collectors.joining());
    return new Source(
        record,
        "%s%s\n%s%s\npublic record %s(\n%s) {}\n"
            .formatted(
                head,
                imported,
                javadoc(documented),
                synced(),
                record,
                String.join(",\n", components)));
  }

  /** A column of a usual name and type that is not of the key. */
  private Optional<String> usualOwner() {
    return table.columns().stream()
        .filter(column -> OWNERS.contains(column.name()) && column.keyIndex() < 0)
        .filter(column -> !column.isArray() && Set.of("uuid", "text").contains(column.type()))
        .map(TableColumn::name)
        .findFirst();
  }

  private String synced() {
    String device = table.name().table();
    boolean isUsable =
        device.matches("[A-Za-z][A-Za-z0-9_]*")
            && !device.contains("__")
            && !device.startsWith("sqlite")
            && !RESERVED.contains(device);
    String quoted = device.matches("[a-z_][a-z0-9_]*") ? device : "\\\"" + device + "\\\"";
    String text =
        table.name().schema().equals("public") ? quoted : table.name().schema() + "." + quoted;
    return isUsable
        ? "@Synced(table = \"%s\")".formatted(text)
        : "@Synced(table = \"%s\", name = \"%sRows\")"
            .formatted(text, JavaNames.upperCamel("x_" + device).substring(1));
  }

  private String javadoc(List<String> documented) {
    if (documented.isEmpty() && table.comment().isBlank()) {
      return "";
    }
    String first =
        table.comment().isBlank() ? "A row of " + table.text() + "." : comment(table.comment());
    return "/**\n * %s\n%s%s */\n"
        .formatted(first, documented.isEmpty() ? "" : " *\n", String.join("", documented));
  }

  private static String comment(String text) {
    return text.strip().replaceAll("\\s+", " ").replace("*/", "* /").replace("@", "{@literal @}");
  }

  private String name(String column) {
    String name = JavaNames.component(column);
    String free = name;
    for (int i = 2; !names.add(free); i++) {
      free = name + i;
    }
    return free;
  }

  private String component(TableColumn column, String name, Optional<String> owner) {
    List<String> marks = new ArrayList<>();
    boolean isKey = column.keyIndex() >= 0;
    boolean isFilled = column.isFilled() && column.notNull() && !isKey && owner.isEmpty();
    if (isKey) {
      marks.add(mark("Key"));
    }
    owner.ifPresent(_ -> marks.add(mark("Owner")));
    String named = JavaNames.column(name).equals(column.name()) ? "" : "\"" + column.name() + "\"";
    if (!named.isEmpty() || isFilled) {
      String filled = named.isEmpty() ? "hasDefault = true" : "value = %s, hasDefault = true";
      marks.add("%s(%s)".formatted(mark("Column"), isFilled ? filled.formatted(named) : named));
    }
    boolean mayBeNull = !isKey && (!column.notNull() || isFilled || owner.isPresent());
    marks.add(type(column, mayBeNull) + " " + name);
    return String.join(" ", marks);
  }

  private String mark(String annotation) {
    imports.add(ANNOTATIONS + annotation);
    return "@" + annotation;
  }

  private String type(TableColumn column, boolean mayBeNull) {
    StoreType type = StoreType.ofServer(column.type());
    if (column.isArray() && type != StoreType.JSON) {
      imports.add("java.util.List");
      return nullable(mayBeNull) + "List<" + imported(type.boxedType()) + ">";
    }
    if (column.isArray()) {
      return nullable(mayBeNull) + "String";
    }
    if (type == StoreType.BYTEA && mayBeNull) {
      return "byte " + nullable(true) + "[]";
    }
    return nullable(mayBeNull) + imported(mayBeNull ? type.boxedType() : type.javaType());
  }

  private String nullable(boolean mayBeNull) {
    if (!mayBeNull) {
      return "";
    }
    imports.add("org.jspecify.annotations.Nullable");
    return "@Nullable ";
  }

  private String imported(String type) {
    if (type.indexOf('.') < 0) {
      return type;
    }
    imports.add(type);
    return type.substring(type.lastIndexOf('.') + 1);
  }
}
