package dev.millrace.server.entities;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.entities.EntityDescription.ExpectedColumn;
import dev.millrace.server.entities.EntityDescription.ExpectedConflicts;
import dev.millrace.server.entities.EntityDescription.Nulls;
import dev.millrace.server.entities.TableDescription.TableColumn;
import dev.millrace.server.write.ConflictPolicy;
import dev.millrace.server.write.TablePolicy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Holds records against their tables: what would make writes rejected, or rows unreadable, each in
 * a sentence with what to do. One record at a time.
 */
public final class SchemaCheck {

  private final EntityDescription entity;
  private final String record;
  private final List<String> differences = new ArrayList<>();

  private SchemaCheck(EntityDescription entity) {
    this.entity = entity;
    this.record = entity.recordName();
  }

  /**
   * What differs, in the order of the records.
   *
   * @param policies what the settings of the server say of tables
   */
  public static List<String> differences(
      List<EntityDescription> entities,
      Connection connection,
      Map<RelationName, TablePolicy> policies)
      throws SQLException {
    List<String> all = new ArrayList<>();
    Map<RelationName, EntityDescription> seen = new HashMap<>();
    for (EntityDescription entity : entities) {
      EntityDescription first = seen.putIfAbsent(entity.table(), entity);
      if (first != null) {
        all.add(
            "%s and %s are both records of table %s: make one of the two"
                .formatted(first.record(), entity.record(), entity.table().table()));
      }
      Optional<TableDescription> table = TableDescription.read(connection, entity.table());
      all.addAll(
          table.isPresent()
              ? differences(entity, table.get(), policies.get(entity.table()))
              : List.of(
                  "%s: there is no table %s that could be followed"
                      .formatted(entity.recordName(), entity.table())));
    }
    return all;
  }

  /**
   * What differs between a record and its table.
   *
   * @param policy what the settings say of the table; null if nothing
   */
  static List<String> differences(
      EntityDescription entity,
      TableDescription table,
      @org.jspecify.annotations.Nullable TablePolicy policy) {
    SchemaCheck check = new SchemaCheck(entity);
    check.columns(table);
    check.key(table);
    check.settings(
        table,
        policy == null ? new TablePolicy(new ConflictPolicy.MergeFields(), Set.of()) : policy);
    return check.differences;
  }

  private void add(String column, String text) {
    differences.add("%s, %s: %s".formatted(record, column, text));
  }

  private void columns(TableDescription table) {
    for (ExpectedColumn expected : entity.columns()) {
      Optional<TableColumn> found = table.column(expected.name());
      if (found.isEmpty()) {
        add(
            expected.component(),
            "table %s has no column %s; add it there, or name another one by @Column(\"…\")"
                .formatted(table.text(), expected.name()));
      } else {
        type(expected, found.get());
        nulls(expected, found.get());
      }
    }
    for (TableColumn column : table.columns()) {
      boolean isKnown = entity.columns().stream().anyMatch(one -> one.name().equals(column.name()));
      if (!isKnown && column.notNull() && !column.isFilled()) {
        add(
            column.name(),
            "is never null on the server, which has no default for it, and the record has no such column: new rows would be rejected; add it");
      }
    }
  }

  private void type(ExpectedColumn expected, TableColumn found) {
    boolean fits =
        expected.isArray()
            ? found.isArray() && expected.type().takes(found.type(), false)
            : expected.type().takes(found.type(), found.isArray());
    if (!fits) {
      add(
          expected.component(),
          "%s is %s on the server, and %s here"
              .formatted(expected.name(), found.typeText(), expected.typeText()));
    }
  }

  private void nulls(ExpectedColumn expected, TableColumn found) {
    boolean isOwner = entity.owner().filter(expected.name()::equals).isPresent();
    if (expected.nulls() == Nulls.NEVER && !found.notNull()) {
      add(
          expected.component(),
          "may be null on the server, and never is here; mark it @Nullable, or set it not null there");
    } else if (expected.nulls() == Nulls.FILLED && found.notNull() && !found.isFilled()) {
      add(
          expected.component(),
          "is said to be filled by the server, which has no default for it; new rows would be rejected");
    } else if (expected.nulls() == Nulls.MAYBE && found.notNull() && !isOwner) {
      add(
          expected.component(),
          found.isFilled()
              ? "is never null on the server, which fills it; say so: @Column(hasDefault = true)"
              : "is never null on the server, and may be here; take away @Nullable");
    }
  }

  private void key(TableDescription table) {
    List<String> key = table.key().stream().map(TableColumn::name).toList();
    if (!new TreeSet<>(key).equals(new TreeSet<>(entity.key()))) {
      differences.add(
          key.isEmpty()
              ? "%s: table %s has no primary key; add one".formatted(record, table.text())
              : "%s: the key is %s on the server, and %s here; mark those with @Key"
                  .formatted(record, String.join(", ", key), String.join(", ", entity.key())));
    }
  }

  private void settings(TableDescription table, TablePolicy policy) {
    Set<String> unions = new TreeSet<>(entity.sets());
    for (String set : entity.sets()) {
      if (!policy.unionColumns().contains(set)) {
        add(
            set,
            "is a set here, and one value to the server; in millrace.yaml: tables: {%s: {union: [%s]}}"
                .formatted(table.text(), String.join(", ", unions)));
      }
    }
    for (String union : new TreeSet<>(policy.unionColumns())) {
      if (!unions.contains(union)
          && entity.columns().stream().anyMatch(column -> column.name().equals(union))) {
        add(union, "is a set to the server, and not here; make it a Set with @SetOf");
      }
    }
    entity
        .conflicts()
        .filter(expected -> !expected.equals(expected(policy)))
        .ifPresent(expected ->
            differences.add(
                "%s: edits that meet are decided by %s on the server, and by %s here; in millrace.yaml: tables: {%s: {%s}}"
                    .formatted(
                        record,
                        words(expected(policy)),
                        words(expected),
                        table.text(),
                        yaml(expected))));
  }

  private static ExpectedConflicts expected(TablePolicy policy) {
    return switch (policy.conflicts()) {
      case ConflictPolicy.MergeFields _ -> new ExpectedConflicts("merge-fields", Optional.empty());
      case ConflictPolicy.RejectStale _ -> new ExpectedConflicts("reject-stale", Optional.empty());
      case ConflictPolicy.LastWriteWins(String column) ->
          new ExpectedConflicts("last-write-wins", Optional.of(column));
      case ConflictPolicy.KeepBoth(String label) ->
          new ExpectedConflicts("keep-both", Optional.of(label));
    };
  }

  private static String words(ExpectedConflicts conflicts) {
    return conflicts.policy() + conflicts.by().map(column -> " of " + column).orElse("");
  }

  private static String yaml(ExpectedConflicts conflicts) {
    String by = conflicts.policy().equals("keep-both") ? "label" : "column";
    return "conflicts: "
        + conflicts.policy()
        + conflicts.by().map(column -> ", %s: %s".formatted(by, column)).orElse("");
  }
}
