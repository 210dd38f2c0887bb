package dev.millrace.conformance;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A table with a column of every common type, and changes to it that leave nothing out. Rows are
 * inserted in sets; a set holds the same values each time, so that those of the snapshot and those
 * of the log can be compared with the same SELECT.
 */
final class EveryType {
  static final List<String> TYPES =
      List.of(
          "create type mood as enum ('sad', 'ok', 'very happy')",
          "create domain positive as numeric check (value > 0)");

  private static final AtomicInteger TABLES = new AtomicInteger();

  private static final String COLUMNS =
      """
      id uuid primary key,
      truth bool, small int2, whole int4, big int8, single float4, double float8,
      exact numeric, price numeric(12, 2), note text, short varchar(40), padded char(8),
      other uuid, day date, at_time time, at_timetz timetz, at_ts timestamp,
      at_tstz timestamptz(3), span interval, doc json, docb jsonb, bytes bytea, ints int[],
      texts text[], grid int[][], address inet, feeling mood, amount positive, large text
      """;

  /** One row each; where a row is shorter than the table, the rest is null. */
  private static final List<String> VALUES =
      List.of(
          """
          true, 1, 2, 3, 1.5, 2.25, 12.3400, 12.34, 'It''s a "quoted" note', 'short', 'pad',
          '9f1c2d3e-4b5a-4789-8abc-def012345678', '2024-02-29', '12:34:56.789',
          '12:34:56+02', '2024-01-02 03:04:05', '2024-01-02 03:04:05.678+03',
          '1 year 2 months 3 days 04:05:06.7', '{"a": [1,  2], "b": "\\u00e9/\\""}',
          '{"b": 1, "a": [true, null]}', '\\x0001fffe', '{1,NULL,3}',
          '{plain,"with, comma","q\\"uote",NULL,"NULL","",back\\\\slash}', '{{1,2},{3,4}}',
          '192.168.0.1/24', 'very happy', 7.50, 'not so large'
          """,
          "",
          """
          false, -32768, -2147483648, -9223372036854775808, '-Infinity', '-Infinity', '-Infinity',
          -9999999999.99, '', '', '', '00000000-0000-0000-0000-000000000000',
          '4713-01-01 BC', '00:00', '00:00+15:59', '-infinity', '0001-01-01 00:00:00+00 BC',
          '-1 year -2 mons +3 days -04:05:06', '[]', '[]', '', '{}', '{}', '{}', '::1', 'sad',
          0.000001, ''
          """,
          """
          true, 32767, 2147483647, 9223372036854775807, 'Infinity', 'Infinity', 'Infinity',
          9999999999.99, repeat('x', 10000), repeat('y', 40), 'eightchr',
          'ffffffff-ffff-ffff-ffff-ffffffffffff', '5874897-12-31', '24:00', '24:00-15:59',
          'infinity', '294276-12-31 23:59:59.999+00', '178000000 years',
          '"json text"', '"jsonb text"', decode(repeat('00ff7f80', 500), 'hex'),
          '{2147483647,-2147483648}', array[E'tab\\tnew\\nline', '{}', ' '],
          '{{NULL,-1},{0,1}}', '2001:db8::/32', 'ok', 1e30, 'large?'
          """,
          """
          null, null, null, null, 'NaN', 'NaN', 'NaN', null, E'tab\\t nl\\n cr\\r bs\\b ff\\f vt\\v
          back\\\\slash / // "quotes" \\\\N \\\\. \\u2028\\u2029 \\u00e9 \\u6f22 \\U0001F600 end\\\\',
          E'\\\\', ' a ', null, null, null, null, null, null, 'P1Y2M10DT2H30M', 'null', 'null',
          '\\x5c', '{NULL}', array[E'\\\\', '"', ',', null, E'\\U0001F600'], null,
          '10.0.0.0/8', null, null, E'\\\\N'
          """,
          """
          false, 0, 0, 0, -0.0, '-0', 0.00, 0.00,
          (select string_agg(chr(i), '' order by i) from generate_series(1, 3000) i),
          (select string_agg(chr(i), '' order by i) from generate_series(1, 40) i),
          null, null, null, null, null, null, null, '00:00:00',
          (select to_json(string_agg(chr(i), '' order by i)) from generate_series(1, 3000) i),
          (select to_jsonb(string_agg(chr(i), '' order by i)) from generate_series(1, 3000) i),
          (select string_agg(decode(lpad(to_hex(i), 2, '0'), 'hex'), '' order by i)
             from generate_series(0, 255) i),
          null, (select array_agg(chr(i) order by i) from generate_series(1, 300) i)
          """,
          """
          true, 1, 1, 1, 1e-37, 5e-324, 1e-100, 0.01, 'kept beside something large', 's', 'p',
          null, null, null, null, null, null, null, null, null, null, null, null, null, null,
          null, null, (select string_agg(md5(i::text), '') from generate_series(1, 20000) i)
          """);

