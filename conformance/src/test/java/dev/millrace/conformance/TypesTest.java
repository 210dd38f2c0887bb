package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each type through snapshot and log: the same text, Postgres' own, and its entry in {@code
 * electric-schema} (docs/protocol.md, sections 6.6 and 6.7). What is common is in {@link
 * EveryType}; here is the rest.
 */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class TypesTest {
  @TempDir static Path folder;
  private static SyncedDatabase database;
  private static ShapeHttp http;
  private static int tables;

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    database = SyncedDatabase.start(postgres, folder);
    http = new ShapeHttp(database.server().uri());
    database.execute(
        "create type mood as enum ('sad', 'ok', 'very \"happy\"')",
        "create domain positive as numeric(8, 2) check (value > 0)",
        "create domain moods as mood[]",
        "create type pair as (x int, label text)",
        "create type nested as (p pair, many pair[])");
  }

  @AfterAll
  static void stop() throws Exception {
    http.close();
    database.close();
  }

  /** Declared type, an SQL expression of that type, the members of its schema entry. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "int[][][] | '{{{1,2},{3,4}},{{5,6},{7,NULL}}}' | \"type\":\"int4\",\"dims\":3",
        "int[] | '[0:1]={1,2}' | \"type\":\"int4\",\"dims\":1",
        "text[] | array['a,b', 'q\"', 'null', null, '', e'\\\\'] | \"type\":\"text\",\"dims\":1",
        "mood | 'very \"happy\"' | \"type\":\"mood\"",
        "mood[] | '{ok,\"very \\\"happy\\\"\"}' | \"type\":\"mood\",\"dims\":1",
        "moods | '{sad,ok}' | \"type\":\"moods\"",
        "positive | 12.5 | \"type\":\"positive\"",
        "positive[] | '{1.25,2}' | \"type\":\"positive\",\"dims\":1",
        "pair | row(1, 'a \"b\", (c)') | \"type\":\"pair\"",
        "pair[] | array[row(1, null), row(null, '')]::pair[] | \"type\":\"pair\",\"dims\":1",
        "nested | row(row(1, 'a'), array[row(2, 'b')]::pair[]) | \"type\":\"nested\"",
        "int4range | '[1,5)' | \"type\":\"int4range\"",
        "numrange | '(,1.5]' | \"type\":\"numrange\"",
        "tstzrange | '[2024-01-01 00:00+02,)' | \"type\":\"tstzrange\"",
        "daterange[] | '{\"[2024-01-01,2024-02-01)\",empty}' | \"type\":\"daterange\",\"dims\":1",
        "int4multirange | '{[1,3),[5,7)}' | \"type\":\"int4multirange\"",
        "char(5) | 'ab' | \"type\":\"bpchar\",\"length\":5",
        "char(3)[] | '{a,bcd}' | \"type\":\"bpchar\",\"dims\":1,\"length\":3",
        "\"char\" | 'x' | \"type\":\"char\"",
        "name | 'a name' | \"type\":\"name\"",
        "varchar(7)[] | '{a,bcd}' | \"type\":\"varchar\",\"dims\":1,\"max_length\":7",
        "numeric(5,-2) | 123456 | \"type\":\"numeric\",\"precision\":5,\"scale\":-2",
        "numeric(3,5) | 0.00123 | \"type\":\"numeric\",\"precision\":3,\"scale\":5",
        "interval year to month | '1 year 2 months' | \"type\":\"interval\",\"fields\":\"YEAR TO MONTH\"",
        "interval minute to second(3) | '1:02.3456' | \"type\":\"interval\",\"precision\":3,\"fields\":\"MINUTE TO SECOND\"",
        "interval(2) | '1.239 s' | \"type\":\"interval\",\"precision\":2",
        "bytea[] | array['\\x00ff'::bytea, '\\x'] | \"type\":\"bytea\",\"dims\":1",
        "json | '{\"a\" : [1, \"\\u00e9\"]}' | \"type\":\"json\"",
        "jsonb[] | array['{\"b\":1,\"a\":\"\\\"\"}'::jsonb] | \"type\":\"jsonb\",\"dims\":1",
        "xml | '<a b=\"c\">&lt;d/&gt;</a>' | \"type\":\"xml\"",
        "inet | '2001:db8::1/64' | \"type\":\"inet\"",
        "cidr | '10.1.0.0/16' | \"type\":\"cidr\"",
        "macaddr | '08-00-2b-01-02-03' | \"type\":\"macaddr\"",
        "macaddr8 | '08:00:2b:01:02:03:04:05' | \"type\":\"macaddr8\"",
        "bit(6) | b'010110' | \"type\":\"bit\",\"length\":6",
        "varbit(9) | b'0101' | \"type\":\"varbit\",\"length\":9",
        "money | -1234.5 | \"type\":\"money\"",
        "timetz(2) | '12:34:56.789+05:30' | \"type\":\"timetz\",\"precision\":2",
        "tsvector | to_tsvector('simple', 'it''s a test a') | \"type\":\"tsvector\"",
        "tsquery | 'a & !b' | \"type\":\"tsquery\"",
        "oid | 4294967295 | \"type\":\"oid\"",
        "xid8 | '18446744073709551615' | \"type\":\"xid8\"",
        "pg_lsn | '16/B374D848' | \"type\":\"pg_lsn\"",
        "regclass | 'pg_class' | \"type\":\"regclass\"",
        "point | '(1.5,-2)' | \"type\":\"point\"",
        "polygon | '((0,0),(1,1),(1,0))' | \"type\":\"polygon\"",
        "uuid[] | array['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid] | \"type\":\"uuid\",\"dims\":1",
        "timestamptz[] | array['2024-01-02 03:04:05.6+03'::timestamptz] | \"type\":\"timestamptz\",\"dims\":1"
      })
  void aValueHasTheSameTextInSnapshotAndLog(String type, String value, String entry)
      throws Exception {
    String table = "typed" + ++tables;
    database.execute(
        "create table %s (id int primary key, v %s)".formatted(table, type),
        "insert into %s values (1, %s), (2, null)".formatted(table, value));
    ShapeCopy copy = ShapeCopy.of(http, table, "replica", "full");

    database.execute(
        "insert into %s values (3, %s)".formatted(table, value),
        "begin; update %1$s set v = (select v from %1$s where id = 1) where id = 2; update %1$s set v = null where id = 1; delete from %1$s where id = 3; commit"
            .formatted(table));
    while (copy.rows().size() < 6) {
      copy.awaitChanges();
    }

    Object expected = database.select(table, "id").get(1).values().get("v");
    assertThat(copy.rows())
        .extracting(row -> row.value("v"))
        .containsExactly(expected, null, expected, expected, null, expected);
    assertThat(copy.rows().get(4).oldValue()).isEqualTo(of("v", expected));
    assertThat(copy.answers().getFirst().header("electric-schema"))
        .endsWith("\"v\":{" + entry + "}}");
  }

  private static Map<String, @Nullable Object> of(String name, @Nullable Object value) {
    Map<String, @Nullable Object> members = new HashMap<>();
    members.put(name, value);
    return members;
  }

  @Test
  void identityColumnsAreOrdinaryOnes() throws Exception {
    database.execute(
        "create table numbered (id bigint generated always as identity primary key, n int generated by default as identity)",
        "insert into numbered default values");
    ShapeCopy copy = ShapeCopy.of(http, "numbered");

    database.execute("insert into numbered default values");
    copy.awaitChanges();

    assertThat(copy.rows())
        .extracting(Message::value)
        .containsExactly(Map.of("id", "1", "n", "1"), Map.of("id", "2", "n", "2"));
  }

  @Test
  void aLargeValueLeftAloneIsNotLostWhenTheKeyChanges() throws Exception {
    String large = "array_fill(repeat('x', 100), array[100])";
    database.execute(
        "create table large (id int primary key, v text[], n int)",
        "alter table large alter v set storage external",
        "insert into large values (1, %s, 0)".formatted(large));
    ShapeCopy copy = ShapeCopy.of(http, "large");

    database.execute("update large set n = 1", "update large set id = 2");
    while (copy.rows().size() < 4) {
      copy.awaitChanges();
    }

    assertThat(copy.rows().get(1).value()).containsOnlyKeys("id", "n");
    assertThat(copy.rows().getLast().value("v"))
        .isEqualTo(database.select("large", "id").getFirst().values().get("v"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "with space",
        "Capitals",
        "quo\"te",
        "dot.in/slash",
        "tab\tnew\nline",
        "back\\slash",
        "'; drop table x; --",
        "%s ${x} {{y}}",
        "漢字 😀 é",
        "sixty-three bytes: 0123456789 0123456789 0123456789 0123456789!"
      })
  void oddNamesOfSchemasTablesAndColumnsAreKeptAsTheyAre(String name) throws Exception {
    String quoted = '"' + name.replace("\"", "\"\"") + '"';
    String table = quoted + "." + quoted;
    database.execute("create schema " + quoted);
    database.execute("create table %1$s.%1$s (%1$s int primary key, b text)".formatted(quoted));
    database.execute("insert into " + table + " values (1, 'x')");
    ShapeCopy copy = ShapeCopy.of(http, table, "columns", quoted + ",b");

    database.execute("insert into " + table + " values (2, 'y')");
    copy.awaitChanges();

    assertThat(copy.rows())
        .extracting(Message::key)
        .containsExactly(table + "/\"1\"", table + "/\"2\"");
    assertThat(copy.rows())
        .allSatisfy(row -> {
          assertThat(row.header("relation")).isEqualTo(List.of(name, name));
          assertThat(row.value()).containsOnlyKeys(name, "b");
        });
    assertThat(Json.object(Json.parse(copy.answers().getFirst().header("electric-schema"))))
        .containsOnlyKeys(name, "b");
  }
}
