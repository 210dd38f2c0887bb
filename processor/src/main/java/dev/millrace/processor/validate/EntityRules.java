package dev.millrace.processor.validate;

import dev.millrace.processor.model.ColumnModel;
import dev.millrace.processor.model.ColumnModel.Presence;
import dev.millrace.processor.model.EntityModel;
import dev.millrace.processor.model.EntityModel.ConflictModel;
import dev.millrace.processor.model.EntityModel.IndexModel;
import dev.millrace.processor.model.NestedModel;
import dev.millrace.processor.model.Problem;
import dev.millrace.processor.model.Scalar;
import dev.millrace.processor.model.ValueKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;

/** What may be wrong with one entity, as it was read. One at a time. */
public final class EntityRules {

  private static final Pattern TABLE =
      Pattern.compile("([^.\"\\s]+|\"[^\"]+\")(\\.([^.\"\\s]+|\"[^\"]+\"))?");
  private static final Pattern DEVICE_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");

  /** Names of the store's own tables. */
  private static final Set<String> RESERVED =
      Set.of("meta", "stream", "overlay", "write_buffer", "seen_txid", "conflict");

  private final EntityModel entity;
  private final List<Problem> problems = new ArrayList<>();

  private EntityRules(EntityModel entity) {
    this.entity = entity;
  }

  /** All that is wrong, in the order of the source. */
  public static List<Problem> check(EntityModel entity) {
    EntityRules rules = new EntityRules(entity);
    rules.names();
    rules.key();
    rules.owner();
    rules.conflicts();
    rules.indexes();
    rules.columns(entity.columns(), "column");
    entity.columns().forEach(rules::column);
    entity.nested().forEach(rules::nested);
    return rules.problems;
  }

