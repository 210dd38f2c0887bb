package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 10. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpShapesTest {

  private final ShapeServer server;
  private final ShapeHttp http;

  ShapeHttpShapesTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  // Protocol 10.1-1.
  @Test
  void theOrderOfColumnsIsFree() throws Exception {
    assertThat(server.copy("items", "columns", "name,id").handle())
        .isEqualTo(server.copy("items", "columns", "id,name").handle());
  }

  // Protocol 10.1-1.
  @Test
  void whatDiffersIsAnotherShape() throws Exception {
    assertThat(
            List.of(
                server.copy("items").handle(),
                server.copy("items", "columns", "id,name,n").handle(),
                server.copy("items", "columns", "id").handle(),
                server.copy("items", "replica", "full").handle(),
                server.copy("items", "log", "changes_only").handle()))
        .doesNotHaveDuplicates();
  }

  // Protocol 10.1-2.
  @Test
  void whatConcernsNoValueOfTheShapeKeepsIt() throws Exception {
    String table = server.newTable("id int primary key, a text, b text");
    ShapeCopy all = server.copy(table);
    ShapeCopy some = server.copy(table, "columns", "id,a");

    server
        .database()
        .execute(
            "alter table %s alter a set not null, alter a set default 'd'".formatted(table),
            "insert into %s values (1, 'x', 'y')".formatted(table));
    all.awaitChanges();
    some.awaitChanges();
    server
        .database()
        .execute(
            "alter table %s drop b, add c int".formatted(table),
            "insert into %s values (2, 'x', 3)".formatted(table));
    some.awaitChanges();

    assertThat(server.copy(table, "columns", "id,a").handle()).isEqualTo(some.handle());
    assertThat(http.shape(some.next()).header("electric-schema"))
        .contains("\"a\":{\"type\":\"text\",\"not_null\":true}");
    assertThat(all.awaitRefusal().status()).isEqualTo(409);
  }

  // Protocol 10.2-1, 10.2-2, 10.2-3.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "truncate %1$s; insert into %1$s values (3, 'c')",
        "alter table %1$s drop column a; insert into %1$s values (3)",
        "alter table %1$s add column b int; insert into %1$s values (3, 'c', 4)",
        "alter table %1$s alter a type varchar(9); insert into %1$s values (3, 'c')",
        "drop table %1$s; create table %1$s (id int primary key); insert into %1$s values (3)",
        "alter table %1$s rename to %1$s_old; create table %1$s (id int primary key); insert into %1$s values (3); insert into %1$s_old values (4, 'd')"
      })
  void anAlteredTableIsANewShapeWithTheRightRows(String statements) throws Exception {
    String table =
        server.newTable("id int primary key, a text", "insert into %s values (1, 'a'), (2, 'b')");
    ShapeCopy old = server.copy(table);

    server.database().execute(statements.formatted(table).split("; ", -1));
    ShapeCopy fresh = server.copy(table);
    server.database().execute("insert into %s (id) values (99)".formatted(table));
    Answer refusal = old.awaitRefusal();
    if (fresh.handle().equals(old.handle())) {
      // It was asked for before the server had read of the alteration.
      fresh = server.copy(table);
    } else {
      fresh.awaitChanges();
    }

    assertThat(refusal.status()).isEqualTo(409);
    assertThat(refusal.handle()).isEqualTo(fresh.handle()).isNotEqualTo(old.handle());
    // An insert for each row: none is both in the snapshot and in the log.
    assertThat(fresh.rows().stream().map(row -> new Row(row.key(), row.value())).sorted().toList())
        .as("%s", fresh.answers())
        .isEqualTo(server.database().select(table, "id"));
  }

  // Protocol 10.2-3.
  @Test
  void theHandleOfATableThatIsGoneIsAMistake() throws Exception {
    String table = server.newTable("id int primary key, a text", "insert into %s values (1, 'a')");
    ShapeCopy old = server.copy(table);

    server
        .database()
        .execute(
            "alter table %1$s rename to %1$s_renamed".formatted(table),
            "insert into %s_renamed values (2)".formatted(table));

    assertThat(old.awaitRefusal().status()).isEqualTo(400);
  }

  // Protocol 10.2-2.
  @Test
  void aTableNoLongerFullIsDropped() throws Exception {
    String table =
        server.newTable(
            "id int primary key, a int, large text",
            "alter table %s alter large set storage external",
            "insert into %s values (1, 1, repeat('x', 5000))");
    ShapeCopy old = server.copy(table, "replica", "full");

    server
        .database()
        .execute(
            "alter table %s replica identity default".formatted(table),
            "update %s set a = 2".formatted(table));

    assertThat(old.awaitRefusal().status()).isEqualTo(409);
  }

  // Protocol 10.3-1.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"create view %s as select 1 as id", "create materialized view %s as select 1 as id"})
  void viewsCountAsNotExisting(String statement) throws Exception {
    String view = server.newName();
    server.database().execute(statement.formatted(view));

    Answer answer = http.shape("table", view, "offset", "-1");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("does not exist");
  }

  // Protocol 10.3-2.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "create unlogged table %s (id int primary key)",
        "create table %1$s (id int primary key) partition by range (id); create unlogged table %1$s_p partition of %1$s for values from (1) to (2)"
      })
  void someTablesAreRefused(String statement) throws Exception {
    String table = server.newName();
    server.database().execute(statement.formatted(table).split("; ", -1));

    Answer answer = http.shape("table", table, "offset", "-1");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(Json.object(Json.object(Json.parse(answer.body())).get("errors")))
        .containsOnlyKeys("table");
  }

  // Protocol 10.3-2.
  @Test
  void systemTablesAreRefused() throws Exception {
    assertThat(http.shape("table", "pg_catalog.pg_class", "offset", "-1").status()).isEqualTo(400);
  }

  // Protocol 10.3-3.
  @Test
  void theFirstShapeOfATablePublishesItInFull() throws Exception {
    String table = server.newTable("id int primary key");

    server.copy(table);

    assertThat(
            server
                .database()
                .query(
                    "select count(*) from pg_publication_tables where tablename = '%s'"
                        .formatted(table)))
        .isEqualTo("1");
    assertThat(
            server
                .database()
                .query("select relreplident from pg_class where relname = '%s'".formatted(table)))
        .isEqualTo("f");
  }
}
