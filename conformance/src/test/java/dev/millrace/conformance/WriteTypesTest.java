package dev.millrace.conformance;

import static dev.millrace.conformance.Changes.delete;
import static dev.millrace.conformance.Changes.end;
import static dev.millrace.conformance.Changes.ends;
import static dev.millrace.conformance.Changes.insert;
import static dev.millrace.conformance.Changes.update;
import static dev.millrace.conformance.WriteDatabase.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteResult;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Any table, any type: what is known of them comes from Postgres' catalogue. */
@ExtendWith(OnePostgres.class)
class WriteTypesTest {
  private static final String MANY =
      """
      create type mood as enum ('calm', 'so "so"', 'don''t');
      create domain year as int check (value between 0 and 3000);
      create domain years as year[];
      create table many (
        id int primary key, small smallint, big bigint, exact numeric(30, 10), single real,
        twice double precision, flag boolean, short varchar(5), fixed char(4), bits bit(3),
        moment timestamptz, local timestamp, day date, hour time, span interval, raw bytea,
        doc json, tree jsonb, moods mood[], mood mood, born year, grid int[][], docs jsonb[],
        texts text[], address inet, slot int4range, "Odd Name" text, "camelCase" text,
        camel_case text, two_words text, decades years);
      grant all on many to authenticated
      """;

  private final WriteDatabase database;

