package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 7, over HTTP. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpFiltersTest {

  private static final String WORKS =
      "id int primary key, owner uuid, title text, year int, n int, tags text[], doc jsonb,"
          + " added timestamptz, price numeric(8, 2), done boolean";

  private static final String ROWS =
      """
      insert into %s
      select i, ('00000000-0000-4000-8000-00000000000' || i %% 3)::uuid, 'Title ' || i, 1900 + i,
             nullif(i %% 5, 0), array['t' || i %% 4], jsonb_build_object('a', i %% 2),
             '2020-01-01'::timestamptz + i * interval '1 day', i * 1.10, nullif(i %% 3, 0) = 1
        from generate_series(1, 40) i
      """;

  private final ShapeServer server;
  private final ShapeHttp http;

  ShapeHttpFiltersTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  private static List<Object> ids(List<Message> rows) {
    List<Object> ids = new ArrayList<>();
    rows.forEach(row -> ids.add(String.valueOf(row.value("id"))));
    return ids;
  }

  /** An operation and the id of its row. */
  private static List<String> told(List<Message> changes) {
    return changes.stream().map(change -> change.operation() + " " + change.value("id")).toList();
  }

  // Protocol 7-1.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "year between 1910 and 1920",
        "owner = '00000000-0000-4000-8000-000000000001'",
        "title ilike 'title 1%' and n is not null",
        "n > 2 or done",
        "not (n > 2)",
        "tags && '{t1,t2}'",
        "doc ->> 'a' = '1'",
        "doc @> '{\"a\": 1}'",
        "added < '2020-01-15T00:00:00Z'",
        "added::date = '2020-01-10'",
        "price > 22.005",
        "title ~ '[02468]$'",
        "coalesce(n, 0) = 0",
        "case when done then year > 1920 else n = 3 end",
        "md5(title) < '8'",
        "to_tsvector('english', title) @@ to_tsquery('english', 'title & 7')",
        "false",
        "null"
      })
  void aShapeHasTheRowsThatSelectHas(String where) throws Exception {
    String table = server.newTable(WORKS, ROWS);
    ShapeCopy copy = server.copy(table, "where", where);

    server.database().execute("update " + table + " set n = coalesce(n, 0) + 1, year = year + 1");

    String selected =
        server
            .database()
            .query(
                "select coalesce(string_agg(id::text, ',' order by id), '') from %s where %s"
                    .formatted(table, where));
    Awaitility.await()
        .untilAsserted(() -> {
          copy.readOn();
          assertThat(String.join(",", copy.ids())).isEqualTo(selected);
        });
  }

  // Protocol 7-2, 10.1-1.
  @Test
  void oneConditionInManyWordsIsOneShape() throws Exception {
    String table = server.newTable("id int primary key, a int, b int");
    String handle = server.copy(table, "where", "a=1 AND b = 2").handle();

    for (String same :
        List.of("(a = 1) and (b=2)", "A = '1' and\n\"b\"= '02'", "((a=1 and b=2))")) {
      assertThat(server.copy(table, "where", same).handle()).as(same).isEqualTo(handle);
    }
    assertThat(
            server
                .copy(table, "where", "A = $1 AND \"b\"=$2", "params[1]", "1", "params[2]", " 2")
                .handle())
        .isEqualTo(handle);
    assertThat(server.copy(table, "where", "a=1 AND b = 3").handle()).isNotEqualTo(handle);
    assertThat(server.copy(table).handle()).isNotEqualTo(handle);
  }

  // Protocol 7-2.
  @Test
  void aHandleOfAnotherConditionIsRefused() throws Exception {
    String table = server.newTable("id int primary key, a int");
    ShapeCopy one = server.copy(table, "where", "a = 1");
    ShapeCopy two = server.copy(table, "where", "a = 2");

    Answer answer =
        http.shape(
            "table", table, "where", "a = 2", "handle", one.handle(), "offset", one.offset());

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.handle()).isEqualTo(two.handle());
  }

  // Protocol 7-3.
  @Test
  void parametersAreValuesOfTheTypesOfTheirPlaces() throws Exception {
    String table = server.newTable(WORKS, ROWS);

    ShapeCopy copy =
        server.copy(
            table,
            "where",
            "(owner = $1 or title = $2) and id < $3",
            "params[1]",
            "00000000-0000-4000-8000-000000000001",
            "params[2]",
            "Title 2",
            "params[3]",
            "6");

    assertThat(ids(copy.rows())).containsExactlyInAnyOrder("1", "2", "4");
    Answer missing = http.shape("table", table, "offset", "-1", "where", "id = $1");
    assertThat(missing.status()).isEqualTo(400);
    assertThat(Json.parse(missing.body()))
        .isEqualTo(ShapeHttp.error("where", "At location 5: parameter $1 was not provided"));
    assertThat(
            http.shape("table", table, "offset", "-1", "where", "id = 1", "params[1]", "x")
                .status())
        .isEqualTo(200);
  }

  // Protocol 7-4.
  @Test
  void aMistakeIsPostgresOwnWithItsPlace() throws Exception {
    Map<String, String> mistakes =
        Map.of(
            "1 x 1", "At location 17: syntax error at or near \"x\"",
            "id = foo", "At location 5: column \"foo\" does not exist",
            "id = 'x'", "At location 5: invalid input syntax for type integer: \"x\"",
            "id", "WHERE clause must return a boolean");

    for (Map.Entry<String, String> mistake : mistakes.entrySet()) {
      Answer answer = http.shape("table", "items", "offset", "-1", "where", mistake.getKey());

      assertThat(answer.status()).isEqualTo(400);
      assertThat(Json.parse(answer.body())).isEqualTo(ShapeHttp.error("where", mistake.getValue()));
    }
  }

  // Protocol 7-9.
  @Test
  void rowsComeAndGoAsTheyMeetTheCondition() throws Exception {
    String table =
        server.newTable(
            "id int primary key, title text, year int",
            "insert into %s values (1, 'a', 1900), (2, 'b', 2000), (3, 'c', 2000)");
    ShapeCopy copy = server.copy(table, "where", "year < 1950");
    assertThat(ids(copy.rows())).containsExactly("1");

    server
        .database()
        .execute(
            "update %s set year = 1901 where id = 2".formatted(table),
            "update %s set title = 'x' where id = 2".formatted(table),
            "update %s set title = 'y' where id = 3".formatted(table),
            "update %s set year = 2001 where id = 1".formatted(table),
            "delete from %s where id in (1, 3)".formatted(table),
            "insert into %s values (4, 'd', 1940), (5, 'e', 1960), (6, 'f', null)".formatted(table),
            "update %s set id = 20 where id = 2".formatted(table),
            "update %s set id = 40, year = 1999 where id = 4".formatted(table),
            "update %s set id = 50, year = 1930 where id = 5".formatted(table),
            "delete from %s where id = 50".formatted(table));
    List<Message> changes = new ArrayList<>();
    while (changes.size() < 9) {
      changes.addAll(copy.awaitChanges());
    }

    assertThat(told(changes))
        .containsExactly(
            "insert 2",
            "update 2",
            "delete 1",
            "insert 4",
            "delete 2",
            "insert 20",
            "delete 4",
            "insert 50",
            "delete 50");
    assertThat(changes.getFirst().value())
        .isEqualTo(Row.values("id", "2", "title", "b", "year", "1901"));
    assertThat(changes.get(1).value()).isEqualTo(Row.values("id", "2", "title", "x"));
  }

  // Protocol 7-9.
  @Test
  void theConditionMayNameColumnsThatAreNotSelected() throws Exception {
    String table =
        server.newTable("id int primary key, a text, b int", "insert into %s values (1, 'x', 1)");
    ShapeCopy copy = server.copy(table, "where", "b = 1", "columns", "id,a", "replica", "full");
    assertThat(ids(copy.rows())).containsExactly("1");

    server.database().execute("update %s set b = 2, a = 'y'".formatted(table));
    server.database().execute("update %s set b = 1".formatted(table));

    List<Message> changes = new ArrayList<>(copy.awaitChanges());
    while (changes.size() < 2) {
      changes.addAll(copy.awaitChanges());
    }
    assertThat(told(changes)).containsExactly("delete 1", "insert 1");
    assertThat(changes.getLast().value()).isEqualTo(Row.values("id", "1", "a", "y"));
  }

  // Protocol 7-9.
  @Test
  void aSubsetIsOfTheShapesRows() throws Exception {
    String table = server.newTable(WORKS, ROWS);

    Answer answer =
        http.shape(
            "table", table, "offset", "now", "where", "year < 1910", "subset__where", "n = 2");

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(ids(answer.subsetRows())).containsExactlyInAnyOrder("2", "7");
  }

  // Protocol 7-10.
  @Test
  void whatCannotBeComputedIsNotInTheShape() throws Exception {
    String table =
        server.newTable("id int primary key, n int", "insert into %s values (1, 1), (2, 2)");
    ShapeCopy copy = server.copy(table, "where", "10 / n > 1");
    assertThat(ids(copy.rows())).containsExactlyInAnyOrder("1", "2");

    server.database().execute("update %s set n = 0 where id = 1".formatted(table));

    assertThat(told(copy.awaitChanges())).containsExactly("delete 1");
    Answer answer = http.shape("table", table, "offset", "-1", "where", "20 / n > 1");
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
  }

  // Protocol 7-2.
  @Test
  void aShapeIsDroppedByItsCondition() throws Exception {
    String table = server.newTable("id int primary key, a int");
    ShapeCopy one = server.copy(table, "where", "a = 1");
    ShapeCopy all = server.copy(table);

    assertThat(http.send("DELETE", ShapeHttp.path("table", table, "where", "a=1")).status())
        .isEqualTo(202);

    assertThat(http.shape(one.next()).status()).isEqualTo(409);
    assertThat(http.shape(all.next()).status()).isEqualTo(200);
  }
}
