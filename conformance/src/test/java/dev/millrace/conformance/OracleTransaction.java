package dev.millrace.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** What one writer does in one transaction. */
record OracleTransaction(List<String> statements, Ending ending) {
  private static final int IDS = 60;
  private static final int KEPT_WITHOUT_KEY = 50;
  private static final String XID = "pg_current_xact_id()::text";

  OracleTransaction {
    statements = List.copyOf(statements);
  }

  /** How it ends. */
  enum Ending {
    COMMIT,
    ROLL_BACK,
    /** By two-phase commit. */
    PREPARE
  }

  /**
   * A few changes to a few of the tables, some in savepoints.
   *
   * @param fresh numbers never used before, for tables without a key
   */
  static OracleTransaction random(Random random, List<OracleTable> tables, LongSupplier fresh) {
    List<String> statements = new ArrayList<>();
    OracleTable table = any(random, tables);
    int changes = random.nextInt(12) == 0 ? 30 : 1 + random.nextInt(6);
    for (int i = 0; i < changes; i++) {
      table = random.nextInt(3) == 0 ? any(random, tables) : table;
      String change = change(random, table, fresh);
      if (random.nextInt(5) == 0) {
        statements.add("savepoint s");
        statements.add(change);
        statements.add(random.nextBoolean() ? "rollback to s" : "release s");
      } else {
        statements.add(change);
      }
    }
    if (random.nextInt(20) == 0) {
      statements.add("select pg_sleep(0.05)");
    }
    return new OracleTransaction(statements, ending(random));
  }

  private static Ending ending(Random random) {
    return switch (random.nextInt(20)) {
      case 0, 1 -> Ending.ROLL_BACK;
      case 2 -> Ending.PREPARE;
      default -> Ending.COMMIT;
    };
  }

  private static <T> T any(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private static String change(Random random, OracleTable table, LongSupplier fresh) {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> insert(random, table, fresh);
      case 3 -> insertMany(random, table, fresh);
      case 4 -> delete(random, table);
      case 5 -> changeKey(random, table, fresh);
      case 6 -> update(random, table, 1 + random.nextInt(20));
      default -> update(random, table, 1 + random.nextInt(2));
    };
  }

  private static String insert(Random random, OracleTable table, LongSupplier fresh) {
    String names =
        table.columns().stream().map(OracleTable.Column::quoted).collect(Collectors.joining(", "));
    String id = id(random, table, fresh);
    String values =
        table.columns().stream()
            .map(column -> value(random, column, id))
            .collect(Collectors.joining(", "));
    String insert = "insert into %s (%s) values (%s)".formatted(table.quoted(), names, values);
    if (table.key() != OracleTable.Key.ID_ONLY || random.nextInt(3) == 0) {
      return insert + " on conflict do nothing";
    }
    String set =
        table.columns().stream()
            .skip(1)
            .map(column -> column.quoted() + " = excluded." + column.quoted())
            .collect(Collectors.joining(", "));
    return insert + " on conflict (id) do update set " + set;
  }

  private static String value(Random random, OracleTable.Column column, String id) {
    return switch (column.name()) {
      case OracleTable.ID -> id;
      case OracleTable.STAMP -> XID;
      case OracleTable.PART -> column.type().literal(random);
      default -> column.type().nullable(random);
    };
  }

  private static String id(Random random, OracleTable table, LongSupplier fresh) {
    if (table.key() == OracleTable.Key.NONE) {
      return Long.toString(fresh.getAsLong());
    }
    return table.id().type() == OracleValue.SLASHED
        ? OracleValue.SLASHED.literal(random)
        : Integer.toString(random.nextInt(IDS));
  }

  /** Many rows in one statement, so that a transaction is longer than a chunk. */
  private static String insertMany(Random random, OracleTable table, LongSupplier fresh) {
    boolean hasNumbers =
        table.key() == OracleTable.Key.ID_ONLY && table.id().type() == OracleValue.INT;
    if (!hasNumbers) {
      return insert(random, table, fresh);
    }
    int first = random.nextInt(IDS);
    return "insert into %s (id, stamp) select g, %s from generate_series(%d, %d) g on conflict do nothing"
        .formatted(table.quoted(), XID, first, first + random.nextInt(40));
  }

  /** Of a table without a key the oldest, so that it does not grow for ever. */
  private static String delete(Random random, OracleTable table) {
    String chosen =
        table.key() == OracleTable.Key.NONE
            ? "select id from %s order by id desc offset %d"
                .formatted(table.quoted(), KEPT_WITHOUT_KEY)
            : someIds(random, table, 1 + random.nextInt(6));
    return "delete from %s where id in (%s)".formatted(table.quoted(), chosen);
  }

  private static String someIds(Random random, OracleTable table, int count) {
    return "select id from %s order by md5(id::text || '%d') limit %d"
        .formatted(table.quoted(), random.nextInt(), count);
  }

  private static String changeKey(Random random, OracleTable table, LongSupplier fresh) {
    String from = someIds(random, table, 1);
    return switch (table.key()) {
      case NONE -> update(random, table, 1);
      case ID_ONLY ->
          "update %1$s set id = %2$s, stamp = %3$s where id in (%4$s) and not exists (select from %1$s where id = %2$s)"
              .formatted(table.quoted(), id(random, table, fresh), XID, from);
      case PART_AND_ID ->
          "update %1$s o set id = %2$s, stamp = %3$s where id in (%4$s) and not exists (select from %1$s i where i.id = %2$s)"
              .formatted(table.quoted(), id(random, table, fresh), XID, from);
    };
  }

  private static String update(Random random, OracleTable table, int rows) {
    List<String> changes = new ArrayList<>();
    if (random.nextInt(4) != 0 || table.payload().isEmpty()) {
      changes.add("stamp = " + XID);
    }
    for (OracleTable.Column column : table.payload()) {
      if (changes.isEmpty() || random.nextInt(3) == 0) {
        changes.add(column.quoted() + " = " + column.type().nullable(random));
      }
    }
    return "update %s set %s where id in (%s)"
        .formatted(table.quoted(), String.join(", ", changes), someIds(random, table, rows));
  }
}