  private static final int FULL = 0;
  private static final int EMPTY = 1;
  private static final int LARGE = VALUES.size() - 1;

  private final SyncedDatabase database;
  private final String name;
  private int sets;

  private EveryType(SyncedDatabase database, String name) {
    this.database = database;
    this.name = name;
  }

  /** The database has {@link #TYPES}. */
  static EveryType createIn(SyncedDatabase database) throws SQLException {
    String name = "every_type_" + TABLES.incrementAndGet();
    database.execute("create table %s (%s)".formatted(name, COLUMNS));
    return new EveryType(database, name);
  }

  String name() {
    return name;
  }

  List<Row> select() throws SQLException {
    return database.select(name, "id");
  }

  List<Row> select(String... columns) throws SQLException {
    return database.select(name, List.of(columns), List.of("id"));
  }

  /** Inserts one set. */
  void insertEveryValue() throws SQLException {
    for (int row = 0; row < VALUES.size(); row++) {
      String values = VALUES.get(row).isEmpty() ? "" : ", " + VALUES.get(row);
      database.execute("insert into %s values ('%s'%s)".formatted(name, id(sets, row), values));
    }
    sets++;
  }

  /** In every set each column goes from null to a value in one row, and back in another. */
  void updateEachColumn() throws SQLException {
    for (int set = 0; set < sets; set++) {
      for (String column : database.columns(name)) {
        if (column.equals("id")) {
          continue;
        }
        database.execute(
            "update %1$s set %2$s = (select %2$s from %1$s where id = '%3$s') where id = '%4$s'"
                .formatted(name, column, id(set, FULL), id(set, EMPTY)),
            "update %s set %s = null where id = '%s'".formatted(name, column, id(set, FULL)));
      }
      database.execute(
          "update %s set note = note || '.' where id = '%s'".formatted(name, id(set, LARGE)),
          "update %s set whole = whole where id = '%s'".formatted(name, id(set, LARGE)));
    }
  }

  /** Also of the row whose large value Postgres does not write again. */
  void changeKeys() throws SQLException {
    for (int set = 0; set < sets; set++) {
      for (int row : List.of(EMPTY, LARGE)) {
        database.execute(
            "update %s set id = '%s' where id = '%s'"
                .formatted(name, id(100 + set, row), id(set, row)));
      }
    }
  }

  /** A row of each set; one more deleted and inserted again in a transaction. */
  void deleteSome() throws SQLException {
    for (int set = 0; set < sets; set++) {
      database.execute("delete from %s where id = '%s'".formatted(name, id(set, 2)));
      database.execute(
          """
          begin;
          update %1$s set note = 'soon gone' where id = '%2$s';
          delete from %1$s where id = '%2$s';
          insert into %1$s (id, note) values ('%2$s', 'back again');
          savepoint before;
          update %1$s set note = 'never was';
          rollback to before;
          update %1$s set whole = 1 where id = '%2$s';
          commit
          """
              .formatted(name, id(set, 3)));
    }
  }

  /** Inserts one more row and returns its key. */
  String insertLast() throws SQLException {
    String last = id(999, 0);
    database.execute("insert into %s (id) values ('%s')".formatted(name, last));
    return Row.key(name, last);
  }

  private static String id(int set, int row) {
    return "%08d-0000-4000-8000-%012d".formatted(set, row);
  }
}
