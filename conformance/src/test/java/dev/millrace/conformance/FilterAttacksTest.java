package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Where clauses that want something else than rows of their table: each is refused, and none of
 * them happens. {@code items} has the columns id, name and n.
 */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class FilterAttacksTest {

  private static final Duration QUICK = Duration.ofSeconds(10);

  /** Out of the parentheses in which Postgres reads a condition. */
  private static final List<String> WAYS_OUT =
      List.of(
          "true) stored, add column z int default (1",
          "true) stored, z int default (1",
          "true\n) stored, z boolean generated always as (\ntrue",
          "true) stored); create table stolen (a int); create temp table x (a boolean default (true",
          "true) stored); drop table canary; --",
          "true) stored) on commit drop; copy canary to program 'touch /tmp/stolen'; select (true",
          "true), constraint z check (true",
          "true) no inherit, check (true",
          "true) not valid, check (true",
          "true), foreign key (id) references canary (n), check (true",
          "true), primary key (id), check (true",
          "true), exclude using gist (id with =), check (true",
          "true) stored references canary (n), check (true",
          "true) virtual, z boolean default (true",
          "true) stored collate \"C\" check (true",
          "true) stored) inherits (canary",
          "true) stored) partition by list ((true)",
          "true) stored, like canary including all, check (true",
          "true) stored, like pg_authid, check (true",
          "true) stored default sings(1) check (true",
          "true) = (true",
          "id = 1) or (1 = 1",
          "id = 1))) or (((1 = 1",
          ") or (",
          ")",
          "(",
          "true)",
          "(true",
          "true)) -- ",
          "true]",
          "[true",
          "array[true) stored, z int default (1]",
          "true); delete from canary; select (true",
          "true) union select 1, 'a', 2 where (true",
          "true) union all select null, rolpassword, null from pg_authid where (true",
          "true) intersect select 1, 'a', 2 where (true",
          "true) except select 1, 'a', 2 where (true",
          "true) to program 'id'; copy (select 1",
          "true) to '/tmp/stolen'; copy (select 1",
          "true) limit 1; drop table canary; select (true",
          "true) returning (select rolname from pg_authid limit 1",
          "true) group by (id",
          "true) order by (id",
          "true) for update; select (true",
          "true) into stolen from items where (true",
          "true) window w as (partition by id",
          "true\0) or (true",
          "true\\) or (true");

  /** Further statements, and what hides them. */
  private static final List<String> STATEMENTS =
      List.of(
          "id = 1; drop table canary",
          "id = 1;",
          ";",
          "; insert into canary values (1)",
          "id = 1; commit; insert into canary values (1)",
          "commit",
          "rollback; insert into canary values (1); begin",
          "id = 1 -- ",
          "id = 1 --\n or true",
          "id = 1 /* */",
          "id = 1 /* /* */",
          "id = 1 */ or /* true",
          "id /**/ = 1",
          "$$a$$ = 'a'",
          "$a$a$a$ = 'a'",
          "id = 1$$ ",
          "name = $q$x$q$",
          "name = '\\' or true; --'",
          "name = 'a\\'' or true",
          "name = e'\\'' or pg_sleep(20) is null or '",
          "name = 'a'' or pg_sleep(20) is null",
          "name = \"a' or true",
          "name = 'a'\n'b'",
          "id = 1e'\\' || '",
          "U&'\\0061' = 'a'",
          "U&\"\\0069d\" = 1",
          "name = u&'\\0027' or true",
          "name = U&'!0027' uescape '!'",
          "id = 1 \\; drop table canary",
          "do $$ begin insert into canary values (1); end $$",
          "call sings(1)",
          "insert into canary values (1)",
          "update items set n = 1 returning true",
          "delete from canary returning true",
          "copy canary from '/etc/passwd'",
          "set role postgres",
          "explain analyze select sings(1)",
          "listen stolen",
          "notify stolen",
          "lock canary",
          "truncate canary",
          "vacuum",
          "create table stolen (a int)",
          "with x as (insert into canary values (1) returning 1) select true",
          "prepare x as select 1",
          "fetch all from x",
          "begin; end");

  /** Other rows and tables. */
  private static final List<String> QUERIES =
      List.of(
          "exists (select 1 from pg_authid)",
          "id in (select n from canary limit 1)",
          "id = any(array(select max(n) from canary))",
          "id = (select 1)",
          "(select true)",
          "((((select true))))",
          "name = (select rolpassword from pg_authid limit 1)",
          "id in (table pg_class)",
          "id in (values (1))",
          "id in (VALUES(1))",
          "exists (with t as (select 1) select 1)",
          "exists (select sings(1))",
          "id > all (select n from canary)",
          "(id, n) in (select n, (delete from canary returning n) from canary)",
          "row(id, n) = (select 1, 2)",
          "case when exists (select 1) then true end",
          "array(select n from canary) is null",
          "items.id = 1",
          "public.items.id = 1",
          "canary.n = 1",
          "pg_authid.rolname = 'x'",
          "items is not null",
          "items.* is null",
          "items.ctid is null",
          "(items).name = 'milk'",
          "millrace_row is not null",
          "millrace_row.* is null",
          "millrace_row::text like '%milk%'",
          "to_json(\"millrace_row\") is not null",
          "row_to_json(millrace_row)::text like '%milk%'",
          "name(millrace_row) = 'milk'",
          "millrace_condition0",
          "millrace_condition1 is null",
          "new.id = 1",
          "old.id = 1",
          "excluded.id = 1",
          "ctid is not null",
          "xmin is not null",
          "xmax is null",
          "cmin is null",
          "CMAX is null",
          "\"ctid\" is null",
          "tableoid = 1",
          "oid = 1",
          "count(*) > 0",
          "sum(id) > 0",
          "max(id) filter (where true) = 1",
          "string_agg(name, ',') = 'a'",
          "row_number() over () = 1",
          "lag(id) over (order by id) is null",
          "generate_series(1, 2) > 0",
          "unnest(array[1]) = 1",
          "json_array_elements('[1]') is null",
          "grouping(id) = 1",
          "current of x",
          "default",
          "id = default",
          "*",
          "id, id",
          "row(*) is not null",
          "");

  /** Functions that do something, or know what is not in the row. */
  private static final List<String> CALLS =
      List.of(
          "sings(1) = 1",
          "sings(id) = 1",
          "coalesce(sings(1), 1) = 1",
          "case when true then sings(1) = 1 end",
          "\"sings\"(1) = 1",
          "SINGS (1) = 1",
          "sings\n(1) = 1",
          "public.sings(1) = 1",
          "public . sings(1) = 1",
          "treat(1 as sings) = 1",
          "TREAT (1 as sings) = 1",
          "(1).sings = 1",
          "sings(variadic array[1]) = 1",
          "sings($1 => 1) = 1",
          "as_owner(1) = 1",
          "1 ~!~ 1",
          "1 operator(public.~!~) 1",
          "pg_sleep(20) is null",
          "\"pg_sleep\"(20) is null",
          "pg_catalog.pg_sleep(20) is null",
          "pg_sleep_for('20 s') is null",
          "pg_read_file('/etc/hostname') is not null",
          "pg_read_binary_file('/etc/hostname') is not null",
          "treat('/etc/hostname'::text as pg_read_file) is not null",
          "pg_ls_dir('/') is not null",
          "pg_stat_file('/etc/hostname') is not null",
          "lo_import('/etc/hostname') is not null",
          "lo_export(1, '/tmp/stolen') is not null",
          "lo_get(1) is not null",
          "current_setting('data_directory') is not null",
          "set_config('work_mem', '1MB', false) is not null",
          "set_config('role', 'postgres', false) is null",
          "query_to_xml('select sings(1)', true, true, '') is not null",
          "table_to_xml('canary', true, true, '') is not null",
          "database_to_xml(true, true, '') is not null",
          "cursor_to_xml('x', 1, true, true, '') is not null",
          "ts_stat('select sings(1)') is not null",
          "ts_rewrite('a', 'select sings(1)') is not null",
          "dblink('x', 'y') is not null",
          "pg_terminate_backend(1)",
          "pg_cancel_backend(1)",
          "pg_reload_conf()",
          "pg_advisory_lock(1) is null",
          "pg_export_snapshot() is not null",
          "pg_logical_emit_message(true, 'a', 'b') is not null",
          "pg_notify('stolen', 'b') is null",
          "pg_drop_replication_slot('x') is null",
          "pg_create_physical_replication_slot('stolen') is null",
          "pg_switch_wal() is not null",
          "txid_current() > 0",
          "pg_current_xact_id() is not null",
          "nextval('numbers') > 0",
          "setval('numbers', 77) > 0",
          "currval('numbers') > 0",
          "random() < 2",
          "gen_random_uuid() is not null",
          "clock_timestamp() is not null",
          "now() is not null",
          "statement_timestamp() > '2020-01-01'",
          "current_timestamp is not null",
          "current_date > '2020-01-01'",
          "current_time is not null",
          "localtime is not null",
          "age(timestamp '2020-01-01') > '1 day'",
          "timestamp 'now' > '2020-01-01'",
          "'today'::date > '2020-01-01'",
          "version() is not null",
          "current_database() is not null",
          "current_user = 'postgres'",
          "user = 'postgres'",
          "session_user <> ''",
          "current_role <> ''",
          "current_catalog <> ''",
          "current_schema <> ''",
          "system_user is null",
          "inet_server_addr() is not null",
          "has_table_privilege('canary', 'select')",
          "pg_get_userbyid(10) is not null",
          "pg_relation_size('canary') > 0",
          "obj_description(1) is null",
          "to_regclass('canary') is not null",
          "format_type(23, null) = 'integer'",
          "pg_typeof(id) is not null",
          "txid_status(1) is null",
          "regclass('canary') is not null",
          "'canary'::regclass is not null",
          "1259::regclass::text = 'pg_class'",
          "cast(10 as regrole)::text = 'postgres'",
          "'postgres'::\"regrole\" is not null",
          "regproc 'now' is not null",
          "'=r/postgres'::aclitem is not null",
          "enum_range(null::anyenum) is null",
          "to_tsvector(name) @@ 'a'",
          "convert_from('a', 'UTF8') = 'a'",
          "xml_is_well_formed(name)",
          "xmlparse(document name) is null",
          "money(1)::text = 'x'",
          "json_populate_record(null::canary, '{}') is null");

  private static final List<String> TOO_MUCH =
      List.of(
          "id = 1" + " + 1".repeat(1_000),
          "true" + "::text::boolean".repeat(400),
          between(30),
          "id in (" + "1e99999,".repeat(150) + "1)");

  private final ShapeServer server;
  private final ShapeHttp http;

  FilterAttacksTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  private static String between(int times) {
    return "(".repeat(times) + "true" + " between true and true)".repeat(times);
  }

  private static Set<String> clauses() {
    Set<String> clauses = new LinkedHashSet<>();
    Stream.of(WAYS_OUT, STATEMENTS, QUERIES, CALLS, TOO_MUCH).forEach(clauses::addAll);
    return clauses;
  }

  private void prepare() throws SQLException {
    server
        .database()
        .execute(
            "create table canary (n int)",
            "create sequence numbers",
            "create function sings(int) returns int volatile language sql as"
                + " 'insert into canary values ($1) returning n'",
            "create function as_owner(int) returns int immutable security definer language sql as"
                + " 'select $1'",
            "create function loud(int, int) returns boolean volatile language sql as"
                + " 'insert into canary values ($1) returning true'",
            "create operator ~!~ (leftarg = int, rightarg = int, function = loud)");
  }

  /** All that a clause could have left in the database. */
  private String traces() throws SQLException {
    return server
        .database()
        .query(
            """
            select concat_ws(' ',
              (select count(*) from canary),
              (select is_called from numbers),
              (select string_agg(relname, ',' order by relname, oid) from pg_class
                where relnamespace <> 'pg_toast'::regnamespace),
              (select count(*) from pg_attribute), (select count(*) from pg_attrdef),
              (select count(*) from pg_constraint), (select count(*) from pg_proc),
              (select string_agg(rolname, ',' order by rolname) from pg_roles),
              (select count(*) from pg_largeobject_metadata),
              (select count(*) from pg_locks where locktype = 'advisory'),
              (select count(*) from pg_replication_slots where slot_name = 'stolen'))
            """);
  }

  // Protocol 7-4, 7-5, 7-7, 7-8.
  @Test
  void eachIsRefusedAndNoneHappens() throws Exception {
    prepare();
    String before = traces();
    Set<String> clauses = clauses();

    for (String where : clauses) {
      Instant begun = Instant.now();
      Answer answer =
          http.shape("table", "items", "offset", "-1", "where", where.isEmpty() ? "()" : where);

      assertThat(answer.status()).as("%s: %s", where, answer.body()).isEqualTo(400);
      assertThat(Json.object(Json.object(Json.parse(answer.body())).get("errors")))
          .as(where)
          .containsOnlyKeys("where");
      assertThat(Duration.between(begun, Instant.now())).as(where).isLessThan(QUICK);
    }

    assertThat(clauses).hasSizeGreaterThan(200);
    assertThat(traces()).isEqualTo(before);
    assertThat(http.shape("table", "items", "offset", "-1", "where", "id = 1").status())
        .isEqualTo(200);
  }

  // Protocol 7-3.
  @Test
  void aParameterIsAValueWhateverItIs() throws Exception {
    for (String value :
        List.of(
            "'",
            "''",
            "\\",
            "\\'",
            "') or ('a' = 'a",
            "$1",
            "milk' -- ",
            "\n",
            "é😀",
            "\"",
            "NULL",
            "milk') stored, add column z int default (1",
            "::text",
            "x'::text or true --")) {
      Answer answer =
          http.shape(
              "table",
              "items",
              "offset",
              "-1",
              "where",
              "name = $1 or name = 'milk' and $1 = $1",
              "params[1]",
              value);

      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      assertThat(answer.changes()).extracting(row -> row.value("id")).containsExactly("1");
    }
  }
}
