package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.RelationName;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.filter.FilterAnalysis;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.DatabaseUrl;
import dev.millrace.server.postgres.Table;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Postgres makes of where clauses, and what it is kept from making. */
@ExtendWith(OnePostgres.class)
class FilterAnalysisTest {

  private static final String SCHEMA =
      """
      create type mood as enum ('sad', 'very happy');
      create domain positive as int check (value > 0);
      create type place as (street text, number int);
      create function double(int) returns int immutable language sql as 'select $1 * 2';
      create function "now here"(int) returns int stable language sql as 'select $1';
      create function definer(int) returns int immutable security definer language sql as 'select $1';
      create table canary (n int);
      create function sings(int) returns int volatile language sql as
        'insert into canary values ($1) returning n';
      create table works (
        id int primary key, owner_id uuid, title text, year int, price numeric(10, 2),
        added timestamptz, changed timestamp, day date, "Odd ""one" text, done boolean, a int, b int,
        m mood, p positive, tags text[], doc jsonb, cost money, home place, c text collate "C",
        millrace_condition0 int)
      """;

  private static Database database;
  private static Table table;

  private FilterAnalysis analysis;

  @BeforeEach
  void begin() {
    analysis = new FilterAnalysis(database);
  }

  @BeforeAll
  static void prepare(LocalPostgres postgres) {
    database = Database.open(DatabaseUrl.parse(postgres.createDatabase("analysis")), 4);
    execute(SCHEMA);
    table = table();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  private static void execute(String sql) {
    database.with(
        "changing the schema",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            return statement.execute(sql);
          }
        });
  }

  private static Table table() {
    return new Catalog(database).table(new RelationName("public", "works")).orElseThrow();
  }

  private String canonical(String where, String... parameters) throws InvalidExpression {
    Map<Integer, String> values =
        IntStream.range(0, parameters.length)
            .boxed()
            .collect(Collectors.toMap(i -> i + 1, i -> parameters[i]));
    return analysis.analyse(table, where, values).canonical();
  }

  /** Twice, so that the second time may come of a template. */
  private void assertRefused(String where, String reason, String... parameters) {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> canonical(where, parameters))
          .isInstanceOf(InvalidExpression.class)
          .hasMessage(reason);
    }
  }

  // Protocol 7-1.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "year between 1900 and 2000 | ((year >= 1900) AND (year <= 2000))",
        "title ilike 'a%' | (title ~~* 'a%'::text)",
        "\"Odd \"\"one\" = 'x' | (\"Odd \"\"one\" = 'x'::text)",
        "done | done",
        "'true' | true",
        "m = 'very happy' | (m = 'very happy'::public.mood)",
        "double(a) = 1 | (public.double(a) = 1)",
        "c < 'a' collate \"C\" | (c < ('a'::text COLLATE \"C\"))",
        "added > '2020-01-01T00:00+02' | (added > '2019-12-31 22:00:00+00'::timestamp with time zone)",
        "p = 3 | ((p)::integer = 3)",
        "millrace_condition0 = 1 | (millrace_condition0 = 1)",
        "title is distinct from null | (title IS NOT NULL)",
        "price > -1.50 | (price > '-1.50'::numeric)",
        "title = E'it\\'s' | (title = 'it''s'::text)",
        "tags @> '{ a , b }' | (tags @> '{a,b}'::text[])"
      })
  void aConditionIsPrintedAsPostgresPrintsIt(String where, String printed) throws Exception {
    assertThat(canonical(where)).isEqualTo(printed);
    assertThat(canonical(where)).isEqualTo(printed);
  }

  // Protocol 7-2.
  @Test
  void onceWrittenInThreeWaysItIsOneFilter() throws Exception {
    Filter first = analysis.analyse(table, "a=1 AND b = 2", Map.of());

    assertThat(analysis.analyse(table, "(a = 1)   and\n(b=2)", Map.of())).isEqualTo(first);
    assertThat(analysis.analyse(table, "A = $1 AND \"b\"=$2", Map.of(1, "1", 2, " 02")))
        .isEqualTo(first);
    assertThat(analysis.analyse(table, "a=1 AND b = 3", Map.of())).isNotEqualTo(first);
  }

  @Test
  void itStandsOnOneLine() throws Exception {
    assertThat(
            canonical(
                "case when done then title = 'a\n  b' else not case a when 1 then done end end"))
        .isEqualTo(
            "CASE WHEN done THEN (title = 'a\n  b'::text)"
                + " ELSE (NOT CASE a WHEN 1 THEN done ELSE NULL::boolean END) END");
  }

  // Protocol 7-4, 7-7.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "1 x 1              | At location 17: syntax error at or near \"x\"",
        "a =                | At location 18: syntax error at end of input",
        "a, b               | At location 16: syntax error at or near \",\"",
        "a = 1 order by a   | At location 21: syntax error at or near \"order\"",
        "'😀' = foo         | At location 7: column \"foo\" does not exist",
        "year = foo         | At location 7: column \"foo\" does not exist",
        "year               | WHERE clause must return a boolean",
        "now()              | WHERE clause must return a boolean",
        "done and year      | At location 9: argument of AND must be type boolean, not type integer",
        "owner_id = 'x'     | At location 11: invalid input syntax for type uuid: \"x\"",
        "a = '3000000000'   | At location 4: value \"3000000000\" is out of range for type integer",
        "m = 'angry'        | At location 4: invalid input value for enum mood: \"angry\"",
        "day = '2020-02-30' | At location 6: date/time field value out of range: \"2020-02-30\"",
        "foo(a) = 1         | At location 0: function foo(integer) does not exist",
        "title ->> 'x' = 'y' | At location 6: operator does not exist: text ->> unknown",
        "(select true)      | At location 1: subqueries are not supported in WHERE",
        "a in (select 1)    | At location 6: subqueries are not supported in WHERE",
        "count(*) > 1       | At location 0: aggregate functions are not allowed in WHERE",
        "row_number() over () = 1 | At location 0: window functions are not allowed in WHERE",
        "generate_series(1, 2) = a | At location 0: unknown or unsupported function generate_series, which is not immutable",
        "regexp_split_to_table(title, 'a') = 'b' | At location 0: set-returning functions are not allowed in WHERE",
        "works.a = 1        | At location 5: names cannot be qualified",
        "(home).street = 'x' | At location 6: names cannot be qualified",
        "works is null      | At location 0: column \"works\" does not exist",
        "millrace_row is null | At location 0: column \"millrace_row\" does not exist",
        "tableoid = 1       | At location 0: cannot use system column \"tableoid\" in WHERE",
        "a = 1 and CTID is null | At location 10: cannot use system column \"ctid\" in WHERE",
        "millrace_condition1 | At location 0: column \"millrace_condition1\" does not exist"
      })
  void mistakesHaveTheirPlace(String where, String reason) {
    assertRefused(where, reason);
  }

  // Protocol 7-3.
  @Test
  void aParameterIsAConstantOfWhateverTypeItsPlaceHas() throws Exception {
    assertThat(canonical("a = $1 or title = $1", "5"))
        .isEqualTo("((a = 5) OR (title = '5'::text))");
    assertThat(canonical("title = $1", "') or (true")).isEqualTo("(title = ''') or (true'::text)");
    assertThat(canonical("title = $2", "unused", "x")).isEqualTo("(title = 'x'::text)");
    assertRefused("title = $1", "At location 8: parameter $1 was not provided");
    assertRefused(
        "a = 1 and owner_id = $1",
        "At location 21: invalid input syntax for type uuid: \"x\"",
        "x");
    assertRefused(
        "title = $1", "At location 8: parameter $1 is no text that Postgres can have", "a\0b");
  }

  // Protocol 7-5.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "added > now()                | At location 8: unknown or unsupported function now(), which is not immutable",
        "day = current_date           | At location 6: unknown or unsupported function current_date, which is not immutable",
        "added < localtimestamp       | At location 8: unknown or unsupported function localtimestamp, which is not immutable",
        "age(added) > '1 day'         | At location 0: unknown or unsupported function age(timestamp with time zone), which is not immutable",
        "random() < 0.5               | At location 0: unknown or unsupported function random, which is not immutable",
        "\"now here\"(a) = 1          | At location 0: unknown or unsupported function now here, which is not immutable",
        "sings(a) = 1                 | At location 0: unknown or unsupported function sings, which is not immutable",
        "definer(a) = 1               | At location 0: unknown or unsupported function definer, which is not immutable",
        "current_user = 'x'           | At location 0: unknown or unsupported function current_user",
        "to_tsvector(title) @@ 'a'    | At location 0: unknown or unsupported function to_tsvector(text), which is not immutable",
        "cost::text = '1'             | the text form of type money is not immutable",
        "concat(home) = 'x'           | the text form of type public.place is not immutable",
        "title::regclass is null      | At location 7: unknown or unsupported function regclass"
      })
  void whatChangesByItselfIsRefused(String where, String reason) {
    assertRefused(where, reason);
  }

  // Protocol 7-6.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "added > 'now'                      | 8 | now",
        "added > $1                         | 8 | Today",
        "day = date 'tomorrow'              | 11 | tomorrow",
        "added > timestamp with time zone 'yesterday' | 33 | yesterday",
        "changed > E'\\x6eow'               | 10 | now",
        "added between symmetric 'now' and '2020-01-01' | 24 | now",
        "added > ('2020-01-01'::date + ' now'::time)::timestamptz | 30 | now",
        "tstzrange(added, null) && '[now,]' | 26 | now",
        "day = any('{2020-01-01,NOW}')      | 10 | NOW",
        "title::date = 'yesterday'          | 14 | yesterday",
        "day > ('now'::text)::date          | 7 | now"
      })
  void thePresentIsNoConstant(String where, int place, String word) {
    String[] parameters = where.contains("$1") ? new String[] {word} : new String[0];

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> canonical(where, parameters))
          .isInstanceOf(InvalidExpression.class)
          .hasMessage(
              "At location %d: the date/time value \"%s\" is not supported, because it changes by"
                  + " itself",
              place, word);
    }
  }

  // Protocol 7-6.
  @Test
  void theWordsForItAreTextsLikeOthersWhereTheyAreTexts() throws Exception {
    assertThat(canonical("title = 'now'")).isEqualTo("(title = 'now'::text)");
    assertThat(canonical("title = 'Snowday'")).isEqualTo("(title = 'Snowday'::text)");
    assertThat(canonical("title between symmetric 'now' and 'today'"))
        .contains("title >= 'now'::text");
    assertThat(canonical("doc @> '{\"a\": \"now\"}'")).contains("\"now\"");
  }

  // Protocol 7-5.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "added::date = '2020-01-01'",
        "added::text like '2020%'",
        "day > added",
        "changed < added",
        "added + interval '1 month' > '2020-01-01'",
        "date_trunc('month', added) = '2020-01-01'",
        "extract(year from added) = 2020",
        "to_char(added, 'YYYY') = '2020'",
        "to_date(title, 'YYYY-MM-DD') = '2020-01-01'",
        "title::timestamptz > '2020-01-01'",
        "(doc ->> 'due')::date < '2020-01-01'",
        "concat(title, a, added) = 'x'",
        "title || a = 'x1'",
        "array_to_string(tags, ',') = 'a,b'",
        "to_jsonb(added) = '\"2020-01-01\"'",
        "m::text = 'sad'",
        "tags::text = '{a}'",
        "'{2020-01-01}'::text::date[] is not null",
        "case when added::date = '2020-01-01' then done else coalesce(done, false) end",
        "greatest(added::date, day) in ('2020-01-01', '2021-01-01')"
      })
  void whatDependsOnTheSessionsSettingsOnlyIsTaken(String where) throws Exception {
    String first = canonical(where);

    assertThat(first).isNotEmpty();
    assertThat(canonical(where)).isEqualTo(first);
  }

  /** It is computed when rows are read, where it is an error of the value. */
  @Test
  void constantsAreNotComputedWith() throws Exception {
    assertThat(canonical("a = 1 / 0")).isEqualTo("(a = (1 / 0))");
    assertThat(canonical("a = 1 / 1")).isEqualTo("(a = (1 / 1))");
  }

  @Test
  void aMillionOwnersCostOneAnalysis() throws Exception {
    for (int i = 0; i < 5_000; i++) {
      String owner = new UUID(7, i).toString();
      String filter = "(owner_id = '" + owner + "'::uuid)";

      assertThat(canonical("owner_id = '" + owner.toUpperCase(java.util.Locale.ROOT) + "'"))
          .isEqualTo(filter);
      assertThat(canonical("owner_id = $1", owner)).isEqualTo(filter);
    }
    for (int i = 0; i < 1000; i++) {
      assertThat(canonical("year > " + (i - 500) + " and done"))
          .isEqualTo(
              "((year > %s) AND done)"
                  .formatted(i < 500 ? "'" + (i - 500) + "'::integer" : i - 500));
    }

    assertThat(analysis.analyses()).isEqualTo(2);
  }

  @Test
  void whatHasNoTemplateIsAnalysedOnceAsItStands() throws Exception {
    for (int i = 0; i < 3; i++) {
      canonical("title between symmetric 'a' and 'b'");
      canonical("title between symmetric 'c' and 'd'");
    }

    assertThat(analysis.analyses()).isEqualTo(2);
  }

  @Test
  void aCrowdCostsOneAnalysis() throws Exception {
    int crowd = 100;
    CyclicBarrier start = new CyclicBarrier(crowd);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<String>> calls = new ArrayList<>();
      for (int i = 0; i < crowd; i++) {
        String where = i % 2 == 0 ? "title like 'a%' and a = " + i : "title like 'b%' and foo = 1";
        calls.add(() -> {
          start.await();
          try {
            return canonical(where);
          } catch (InvalidExpression e) {
            return e.reason();
          }
        });
      }
      for (Future<String> answer : threads.invokeAll(calls)) {
        assertThat(answer.get()).containsAnyOf("title ~~", "column \"foo\" does not exist");
      }
    }

    assertThat(analysis.analyses()).isLessThanOrEqualTo(4);
  }

  @Test
  void anAlteredColumnIsAnalysedAnew() throws Exception {
    execute("create table changing (x int, y int)");
    RelationName name = new RelationName("public", "changing");
    Table before = new Catalog(database).table(name).orElseThrow();
    assertThat(analysis.analyse(before, "x = '1'", Map.of()).canonical()).isEqualTo("(x = 1)");

    execute("alter table changing alter x type text, drop y");
    Table after = new Catalog(database).table(name).orElseThrow();

    assertThat(analysis.analyse(after, "x = '1'", Map.of()).canonical())
        .isEqualTo("(x = '1'::text)");
    assertThatThrownBy(() -> analysis.analyse(after, "y = 1", Map.of()))
        .hasMessage("At location 0: column \"y\" does not exist");
  }

  // Protocol 7-8.
  @Test
  void sizesAreBounded() {
    String huge = "a in (" + "1e9000,".repeat(200) + "1)";
    for (String where :
        List.of(
            "a = 1" + " or a = 1".repeat(8_000),
            "a > 0" + " + 1".repeat(2_000),
            "not ".repeat(3_000) + "done",
            "(".repeat(30_000) + "done" + ")".repeat(30_000),
            "title = '1'" + " || title".repeat(600),
            huge,
            "(a between 1 and 2) between done and done")) {
      assertThatThrownBy(() -> canonical(where))
          .as(where.substring(0, 20))
          .isInstanceOf(InvalidExpression.class);
    }
    String big = "x".repeat(300_000);
    assertThatThrownBy(() -> canonical("title in ($1, $1, $1, $1)", big))
        .isInstanceOf(InvalidExpression.class);
  }

  @Test
  void thatPostgresCannotBeAskedIsNobodysMistake() {
    try (Database nowhere =
        Database.open(DatabaseUrl.parse("postgresql://postgres@127.0.0.1:1/none"), 1)) {
      assertThatThrownBy(() -> new FilterAnalysis(nowhere).analyse(table, "a = 1", Map.of()))
          .isInstanceOf(DatabaseException.class);
    }
  }

  @Test
  void nothingIsLeftBehind() throws SQLException, InvalidExpression {
    canonical("a = 1 and title = 'x'");
    assertThatThrownBy(() -> canonical("a = foo")).isInstanceOf(InvalidExpression.class);

    int tables =
        database.with(
            "counting tables",
            connection -> {
              try (Statement statement = connection.createStatement();
                  var row =
                      statement.executeQuery(
                          "select count(*) from pg_class where relname = 'millrace_row'")) {
                row.next();
                return row.getInt(1);
              }
            });
    assertThat(tables).isZero();
  }
}
