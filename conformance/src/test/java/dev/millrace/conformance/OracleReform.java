package dev.millrace.conformance;

import dev.millrace.protocol.RelationName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A change of definitions, or a TRUNCATE, in one transaction.
 *
 * @param tables all of them, as they are afterwards
 * @param concerned names whose shapes it may end
 * @param made the table that it creates
 * @param isCommitted whether it is not rolled back
 */
record OracleReform(
    List<String> statements,
    List<OracleTable> tables,
    List<RelationName> concerned,
    Optional<RelationName> made,
    boolean isCommitted) {

  private static final int MOST_COLUMNS = 9;

  OracleReform {
    statements = List.copyOf(statements);
    tables = List.copyOf(tables);
    concerned = List.copyOf(concerned);
  }

  /** One of those that can be made of the tables. */
  static OracleReform random(Random random, List<OracleTable> tables, int number) {
    OracleTable table = tables.get(random.nextInt(tables.size()));
    OracleReform reform =
        switch (random.nextInt(9)) {
          case 0 -> addColumn(random, tables, table);
          case 1 -> dropColumn(random, tables, table);
          case 2 -> retype(random, tables, table);
          case 3 -> renameColumn(random, tables, table);
          case 4 -> renameTable(tables, table, number);
          case 5 -> recreate(random, tables, table);
          case 6 -> replace(random, tables, table, number);
          case 7 -> swap(random, tables, table);
          default -> truncate(tables, table);
        };
    return random.nextInt(6) == 0
        ? new OracleReform(reform.statements, tables, List.of(), Optional.empty(), false)
        : reform;
  }

  private static OracleReform of(
      List<OracleTable> tables, OracleTable before, OracleTable after, String... statements) {
    List<OracleTable> all =
        tables.stream().map(each -> each.equals(before) ? after : each).toList();
    return new OracleReform(
        List.of(statements), all, List.of(before.name(), after.name()), Optional.empty(), true);
  }

  private static String alter(OracleTable table, String action) {
    return "alter table %s %s".formatted(table.quoted(), action);
  }

  private static OracleReform truncate(List<OracleTable> tables, OracleTable table) {
    return of(
        tables,
        table,
        table,
        "truncate " + table.quoted(),
        "insert into %s (id%s) values ('0'%s) on conflict do nothing"
            .formatted(
                table.quoted(),
                table.find(OracleTable.PART) == null ? "" : ", \"a \"\"part\"\"\"",
                table.find(OracleTable.PART) == null ? "" : ", 'true'"));
  }

  private static OracleReform addColumn(
      Random random, List<OracleTable> tables, OracleTable table) {
    if (table.columns().size() > MOST_COLUMNS) {
      return dropColumn(random, tables, table);
    }
    OracleTable.Column added = table.newColumn(random);
    String byDefault = random.nextBoolean() ? "" : " default " + added.type().literal(random);
    if (added.type() == OracleValue.LARGE) {
      byDefault = "";
    }
    return of(
        tables,
        table,
        table.with(added),
        alter(table, "add column " + added.definition() + byDefault));
  }

  private static OracleReform dropColumn(
      Random random, List<OracleTable> tables, OracleTable table) {
    if (table.payload().size() < 2) {
      return addColumn(random, tables, table);
    }
    OracleTable.Column dropped = anyPayload(random, table);
    return of(
        tables, table, table.without(dropped), alter(table, "drop column " + dropped.quoted()));
  }

  private static OracleTable.Column anyPayload(Random random, OracleTable table) {
    return table.payload().get(random.nextInt(table.payload().size()));
  }

  /** Every type can become text, and numbers larger numbers. */
  private static OracleReform retype(Random random, List<OracleTable> tables, OracleTable table) {
    OracleTable.Column before = anyPayload(random, table);
    OracleValue type = before.type() == OracleValue.INT ? OracleValue.BIGINT : OracleValue.TEXT;
    OracleTable.Column after = new OracleTable.Column(before.name(), type);
    return of(
        tables,
        table,
        table.replace(before, after),
        alter(table, "alter column %s drop default".formatted(before.quoted())),
        alter(
            table,
            "alter column %1$s type %2$s using %1$s::%2$s"
                .formatted(before.quoted(), after.type().sql())));
  }

  private static OracleReform renameColumn(
      Random random, List<OracleTable> tables, OracleTable table) {
    if (table.columns().size() > MOST_COLUMNS) {
      return dropColumn(random, tables, table);
    }
    OracleTable.Column before = anyPayload(random, table);
    OracleTable.Column after =
        new OracleTable.Column(table.newColumn(random).name(), before.type());
    return of(
        tables,
        table,
        table.replace(before, after),
        alter(table, "rename column %s to %s".formatted(before.quoted(), after.quoted())));
  }

  private static OracleReform renameTable(List<OracleTable> tables, OracleTable table, int number) {
    OracleTable after = table.named(freeName(table, number));
    return of(tables, table, after, rename(table, after.name()));
  }

  private static RelationName freeName(OracleTable table, int number) {
    return new RelationName(table.name().schema(), "renamed \"" + number + "\"");
  }

  private static String rename(OracleTable table, RelationName name) {
    return alter(table, "rename to \"" + name.table().replace("\"", "\"\"") + '"');
  }

  private static OracleReform recreate(Random random, List<OracleTable> tables, OracleTable table) {
    OracleTable after =
        random.nextBoolean() ? table : OracleTable.withRandomColumns(random, table.name());
    OracleReform reform = of(tables, table, after, "drop table " + table.quoted(), after.create());
    return new OracleReform(
        reform.statements, reform.tables, reform.concerned, Optional.of(after.name()), true);
  }

  /** The table goes on under another name, and a new one takes its own. */
  private static OracleReform replace(
      Random random, List<OracleTable> tables, OracleTable table, int number) {
    OracleTable moved = table.named(freeName(table, number));
    OracleTable fresh = OracleTable.withRandomColumns(random, table.name());
    List<OracleTable> all = new ArrayList<>(of(tables, table, fresh).tables());
    // The set of tables stays as large as it was.
    OracleTable gone = all.stream().filter(each -> !each.equals(fresh)).findFirst().orElse(fresh);
    all.set(all.indexOf(gone), moved);
    return new OracleReform(
        List.of("drop table " + gone.quoted(), rename(table, moved.name()), fresh.create()),
        all,
        List.of(table.name(), moved.name(), gone.name()),
        Optional.of(fresh.name()),
        true);
  }

  private static OracleReform swap(Random random, List<OracleTable> tables, OracleTable one) {
    List<OracleTable> others =
        tables.stream()
            .filter(each -> !each.equals(one))
            .filter(each -> each.name().schema().equals(one.name().schema()))
            .toList();
    if (others.isEmpty()) {
      return truncate(tables, one);
    }
    OracleTable two = others.get(random.nextInt(others.size()));
    RelationName aside = new RelationName(one.name().schema(), "aside");
    List<OracleTable> all =
        tables.stream()
            .map(each ->
                each.equals(one)
                    ? one.named(two.name())
                    : each.equals(two) ? two.named(one.name()) : each)
            .toList();
    return new OracleReform(
        List.of(rename(one, aside), rename(two, one.name()), rename(one.named(aside), two.name())),
        all,
        List.of(one.name(), two.name()),
        Optional.empty(),
        true);
  }
}
