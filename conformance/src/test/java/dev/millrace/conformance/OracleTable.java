package dev.millrace.conformance;

import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.SqlIdentifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table as the oracle means it to be. Its first two columns are {@link #ID} and {@link #STAMP},
 * the transaction that wrote the row last (but for some updates, which leave it).
 *
 * @param columns in the order of the table
 */
record OracleTable(RelationName name, Key key, List<Column> columns) {
  static final String ID = "id";
  static final String STAMP = "stamp";
  static final String PART = "a \"part\"";

  private static final List<String> NAMES =
      List.of(
          "plain", "Odd \"Name\"", "sl/ash", "a.b", "Überschrift", "select", "with, comma", "x");

  private static final List<String> COLUMN_NAMES =
      List.of("a", "b", "Cap", "two words", "q\"uote", "com,ma", "sl/ash", "ключ", "order", "d");

  OracleTable {
    columns = List.copyOf(columns);
  }

  /** Name and type of a column. */
  record Column(String name, OracleValue type) {
    String quoted() {
      return SqlIdentifier.quote(name);
    }

    String definition() {
      return quoted() + " " + type.sql();
    }
  }

  /** What identifies a row. */
  enum Key {
    /** No primary key; ids are unique all the same. */
    NONE,
    ID_ONLY,
    /** Two columns, in another order than that of the table. */
    PART_AND_ID;

    List<String> columns() {
      return switch (this) {
        case NONE -> List.of();
        case ID_ONLY -> List.of(ID);
        case PART_AND_ID -> List.of(PART, ID);
      };
    }
  }

  /** A table of random columns; each number has a name of its own. */
  static OracleTable random(Random random, int number) {
    String name = NAMES.get(number % NAMES.size()) + (number < NAMES.size() ? "" : number);
    String schema = number % 4 == 3 ? "Other Schema" : "public";
    return withRandomColumns(random, new RelationName(schema, name));
  }

  static OracleTable withRandomColumns(Random random, RelationName name) {
    Key key = Key.values()[Math.max(0, random.nextInt(5) - 2)];
    List<Column> columns = new ArrayList<>();
    OracleValue ids = random.nextInt(4) == 0 ? OracleValue.SLASHED : OracleValue.INT;
    columns.add(new Column(ID, key == Key.ID_ONLY ? ids : OracleValue.INT));
    columns.add(new Column(STAMP, OracleValue.TEXT));
    if (key == Key.PART_AND_ID) {
      columns.add(new Column(PART, random.nextBoolean() ? OracleValue.SLASHED : OracleValue.BOOL));
    }
    OracleTable table = new OracleTable(name, key, columns);
    for (int more = 1 + random.nextInt(5); more > 0; more--) {
      table = table.with(table.newColumn(random));
    }
    return table;
  }

  /** A column that the table has not. */
  Column newColumn(Random random) {
    List<String> free = COLUMN_NAMES.stream().filter(column -> find(column) == null).toList();
    return new Column(free.get(random.nextInt(free.size())), OracleValue.random(random));
  }

  @Nullable Column find(String column) {
    return columns.stream().filter(each -> each.name().equals(column)).findFirst().orElse(null);
  }

  boolean hasAll(List<String> names) {
    return columns.stream().map(Column::name).toList().containsAll(names);
  }

  /** The columns that may be written at will, dropped, renamed and retyped. */
  List<Column> payload() {
    return columns.stream()
        .filter(column -> !List.of(ID, STAMP, PART).contains(column.name()))
        .toList();
  }

  Column id() {
    return columns.getFirst();
  }

  List<String> columnNames() {
    return columns.stream().map(Column::name).toList();
  }

  OracleTable with(Column added) {
    List<Column> more = new ArrayList<>(columns);
    more.add(added);
    return new OracleTable(name, key, more);
  }

  OracleTable without(Column dropped) {
    return new OracleTable(
        name, key, columns.stream().filter(column -> !column.equals(dropped)).toList());
  }

  OracleTable replace(Column before, Column after) {
    return new OracleTable(
        name, key, columns.stream().map(each -> each.equals(before) ? after : each).toList());
  }

  OracleTable named(RelationName other) {
    return new OracleTable(other, key, columns);
  }

  String quoted() {
    return name.quoted();
  }

  String create() {
    String definitions = columns.stream().map(Column::definition).collect(Collectors.joining(", "));
    String primaryKey =
        key.columns().stream().map(SqlIdentifier::quote).collect(Collectors.joining(", "));
    String constraint = primaryKey.isEmpty() ? "" : ", primary key (" + primaryKey + ")";
    return "create table %s (%s%s)".formatted(quoted(), definitions, constraint);
  }

  /** Removes the rows that {@link #insertMark} inserts. */
  String deleteMarks() {
    String condition = id().type() == OracleValue.INT ? "< 0" : "like 'mark%'";
    return "delete from %s where id %s".formatted(quoted(), condition);
  }

  String insertMark() {
    return insertMark(markId(), Map.of());
  }

  /** The mark that a filter wants. */
  String insertMark(OracleFilter filter) {
    int number = 2 + (filter.mark().hashCode() & 0xFFFFFFF);
    String id = id().type() == OracleValue.INT ? "-" + number : "mark" + number;
    return insertMark(id, filter.mark());
  }

  private String insertMark(String id, Map<String, String> more) {
    StringBuilder names = new StringBuilder("id, stamp");
    StringBuilder values = new StringBuilder("'" + id + "', pg_current_xact_id()::text");
    if (find(PART) != null) {
      names.append(", ").append(SqlIdentifier.quote(PART));
      values.append(", 'true'");
    }
    more.forEach((column, value) -> {
      names.append(", ").append(SqlIdentifier.quote(column));
      values.append(", '").append(value.replace("'", "''")).append('\'');
    });
    return "insert into %s (%s) values (%s)".formatted(quoted(), names, values);
  }

  /** The id of the mark that is for all who have it. */
  String markId() {
    return id().type() == OracleValue.INT ? "-1" : "mark";
  }
}