  // The annotation that it asks for would be a dependency.
  @SuppressWarnings("AnnotateFormatMethod")
  private void problem(Element at, String text, Object... values) {
    problems.add(new Problem(at, text.formatted(values)));
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private void problem(String text, Object... values) {
    problem(entity.at(), text, values);
  }

  private void names() {
    if (!TABLE.matcher(entity.table()).matches()) {
      problem(
          "@Synced(table = \"%s\") is no table: write its name, or schema.name", entity.table());
      return;
    }
    String facade = entity.facade();
    if (!SourceVersion.isIdentifier(facade) || SourceVersion.isKeyword(facade)) {
      problem(
          "no class can be called '%s': say what to call it, @Synced(table = …, name = \"…\")",
          facade);
      return;
    }
    if (isTaken(facade)) {
      problem(
          "the class for the table and the record would both be called %s: say what to call the class, @Synced(table = \"%s\", name = \"%ss\")",
          entity.record(), entity.table(), entity.record());
    }
    if (entity.constant().equals("ENTITY")) {
      problem("a synced record cannot be called Entity: its columns are in a constant ENTITY");
    }
    deviceName();
  }

  /** File systems may not tell upper from lower case. */
  private boolean isTaken(String facade) {
    return List.of("", "Columns", "Local", "Electric", "Merged", "Cleanup").stream()
        .anyMatch(ending -> entity.record().equalsIgnoreCase(facade + ending));
  }

  private void deviceName() {
    String name = entity.device();
    String say = "say what to call it on the device, @Synced(table = …, name = \"…\")";
    if (!DEVICE_NAME.matcher(name).matches()) {
      problem("'%s' cannot be the name of a view on the device: %s", name, say);
    } else if (RESERVED.contains(name) || name.contains("__") || name.startsWith("sqlite")) {
      problem("'%s' is a name of the device's own store: %s", name, say);
    }
  }

  private void key() {
    if (entity.columns().isEmpty()) {
      problem(
          "%s has no columns: add a component for each, and mark the key with @Key",
          entity.record());
    } else if (entity.key().isEmpty()) {
      problem("%s has no key: mark the components of the primary key with @Key", entity.record());
    }
  }

  private void owner() {
    entity.columns().stream()
        .filter(ColumnModel::isOwner)
        .skip(1)
        .forEach(second ->
            problem(
                second.at(),
                "a second @Owner: a row has one, which is filled with the user's id; take the mark from one of them"));
  }

  private void conflicts() {
    if (entity.conflicts().isEmpty()) {
      return;
    }
    ConflictModel conflicts = entity.conflicts().get();
    Optional<ColumnModel> by = entity.column(conflicts.by());
    switch (conflicts.policy()) {
      case "last-write-wins" ->
          decides(
              conflicts, by, "the time of the edit", Set.of(Scalar.TIMESTAMPTZ, Scalar.TIMESTAMP));
      case "keep-both" ->
          decides(conflicts, by, "the text that tells people which is which", Set.of(Scalar.TEXT));
      default -> {
        if (!conflicts.by().isEmpty()) {
          problem(
              "%s is decided by no column: leave out by = \"%s\"",
              conflicts.policy(), conflicts.by());
        }
      }
    }
  }

  private void decides(
      ConflictModel conflicts, Optional<ColumnModel> by, String what, Set<Scalar> types) {
    if (by.isEmpty()) {
      problem(
          conflicts.by().isEmpty()
              ? "%s needs the component that holds %s: by = \"…\""
              : "%s needs the component that holds %s, and there is none called '"
                  + conflicts.by()
                  + "'",
          conflicts.policy(),
          what);
    } else if (!types.contains(by.get().kind().stored())
        || by.get().kind().isArray()
        || by.get().isLocal()) {
      problem(by.get().at(), "%s needs here %s", conflicts.policy(), what);
    }
  }

  private void indexes() {
    for (IndexModel index : entity.indexes()) {
      if (index.components().isEmpty()) {
        problem("@Index on a record names components: @Index({\"…\", \"…\"})");
      }
      for (String name : index.components()) {
        Optional<ColumnModel> column = entity.column(name);
        if (column.isEmpty()) {
          problem("@Index names '%s', which is no component of %s", name, entity.record());
        } else if (column.get().isLocal()) {
          problem("@Index names '%s', which is @Local: those have no index", name);
        }
      }
    }
  }

  private void columns(List<ColumnModel> columns, String what) {
    twice(columns, ColumnModel::column, what);
    twice(
        columns.stream().filter(column -> !isTwice(columns, column)).toList(),
        ColumnModel::constant,
        "constant");
  }

  private static boolean isTwice(List<ColumnModel> columns, ColumnModel column) {
    return columns.stream().filter(other -> other.column().equals(column.column())).count() > 1;
  }

  private void twice(List<ColumnModel> columns, Function<ColumnModel, String> name, String what) {
    Map<String, ColumnModel> seen = new HashMap<>();
    for (ColumnModel column : columns) {
      // Names in SQLite are the same whatever their case.
      ColumnModel first = seen.putIfAbsent(name.apply(column).toLowerCase(Locale.ROOT), column);
      if (first != null) {
        problem(
            column.at(),
            what.equals("constant")
                ? "%s and %s would share the %s %s: rename one, and name its column by @Column(\"…\")"
                : "%s and %s are both the %s %s: name one by @Column(\"…\")",
            first.component(),
            column.component(),
            what,
            name.apply(column));
      }
    }
  }

  private void column(ColumnModel column) {
    String name = column.column();
    boolean isPlain =
        name.chars().noneMatch(c -> c == '"' || c == '\'' || c == '\\' || c < ' ')
            && !name.startsWith("_");
    if (!isPlain) {
      problem(
          column.at(),
          "'%s' cannot be a column on the device: no quotes, no backslash, no underscore first; leave it out, or rename it on the server",
          name);
    }
    if (column.isKey()) {
      keyColumn(column);
    }
    if (column.isOwner()) {
      ownerColumn(column);
    }
    if (column.isLocal()) {
      localColumn(column);
    }
    if (column.hasDefault() && column.presence() == Presence.ALWAYS) {
      problem(
          column.at(),
          "what the server fills is null until it does: make it @Nullable, or drop hasDefault");
    }
    value(column);
  }

  private void keyColumn(ColumnModel column) {
    if (column.presence() != Presence.ALWAYS) {
      problem(
          column.at(),
          "a key is never null: take away %s",
          column.presence() == Presence.OPTIONAL ? "the Optional" : "@Nullable");
    }
    if (!(column.kind() instanceof ValueKind.Unsupported)
        && (column.kind() instanceof ValueKind.Many || !column.kind().stored().isComparable())) {
      problem(
          column.at(),
          "%s cannot be a key: use a UUID, a text or a number",
          column.kind().javaType().simple());
    }
    if (column.isOwner()) {
      problem(
          column.at(),
          "an @Owner cannot be part of the key: it is rewritten when a guest signs in, and keys stay; fill it yourself without @Owner");
    }
  }

  private void ownerColumn(ColumnModel column) {
    boolean isId =
        column.kind() instanceof ValueKind.Plain(Scalar scalar)
            && (scalar == Scalar.UUID || scalar == Scalar.TEXT);
    if (!isId && !(column.kind() instanceof ValueKind.Unsupported)) {
      problem(column.at(), "an @Owner holds the user's id: make it a UUID or a String");
    }
  }

  private void localColumn(ColumnModel column) {
    if (column.isKey() || column.isOwner()) {
      problem(
          column.at(),
          "%s leaves the device: take away @Local",
          column.isKey() ? "a @Key" : "an @Owner");
    } else if (column.presence() == Presence.ALWAYS) {
      problem(
          column.at(),
          "what is @Local is null in rows of other devices: make it @Nullable or an Optional");
    }
    if (column.isIndexed()) {
      problem(column.at(), "what is @Local has no index: take away @Index");
    }
  }

  private void value(ColumnModel column) {
    ValueKind kind = column.kind();
    boolean isSet = kind instanceof ValueKind.Many many && many.isSet();
    if (kind instanceof ValueKind.Unsupported(var type, String advice)) {
      problem(
          column.at(),
          "%s is of a type that is not stored, %s: %s",
          column.component(),
          type.simple(),
          advice);
    } else if (column.isSet() && !isSet) {
      problem(column.at(), "@SetOf stands on a Set, and this is a %s", kind.javaType().simple());
    } else if (!column.isSet() && isSet) {
      problem(
          column.at(),
          "a Set needs @SetOf, since what several users add is kept of all; where the whole array is one value use List");
    }
    hidden(column, kind);
    if (kind instanceof ValueKind.Constants constants) {
      labels(column, constants);
    }
  }

  private void hidden(ColumnModel column, ValueKind kind) {
    String type = kind.javaType().simple();
    if (column.isHidden()) {
      problem(
          column.at(),
          "%s is private, or of what is: what is written could not see it; make it visible in its package",
          type);
    }
  }

  private void labels(ColumnModel column, ValueKind.Constants constants) {
    Map<String, String> seen = new HashMap<>();
    for (ValueKind.Constants.Constant constant : constants.constants()) {
      String first = seen.putIfAbsent(constant.label(), constant.name());
      if (first != null) {
        problem(
            column.at(),
            "%s and %s of %s are both stored as '%s': give one another @Label",
            first,
            constant.name(),
            constants.javaType().simple(),
            constant.label());
      }
    }
  }

  private void nested(NestedModel record) {
    columns(record.fields(), "member");
    for (ColumnModel field : record.fields()) {
      if (field.isKey()
          || field.isOwner()
          || field.isLocal()
          || field.isSet()
          || field.isIndexed()) {
        problem(
            field.at(),
            "%s is a member of JSON, not a column: of the marks only @Column means something here",
            field.component());
      } else {
        value(field);
      }
    }
  }
}
