package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.dev.ServerProcess;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of shapes when their tables are altered, or published otherwise than they need. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class TableLifeTest {
  private static final AtomicInteger TABLES = new AtomicInteger();

  @TempDir static Path folder;
  private static SyncedDatabase database;
  private static ShapeHttp http;

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    database =
        SyncedDatabase.start(
            postgres,
            folder.resolve("usual"),
            Map.of("MILLRACE_SCHEMA_POLL", "1", "MILLRACE_LONG_POLL_TIMEOUT", "3"));
    http = new ShapeHttp(database.server().uri());
  }

  @AfterAll
  static void stop() throws Exception {
    http.close();
    database.close();
  }

  private static String newTable(String columns) throws Exception {
    String table = "lived" + TABLES.incrementAndGet();
    execute(table, "create table %s (" + columns + ")");
    return table;
  }

  private static void execute(String table, String... statements) throws Exception {
    for (String statement : statements) {
      database.execute(statement.formatted(table));
    }
  }

  private static String publication() throws Exception {
    return database.query("select pubname from pg_publication");
  }

  private static List<Row> rows(ShapeCopy copy) {
    return copy.rows().stream().map(row -> new Row(row.key(), row.value())).sorted().toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table %s drop a, add a text default 'another'",
        "alter table %1$s drop constraint %1$s_pkey, add primary key (b)",
        "alter table %s drop a",
        "alter table %s add c int default 1",
        "alter table %s alter b type bigint"
      })
  // Protocol 10.2-1.
  void anAlterationWithoutAnyWriteEndsTheShape(String statement) throws Exception {
    String table = newTable("id int primary key, a text, b int not null");
    execute(table, "insert into %s values (1, 'x', 2)");
    ShapeCopy old = ShapeCopy.of(http, table);

    execute(table, statement);

    assertThat(old.awaitRefusal().status()).isEqualTo(409);
    ShapeCopy fresh = ShapeCopy.of(http, table);
    assertThat(fresh.rows().getFirst().value())
        .isEqualTo(
            database.select(table, statement.contains("primary") ? "b" : "id").getFirst().values());
  }

  // Protocol 10.2-11.
  @ParameterizedTest
  @ValueSource(strings = {"%1$s_mood", "%1$s_mood[]", "%1$s_feeling"})
  void aRenamedValueOfAnEnumEndsTheShapeAndANewOneDoesNot(String type) throws Exception {
    String table = "lived" + TABLES.incrementAndGet();
    execute(
        table,
        "create type %1$s_mood as enum ('sad', 'glad')",
        "create domain %1$s_feeling as %1$s_mood",
        "create table %1$s (id int primary key, mood " + type + ", other text)",
        "insert into %1$s values (1, " + (type.endsWith("]") ? "'{glad}'" : "'glad'") + ")");
    ShapeCopy old = ShapeCopy.of(http, table, "where", "mood is not null");

    execute(table, "alter type %1$s_mood add value 'calm' before 'glad'");
    execute(table, "update %1$s set other = 'x'");
    assertThat(old.awaitChanges()).hasSize(1);
    assertThat(http.shape(old.next()).status()).isEqualTo(200);

    execute(table, "alter type %1$s_mood rename value 'glad' to 'happy'");
    assertThat(old.awaitRefusal().status()).isEqualTo(409);
    assertThat(String.valueOf(ShapeCopy.of(http, table).rows().getFirst().value()))
        .contains("happy");
  }

  // Protocol 8-6.
  @ParameterizedTest
  @ValueSource(strings = {"alter table %s drop a", "drop table %s"})
  void aTableAlteredWhileItsShapeIsMadeIsAskedForAnew(String statement) throws Exception {
    String table = newTable("id int primary key, a text");
    CompletableFuture<Answer> waiting;
    try (Connection open = database.connect();
        Statement altering = open.createStatement()) {
      open.setAutoCommit(false);
      altering.execute("insert into %s values (1)".formatted(table));
      waiting = http.shapeLater("table", table, "offset", "-1");
      await()
          .until(() ->
              database
                  .query(
                      "select count(*) from pg_locks where not granted and relation = '%s'::regclass"
                          .formatted(table))
                  .equals("1"));
      altering.execute(statement.formatted(table));
      open.commit();
    }

    Answer answer = waiting.get(20, TimeUnit.SECONDS);

    assertThat(answer.status()).as(answer.body()).isEqualTo(409);
    assertThat(answer.has("electric-handle")).isFalse();
    assertThat(answer.body()).isEqualTo("[{\"headers\":{\"control\":\"must-refetch\"}}]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "drop table %s",
        "alter table %1$s rename to %1$s_2",
        "alter table %s set schema elsewhere"
      })
  void aTableThatIsGoneIsAMistakeAlsoWithoutAnyWrite(String statement) throws Exception {
    database.execute("create schema if not exists elsewhere");
    String table = newTable("id int primary key");
    ShapeCopy old = ShapeCopy.of(http, table);

    execute(table, statement);

    assertThat(old.awaitRefusal().status()).isEqualTo(400);
  }

  // Protocol 6.6-1, 10.1-2.
  @Test
  void theSchemaHeaderFollowsTheCatalogue() throws Exception {
    String table = newTable("id int primary key, a text");
    ShapeCopy copy = ShapeCopy.of(http, table);

    execute(table, "alter table %s alter a set not null");

    await()
        .until(() ->
            http.shape(copy.next())
                .header("electric-schema")
                .contains("\"a\":{\"type\":\"text\",\"not_null\":true}"));
  }

  @Test
  void aTableTakenOutOfThePublicationBeginsAnew() throws Exception {
    String table = newTable("id int primary key");
    ShapeCopy old = ShapeCopy.of(http, table);

    database.execute(
        "alter publication %s drop table %s".formatted(publication(), table),
        "insert into %s values (1)".formatted(table));
    assertThat(old.awaitRefusal().status()).isEqualTo(409);
    ShapeCopy fresh = ShapeCopy.of(http, table);
    execute(table, "insert into %s values (2)");
    fresh.awaitChanges();

    assertThat(rows(fresh)).isEqualTo(database.select(table, "id"));
  }

  // Protocol 10.2-5.
  @Test
  void aTableThatWasUnpublishedForAMomentBeginsAnew() throws Exception {
    String table = newTable("id int primary key");
    ShapeCopy old = ShapeCopy.of(http, table);
    String publication = publication();

    database.execute(
        "begin; alter publication %1$s drop table %2$s; insert into %2$s values (1); alter publication %1$s add table %2$s; commit"
            .formatted(publication, table));

    assertThat(old.awaitRefusal().status()).isEqualTo(409);
    assertThat(rows(ShapeCopy.of(http, table))).isEqualTo(database.select(table, "id"));
  }

  // Protocol 10.2-5, 7-11.
  @Test
  void soDoWhatDependsOnATableThatWasUnpublishedForAMoment() throws Exception {
    String table = newTable("id int primary key");
    String read = newTable("id int primary key");
    execute(table, "insert into %s values (1), (2)");
    String where = "id in (select id from %s)".formatted(read);
    ShapeCopy old = ShapeCopy.of(http, table, "where", where);
    assertThat(old.ids()).isEmpty();

    database.execute(
        "begin; alter publication %1$s drop table %2$s; insert into %2$s values (1); alter publication %1$s add table %2$s; commit"
            .formatted(publication(), read));

    assertThat(old.awaitRefusal().status()).isEqualTo(409);
    ShapeCopy fresh = ShapeCopy.of(http, table, "where", where);
    assertThat(fresh.ids()).containsExactly("1");
    execute(read, "insert into %s values (2)");
    fresh.awaitChanges();
    assertThat(fresh.ids()).containsExactly("1", "2");
  }

  // Protocol 10.3-3.
  @Test
  void theReplicaIdentityIsSetBackToFullAndTheShapeGoesOn() throws Exception {
    String table = newTable("id int primary key, a text");
    execute(table, "insert into %s values (1, 'x'), (2, 'y'), (3, 'z')");
    ShapeCopy copy = ShapeCopy.of(http, table);

    execute(
        table,
        "alter table %s replica identity default",
        "update %s set a = 'changed' where id = 1",
        "delete from %s where id = 2",
        "update %s set id = 4 where id = 3");
    await()
        .until(() ->
            database
                .query("select relreplident from pg_class where relname = '" + table + "'")
                .equals("f"));
    execute(table, "update %s set a = 'again'");
    while (copy.rows().stream().filter(row -> "again".equals(row.value("a"))).count() < 2) {
      copy.awaitChanges();
    }

    assertThat(copy.rows())
        .extracting(Message::operation)
        .containsExactly(
            "insert", "insert", "insert", "update", "delete", "delete", "insert", "update",
            "update");
    assertThat(ShapeCopy.of(http, table).handle()).isEqualTo(copy.handle());
  }

  // Protocol 10.3-5.
  @Test
  void rowsOfATableThatInheritsAreNotItsParents() throws Exception {
    String table = newTable("id int primary key, a text");
    execute(
        table,
        "create table %1$s_child () inherits (%1$s)",
        "insert into %1$s_child values (1, 'of the child')",
        "insert into %s values (2, 'before')");
    ShapeCopy copy = ShapeCopy.of(http, table);

    execute(
        table, "insert into %1$s_child values (3, 'too')", "insert into %s values (4, 'after')");
    copy.awaitChanges();

    assertThat(copy.rows()).extracting(row -> row.value("id")).containsExactly("2", "4");
  }

  // Protocol 10.3-6.
  @Test
  void storedGeneratedColumnsAreFollowed() throws Exception {
    String table =
        newTable("id int primary key, a int, twice int generated always as (a * 2) stored");
    execute(table, "insert into %s values (1, 10)");
    ShapeCopy copy = ShapeCopy.of(http, table, "replica", "full");

    execute(table, "insert into %s values (2, 20)", "update %s set a = 11 where id = 1");
    while (copy.rows().size() < 3) {
      copy.awaitChanges();
    }

    assertThat(copy.rows()).extracting(row -> row.value("twice")).containsExactly("20", "40", "22");
    assertThat(copy.rows().getLast().oldValue()).isEqualTo(Map.of("a", "10", "twice", "20"));
  }

  @Test
  void thePublicationIsMadeToPublishGeneratedColumns() throws Exception {
    String plain = newTable("id int primary key");
    ShapeCopy other = ShapeCopy.of(http, plain);
    String table = newTable("id int, twice int generated always as (id * 2) stored");

    database.execute(
        "alter publication %s set (publish_generated_columns = none)".formatted(publication()));
    await().until(() -> database.query("select pubgencols::text from pg_publication").equals("s"));
    ShapeCopy copy = ShapeCopy.of(http, table);
    execute(table, "insert into %s values (1)");
    copy.awaitChanges();

    assertThat(copy.rows().getFirst().key()).isEqualTo(Row.key(table, "1", "2"));
    assertThat(ShapeCopy.of(http, plain).handle()).isEqualTo(other.handle());
  }

  // Protocol 10.3-6.
  @Test
  void virtualColumnsAreRefused() throws Exception {
    String table = newTable("id int primary key, twice int generated always as (id * 2) virtual");

    Answer answer = http.shape("table", table, "offset", "-1");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("are generated and cannot be included in the shape: twice");
    assertThat(ShapeCopy.of(http, table, "columns", "id").rows()).isEmpty();
  }

  @Test
  void aTableThatOthersHaveLockedIsUnavailableAndTheRestIsNot() throws Exception {
    String locked = newTable("id int primary key, a int, b int, c int, d int");
    String free = newTable("id int primary key");
    List<CompletableFuture<Answer>> waiting = new ArrayList<>();
    try (Connection open = database.connect();
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("lock table %s in access exclusive mode".formatted(locked));
      for (String columns : List.of("id", "id,a", "id,b", "id,c", "id,d", "id,a,b")) {
        for (String replica : List.of("default", "full")) {
          waiting.add(
              http.shapeLater(
                  "table", locked, "offset", "-1", "columns", columns, "replica", replica));
        }
      }

      assertThat(ShapeCopy.of(http, free).rows()).isEmpty();
      assertThat(waiting).noneMatch(CompletableFuture::isDone);
      for (CompletableFuture<Answer> answer : waiting) {
        assertThat(answer.get().status()).isEqualTo(503);
        assertThat(Integer.parseInt(answer.get().header("retry-after"))).isBetween(10, 14);
        assertThat(answer.get().body())
            .isEqualTo("{\"message\":\"Snapshot timed out while waiting for a table lock\"}");
      }
      open.rollback();
    }

    assertThat(ShapeCopy.of(http, locked).rows()).isEmpty();
  }

  @Test
  void aTransactionPreparedBeforeTheShapeAndCommittedAfterArrivesByTheLog() throws Exception {
    String table = newTable("id int primary key, a text");
    ShapeCopy first = ShapeCopy.of(http, table, "columns", "id");
    execute(
        table,
        "begin; insert into %1$s values (1, 'prepared'); savepoint s; insert into %1$s values (2, 'undone'); rollback to s; insert into %1$s values (3, 'prepared'); prepare transaction '%1$s'");

    ShapeCopy during = ShapeCopy.of(http, table);
    execute(table, "insert into %s values (4, 'meanwhile')", "commit prepared '%s'");
    ShapeCopy after = ShapeCopy.of(http, table, "replica", "full");
    execute(table, "insert into %s values (5, 'last')");

    for (ShapeCopy copy : List.of(first, during, after)) {
      while (copy.rows().stream().noneMatch(row -> row.key().equals(Row.key(table, "5")))) {
        copy.awaitChanges();
      }
      assertThat(copy.rows())
          .extracting(Message::key)
          .containsExactlyInAnyOrderElementsOf(Row.keys(database.select(table, "id")));
    }
    assertThat(during.rows()).hasSize(4);
    assertThat(rows(during)).isEqualTo(database.select(table, "id"));
  }

  // Protocol 10.3-7.
  @Test
  void withManualPublishingSomebodyElseHasToPublish(LocalPostgres postgres) throws Exception {
    try (SyncedDatabase manual =
            SyncedDatabase.start(
                postgres,
                folder.resolve("manual"),
                Map.of("MILLRACE_MANUAL_TABLE_PUBLISHING", "true"));
        ShapeHttp own = new ShapeHttp(manual.server().uri())) {
      manual.execute("create table t (id int primary key)");

      assertUnavailable(
          own,
          "Database table \"public.t\" is missing from the publication \"%s\" and the MILLRACE_MANUAL_TABLE_PUBLISHING setting prevents Millrace from adding it"
              .formatted(manual.query("select pubname from pg_publication")));
      manual.execute(
          "alter publication %s add table t"
              .formatted(manual.query("select pubname from pg_publication")));
      assertUnavailable(
          own, "Database table \"public.t\" does not have its replica identity set to FULL");
      manual.execute("alter table t replica identity full");
      ShapeCopy copy = ShapeCopy.of(own, "t");
      manual.execute("insert into t values (1)");

      assertThat(copy.awaitChanges()).hasSize(1);
    }
  }

  // Protocol 10.3-7.
  @Test
  void aTableOfAnotherOwnerIsUnavailableUntilItIsPublished(LocalPostgres postgres)
      throws Exception {
    String url = postgres.createDatabase("limited");
    String name = url.substring(url.lastIndexOf('/') + 1);
    try (Connection owner = postgres.connect(name);
        Statement statement = owner.createStatement()) {
      statement.execute("create role %s login replication".formatted(name));
      statement.execute("grant create on database %1$s to %1$s".formatted(name));
      statement.execute("create table t (id int primary key)");
      statement.execute("grant select on t to %s".formatted(name));
      Map<String, String> settings =
          Map.of(
              "DATABASE_URL",
              url.replace("postgres@", name + "@"),
              "MILLRACE_DATA_DIR",
              folder.resolve("limited").toString(),
              "MILLRACE_REPLICATION_STREAM_ID",
              name,
              "MILLRACE_INSECURE",
              "true");
      try (ServerProcess server = ServerProcess.start(settings, List.of("-Xmx256m"));
          ShapeHttp own = new ShapeHttp(server.uri())) {
        assertUnavailable(
            own,
            "Database table \"public.t\" is missing from the publication \"millrace_publication_%s\" and Millrace lacks privileges to add it"
                .formatted(name));
        statement.execute("alter publication millrace_publication_%s add table t".formatted(name));
        assertUnavailable(
            own, "Database table \"public.t\" does not have its replica identity set to FULL");
        statement.execute("alter table t replica identity full");
        assertThat(ShapeCopy.of(own, "t").rows()).isEmpty();
      }
    } finally {
      try (Connection own = postgres.connect();
          Statement statement = own.createStatement()) {
        statement.execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = '%s'"
                .formatted(name));
        statement.execute("drop database %s with (force)".formatted(name));
        statement.execute("drop role %s".formatted(name));
      }
    }
  }

  private static void assertUnavailable(ShapeHttp http, String message) throws Exception {
    Answer answer = http.shape("table", "t", "offset", "-1");
    assertThat(answer.status()).as(answer.body()).isEqualTo(503);
    assertThat(Json.object(Json.parse(answer.body())).get("message")).isEqualTo(message);
  }
}