  WriteTypesTest(LocalPostgres postgres) throws SQLException {
    database = WriteDatabase.open(postgres, MANY);
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  @Test
  void everyTypeTakesTheJsonThatIsNaturalForIt() throws SQLException {
    String row =
        """
        {"id": 1, "small": -3, "big": "9223372036854775807", "exact": 12345678901234567890.0123456789,
         "single": 1.5, "twice": 1e300, "flag": true, "short": "añb😀", "fixed": "ab", "bits": "101",
         "moment": 1760000000123, "local": "2026-01-02 03:04:05", "day": "2026-01-02",
         "hour": "03:04", "span": "P1DT2H", "raw": "\\\\x00ff", "doc": {"b": 1, "a": [1.0, null]},
         "tree": [true, {"x": "y"}], "moods": ["calm", null, "so \\"so\\"", "don't"], "mood": "don't",
         "born": 1815, "grid": [[1, 2], [3, 4]], "docs": [[1], {"a": "b"}, null],
         "texts": ["a,b", "NULL", "", "c\\\\d", "{}"], "address": "10.0.0.1", "slot": "[1,5)",
         "Odd Name": "odd", "camelCase": "camel", "camel_case": "snake", "twoWords": "two",
         "decades": [1810, 1820]}
        """;

    assertThat(end(database.apply(ADA, insert("many", row)).getFirst())).isEqualTo("APPLIED");

    assertThat(database.query("select * from many"))
        .isEqualTo(
            "1|-3|9223372036854775807|12345678901234567890.0123456789|1.5|1e+300|t|añb😀|ab  |101|"
                + "2025-10-09 08:53:20.123+00|2026-01-02 03:04:05|2026-01-02|03:04:00|1 day 02:00:00|"
                + "\\x00ff|{\"b\":1,\"a\":[1.0,null]}|[true, {\"x\": \"y\"}]|"
                + "{calm,NULL,\"so \\\"so\\\"\",don't}|don't|1815|{{1,2},{3,4}}|"
                + "{[1],\"{\\\"a\\\": \\\"b\\\"}\",NULL}|{\"a,b\",\"NULL\",\"\",\"c\\\\d\",\"{}\"}|"
                + "10.0.0.1|[1,5)|odd|camel|snake|two|{1810,1820}");
  }

  // Protocol 14-24.
  @Test
  void aValueThatIsNotOfItsTypeIsRejectedWithTheColumn() {
    List<WriteResult> results =
        database.apply(
            ADA,
            insert("many", "{'id':1,'small':'many'}"),
            insert("many", "{'id':2,'small':70000}"),
            insert("many", "{'id':3,'small':1.5}"),
            insert("many", "{'id':4,'big':1e999999999}"),
            insert("many", "{'id':5,'flag':1}"),
            insert("many", "{'id':6,'short':'123456'}"),
            insert("many", "{'id':7,'bits':'11'}"),
            insert("many", "{'id':8,'moment':'yesterday or so'}"),
            insert("many", "{'id':9,'born':3001}"),
            insert("many", "{'id':10,'mood':'wild'}"),
            insert("many", "{'id':11,'texts':[1]}"),
            insert("many", "{'id':12,'two_words':'a\\u0000b'}"),
            insert("many", "{'id':14,'two_words':'a','twoWords':'b'}"),
            insert("many", "{'id':15,'three_words':'a'}"),
            insert("many", "{'id':16,'ctid':'(0,1)'}"),
            insert("many", "{'id':17,'exact':123456789012345678901234567890}"),
            insert("many", "{'id':18,'two_words':7}"),
            update("many", "{'small':1}"),
            insert("nowhere", "{'id':1}"),
            insert("millrace.applied_change", "{'subject':'x'}"),
            insert("pg_catalog.pg_class", "{'relname':'x'}"),
            insert("many\"; drop table many; --", "{'id':1}"),
            insert("many", "{'id':19}"));

    assertThat(results.subList(0, 17))
        .allSatisfy(result ->
            assertThat(result.error().get().message())
                .containsAnyOf(
                    "small",
                    "big",
                    "flag",
                    "short",
                    "bit",
                    "moment",
                    "born",
                    "mood",
                    "texts",
                    "two_words",
                    "three_words",
                    "ctid",
                    "exact"));
    assertThat(ends(results))
        .containsExactly(
            "invalid_value",
            "invalid_value",
            "invalid_value",
            "invalid_value",
            "invalid_value",
            "invalid_value",
            "invalid_value",
            "invalid_value",
            "check_violation",
            "invalid_value",
            "invalid_value",
            "invalid_value",
            "invalid_value",
            "unknown_column",
            "unknown_column",
            "invalid_value",
            "invalid_value",
            "missing_key",
            "unknown_table",
            "unknown_table",
            "unknown_table",
            "unknown_table",
            "APPLIED");
  }

  @Test
  void postgresMakesKeysDefaultsAndGeneratedColumns() throws SQLException {
    database.execute(
        """
        create table items (
          id bigint generated always as identity primary key,
          price numeric not null, count int not null default 2,
          total numeric generated always as (price * count) stored,
          made timestamptz default '2026-01-01Z');
        create table plain (n int, note text);
        create table twofold (
          a int, b text collate "C", c text, primary key (b, a));
        grant all on items, plain, twofold to authenticated
        """);

    List<WriteResult> results =
        database.apply(
            ADA,
            insert("items", "{'price':1.5}"),
            insert("items", "{'price':2,'count':3}"),
            insert("items", "{'price':2,'total':3}"),
            insert("items", "{'id':9,'price':2}"),
            insert("items", "{}"),
            insert("plain", "{'n':1,'note':'no key'}"),
            insert("plain", "{}"),
            delete("plain", "{'n':1}"),
            insert("twofold", "{'a':1,'b':'x/y','c':'one'}"),
            insert("twofold", "{'a':2,'b':'x/y','c':'two'}"),
            update("twofold", "{'a':1,'b':'x/y','c':'eins'}"),
            delete("twofold", "{'a':2,'b':'x/y'}"),
            update("twofold", "{'a':1,'c':'half'}"));

    assertThat(ends(results))
        .containsExactly(
            "APPLIED",
            "APPLIED",
            "generated_column",
            "generated_column",
            "not_null_violation",
            "APPLIED",
            "APPLIED",
            "no_primary_key",
            "APPLIED",
            "APPLIED",
            "APPLIED",
            "APPLIED",
            "missing_key");
    Json.Members row = results.getFirst().row().get();
    String id = row.member("id").get().toString();
    assertThat(ends(database.apply(ADA, update("items", "{'id':%s,'count':4}".formatted(id)))))
        .containsExactly("APPLIED");
    assertThat(row.member("total").get().toString()).isEqualTo("3.0");
    assertThat(database.query("select count, total, made from items order by id"))
        .isEqualTo("4|6.0|2026-01-01 00:00:00+00,3|6|2026-01-01 00:00:00+00");
    assertThat(database.query("select * from plain")).isEqualTo("1|no key,null|null");
    assertThat(database.query("select * from twofold")).isEqualTo("1|x/y|eins");
  }

  @Test
  void aTableThatChangesWhileWeWriteIsLookedAtAgain() throws SQLException {
    database.apply(ADA, insert("many", "{'id':1,'two_words':'a'}"));
    database.execute(
        "alter table many add column later text", "alter table many drop column short");
    assertThat(ends(database.apply(ADA, update("many", "{'id':1,'later':'b'}"))))
        .containsExactly("APPLIED");
    assertThat(ends(database.apply(ADA, update("many", "{'id':1,'short':'b'}"))))
        .containsExactly("unknown_column");

    database.execute(
        "alter table many alter column later type int using 7",
        "alter table many rename column two_words to words");
    assertThat(
            ends(
                database.apply(
                    ADA,
                    update("many", "{'id':1,'later':8}"),
                    update("many", "{'id':1,'words':'c'}"),
                    update("many", "{'id':1,'two_words':'c'}"))))
        .containsExactly("APPLIED", "APPLIED", "unknown_column");

    database.execute(
        "drop table many",
        "create table many (id text primary key, n int)",
        "grant all on many to authenticated");
    assertThat(ends(database.apply(ADA, insert("many", "{'id':'x','n':1}"))))
        .containsExactly("APPLIED");
  }
}
