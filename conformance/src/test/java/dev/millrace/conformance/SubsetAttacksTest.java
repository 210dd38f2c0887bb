package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a subset's expression must not reach: protocol section 9, against a hostile client. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class SubsetAttacksTest {

  private final ShapeServer server;
  private final ShapeHttp http;

  SubsetAttacksTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  private Answer where(String text, String... further) throws Exception {
    String[] parameters = {"table", "items", "offset", "now", "subset__where", text};
    String path = ShapeHttp.path(parameters);
    for (int i = 0; i < further.length; i += 2) {
      path += "&" + ShapeHttp.path(further[i], further[i + 1]).split("\\?", 2)[1];
    }
    return http.get(path);
  }

  // Protocol 9-11.
  @ParameterizedTest
  @ValueSource(
      strings = {
        // Functions that do something, or read what is not in the row.
        "pg_sleep(20) is null",
        "\"pg_sleep\"(20) is null",
        "PG_SLEEP (20) is null",
        "pg_sleep\n(20) is null",
        "pg_catalog.pg_sleep(20) is null",
        "\"pg_catalog\" . \"pg_sleep\"(20) is null",
        "coalesce(pg_sleep(20)::text, 'x') = 'x'",
        "pg_sleep_for('20 s') is null",
        "pg_read_file('/etc/hostname') is not null",
        "pg_read_binary_file('/etc/hostname') is not null",
        "pg_ls_dir('/') is not null",
        "pg_stat_file('/etc/hostname') is not null",
        "lo_get(1) is not null",
        "lo_import('/etc/hostname') is not null",
        "lo_export(1, '/tmp/x') is not null",
        "current_setting('data_directory') is not null",
        "set_config('work_mem', '1MB', false) is not null",
        "query_to_xml('select 1', true, true, '') is not null",
        "table_to_xml('items', true, true, '') is not null",
        "database_to_xml(true, true, '') is not null",
        "cursor_to_xml('x', 1, true, true, '') is not null",
        "ts_stat('select 1') is not null",
        "ts_rewrite('a', 'select 1') is not null",
        "dblink('x', 'y') is not null",
        "pg_terminate_backend(1)",
        "pg_cancel_backend(1)",
        "pg_advisory_lock(1) is null",
        "pg_export_snapshot() is not null",
        "pg_logical_emit_message(true, 'a', 'b') is not null",
        "pg_notify('a', 'b') is null",
        "pg_drop_replication_slot('x') is null",
        "pg_switch_wal() is not null",
        "txid_current() > 0",
        "pg_current_xact_id() is not null",
        "nextval('x') > 0",
        "random() < 2",
        "gen_random_uuid() is not null",
        "clock_timestamp() is not null",
        "version() is not null",
        "current_database() is not null",
        "inet_server_addr() is not null",
        "has_table_privilege('items', 'select')",
        "pg_get_userbyid(10) is not null",
        "pg_relation_size('items') > 0",
        "obj_description(1) is null",
        "to_regclass('items') is not null",
        "format_type(23, null) = 'integer'",
        "pg_typeof(id) is not null",
        "txid_status(1) is null",
        // Calls that do not look like calls.
        "treat(20 as pg_sleep) is null",
        "TREAT ('/etc/hostname'::text as pg_read_file) is not null",
        "treat('data_directory' as current_setting) is not null",
        "(id).pg_sleep is null",
        "millrace_row.id = 1",
        "items.id = 1",
        "current_user = 'postgres'",
        "user = 'postgres'",
        "session_user <> ''",
        "current_role <> ''",
        "current_catalog <> ''",
        "current_schema <> ''",
        "current_schema() <> ''",
        "system_user is null",
        "regclass('items') is not null",
        "1259::regclass::text = 'pg_class'",
        "cast(10 as regrole)::text = 'postgres'",
        "'postgres'::\"regrole\" is not null",
        "regproc 'now' is not null",
        "'=r/postgres'::aclitem is not null",
        // Other queries and statements.
        "exists (select 1 from pg_authid)",
        "id in (select 1)",
        "id = any(array(select 1))",
        "id in (table items)",
        "id in (values (1))",
        "id in (VALUES(1))",
        "exists (with t as (select 1) select 1)",
        "id = 1; drop table items",
        "id = 1) or (1 = 1",
        "true) union select 1, 'a', 2 where (true",
        "true) to program 'id'; copy (select 1",
        "id = 1 -- ",
        "id = 1 /* */",
        "id = 1 /* /* */",
        "$$a$$ = 'a'",
        "$a$a$a$ = 'a'",
        "U&'\\0061' = 'a'",
        "U&\"\\0069d\" = 1",
        "name = 'a'\n'b'",
        "id = 1e'\\' || '",
        "id = 1$$ ",
        // The row beyond its columns.
        "millrace_row is not null",
        "millrace_row::text like '%milk%'",
        "row_to_json(millrace_row)::text like '%milk%'",
        "to_json(\"millrace_row\") is not null",
        "items is not null",
        "(millrace_row).name = 'milk'",
        "name(millrace_row) = 'milk'",
        "ctid is not null",
        "xmin is not null",
        "tableoid = 1",
        // What is no condition, or too much.
        "",
        "1",
        "id, id",
        "*",
        "row(*) is not null",
        "generate_series(1, 2) > 0",
        "count(*) > 0",
        "row_number() over () = 1",
        "(id, name) overlaps (1, 2)"
      })
  void anExpressionReachesNothingButItsRow(String text) throws Exception {
    Instant before = Instant.now();

    Answer answer = where(text.isEmpty() ? "()" : text);

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(Json.object(Json.object(Json.parse(answer.body())).get("errors")))
        .containsOnlyKeys("subset");
    assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(10));
  }

  /** A string that goes on in the next line would take over how the first treats a backslash. */
  // Protocol 9-4, 9-11.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "name = e'a'\n$1",
        "name = E'a' \n\n $1",
        "name = $1\n$1",
        "name = $1 'a'",
        "name = e'\\'' $1",
        "name = 'a'$1",
        "name = 1$1",
        "name = $1$1"
      })
  void aParameterNeverJoinsAString(String text) throws Exception {
    String value = "\\' or pg_sleep(20) is null or e'a' = e'\\";

    Answer answer = where(text, "subset__params", "{\"1\":" + Json.quote(value) + "}");

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
  }

  // Protocol 9-4.
  @Test
  void aParameterIsAValueWhateverItIs() throws Exception {
    for (String value :
        List.of("'", "''", "\\", "\\'", "') or ('a' = 'a", "$1", "milk' -- ", "\n", "é😀", "\"")) {
      Answer answer =
          where(
              "name = $1 or name = 'milk' and $1 = $1",
              "subset__params",
              "{\"1\":" + Json.quote(value) + "}");

      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      assertThat(answer.subsetRows()).extracting(row -> row.value("id")).containsExactly("1");
    }
  }

  @Test
  void aZeroByteIsNoValue() throws Exception {
    assertThat(where("name = $1", "subset__params", "{\"1\":\"\\u0000\"}").status()).isEqualTo(400);
    assertThat(where("name = '\0'").status()).isEqualTo(400);
  }

  /** JSON can carry half a character; it would arrive in Postgres as an operator. */
  @Test
  void halfACharacterIsRefused() throws Exception {
    Answer answer =
        http.post(
            ShapeHttp.path("table", "items", "offset", "now"),
            "{\"where\":\"name\\ud800 = 'milk'\"}");

    assertThat(answer.status()).isEqualTo(400);
  }

  // Protocol 9-11.
  @Test
  void hiddenColumnsStayHidden() throws Exception {
    String longName = "s".repeat(63);
    String table =
        server.newTable(
            "id int primary key, shown text, secret text, \"Odd \"\"one\" text, %s text"
                .formatted(longName),
            "insert into %s values (1, 'a', 'b', 'c', 'd')");
    List<String> attempts =
        List.of(
            "secret = 'b'",
            "SECRET = 'b'",
            "\"secret\" = 'b'",
            "(secret) = 'b'",
            "coalesce(shown, secret) = 'a'",
            "\"Odd \"\"one\" = 'c'",
            longName + " = 'd'",
            longName + "x = 'd'",
            "\"" + longName + "x\" = 'd'",
            "ctid is not null");

    for (String attempt : attempts) {
      Answer answer =
          http.shape(
              "table",
              table,
              "offset",
              "now",
              "queryable_columns",
              "id,shown",
              "subset__where",
              attempt);
      assertThat(answer.status()).as(attempt + answer.body()).isEqualTo(400);
    }
    for (String order : List.of("secret", "\"secret\" desc", "id, secret", longName + "x")) {
      Answer answer =
          http.shape(
              "table",
              table,
              "offset",
              "now",
              "queryable_columns",
              "id,shown",
              "subset__order_by",
              order);
      assertThat(answer.status()).as(order + answer.body()).isEqualTo(400);
    }
    Answer good =
        http.shape(
            "table",
            table,
            "offset",
            "now",
            "queryable_columns",
            "id,shown",
            "subset__where",
            "shown = 'a'");
    assertThat(good.subsetRows())
        .extracting(Message::value)
        .containsExactly(Row.values("id", "1", "shown", "a"));
  }

  /** A function of the user's own that has the name of a harmless one is not harmless for that. */
  // Protocol 9-11.
  @Test
  void aFunctionOfTheSameNameIsJudgedByItself() throws Exception {
    server
        .database()
        .execute(
            "create function age(int) returns int volatile language sql as 'select $1'",
            "create function harmless(int) returns int immutable language sql as 'select $1'",
            "create function definer(int) returns int immutable security definer language sql as 'select $1'");

    assertThat(where("age(id) = 1").status()).isEqualTo(400);
    assertThat(where("definer(id) = 1").status()).isEqualTo(400);
    assertThat(where("harmless(id) = 1").status()).isEqualTo(200);
    server.database().execute("drop function age(int)");
  }

  // Protocol 9-12.
  @Test
  void whatIsTooDeepOrTooLongIsTheClientsFault() throws Exception {
    String deep = "(".repeat(30_000) + "true" + ")".repeat(30_000);
    String tooLong = "id = 1" + " or id = 1".repeat(7_000);

    for (String text : List.of(deep, tooLong)) {
      Answer answer =
          http.post(
              ShapeHttp.path("table", "items", "offset", "now"),
              "{\"where\":" + Json.quote(text) + "}");
      assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    }
  }

  // Protocol 9-4.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "true = true",
        "id between 1 and 1",
        "name ilike 'MI%'",
        "name like 'm%' escape 'x'",
        "length(name) = 4 and upper(name) = 'MILK'",
        "name ~ '^m'",
        "name similar to 'm%'",
        "extract(year from date '2020-01-01') = 2020 and id = 1",
        "name in ('milk', 'cream')",
        "name = any('{milk}'::text[])",
        "name = any(array['milk'])",
        "(array['milk', 'x'])[1] = name",
        "case when id = 1 then true else false end",
        "position('il' in name) = 2",
        "substring(name from 1 for 2) = 'mi'",
        "overlay(name placing 'xx' from 1 for 2) = 'xxlk'",
        "trim(both from name) = 'milk'",
        "cast(id as text) = '1'",
        "id::numeric(10,2) = 1.00",
        "id = 1e0 and id < 1.5e+3 and .5 < id",
        "name is not distinct from 'milk'",
        "name = E'm\\151lk'",
        "name collate \"C\" = 'milk'",
        "not (name <> 'milk')",
        "interval '1 day' * id < interval '36 hours'",
        "coalesce(n, 0) = 2",
        "greatest(id, n) = 2 and least(id, n) = 1",
        "to_tsvector('english', name) @@ to_tsquery('english', 'milk')",
        "json_build_object('a', id) is not null and name = 'milk'"
      })
  void ordinaryExpressionsAreAnswered(String text) throws Exception {
    Answer answer = where(text + (text.equals("true = true") ? " and id = 1" : ""));

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.subsetRows()).extracting(row -> row.value("id")).contains("1");
  }
}
