package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.dev.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server whose Postgres is not what it should be says so once, with what to do, and goes on by
 * itself as soon as that is done. What it has is read all the while.
 */
@ExtendWith(OnePostgres.class)
class PostgresTroubleTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String DATABASE_UNREACHABLE =
      "{\"code\":\"database_unreachable\",\"error\":\"Database is unreachable\"}";

  /** As Postgres comes, and small: nothing is ready for logical replication. */
  private static final Map<String, String> UNPREPARED =
      Map.of(
          "wal_level", "",
          "max_connections", "12",
          "superuser_reserved_connections", "0",
          "max_replication_slots", "2",
          "max_wal_senders", "4",
          "max_slot_wal_keep_size", "1MB");

  private static final LocalPostgres SMALL = LocalPostgres.temporary(UNPREPARED);

  @TempDir private Path folder;

  @BeforeAll
  static void askForPasswords() throws SQLException {
    // A role called "guarded" needs one; everybody else is trusted.
    execute(
        SMALL.connect(),
        """
        do $$ begin
          execute format(
            'copy (values (%L), (%L), (%L)) to %L',
            'host all guarded 127.0.0.1/32 scram-sha-256',
            'host all all 127.0.0.1/32 trust',
            'host replication all 127.0.0.1/32 trust',
            current_setting('hba_file'));
        end $$
        """,
        "select pg_reload_conf()");
  }

  @AfterAll
  static void stop() {
    SMALL.close();
  }

  private static void execute(Connection connection, String... statements) throws SQLException {
    try (connection;
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static String query(Connection connection, String sql) throws SQLException {
    try (connection;
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }

  private ServerProcess begin(String url, String name, String... settings) {
    Map<String, String> all = new HashMap<>();
    all.put("DATABASE_URL", url);
    all.put("MILLRACE_DATA_DIR", folder.resolve(name).toString());
    all.put("MILLRACE_REPLICATION_STREAM_ID", "trouble");
    all.put("MILLRACE_INSECURE", "true");
    all.put("MILLRACE_LONG_POLL_TIMEOUT", "2");
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    return ServerProcess.begin(all, List.of("-Xmx128m"));
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(condition);
  }

  private static void awaitLog(ServerProcess server, String text) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(server.log()).contains(text));
  }

  private static void awaitHealth(ShapeHttp http, int status, String text) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> {
          Answer answer = http.get("/v1/health");
          assertThat(answer.body()).isEqualTo("{\"status\":\"%s\"}".formatted(text));
          assertThat(answer.status()).isEqualTo(status);
        });
  }

  private static void awaitActive(ShapeHttp http) {
    awaitHealth(http, 200, "active");
  }

  /** A database of the shared Postgres with a table of one row, and a server that follows it. */
  private static SyncedDatabase withTable(LocalPostgres postgres, Path folder, String... settings)
      throws SQLException {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    SyncedDatabase database = SyncedDatabase.start(postgres, folder, all);
    database.execute("create table items (id int primary key)", "insert into items values (1)");
    return database;
  }

  /** Nothing is right at first, and each thing is mended when the server has complained of it. */
  // Protocol 2-5.
  @Test
  void whatIsMissingIsSaidWithItsRemedyAndOverOnceItIsMended() throws Exception {
    try (PostgresProxy proxy = PostgresProxy.start();
        ServerProcess server =
            begin(proxy.url("guarded:right", "absent"), "first", "MILLRACE_DB_POOL_SIZE", "2");
        ShapeHttp http = new ShapeHttp(server.uri())) {
      awaitLog(server, "not following Postgres: opening the replication connection: ");
      CompletableFuture<Answer> early = http.shapeLater("table", "items", "offset", "-1");
      awaitHealth(http, 202, "starting");
      assertNotReady(early.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));

      execute(SMALL.connect(), "create role guarded login password 'wrong'");
      proxy.leadTo(SMALL);
      awaitLog(server, "password authentication failed for user \"guarded\"");
      awaitLog(server, "correct user and password in DATABASE_URL");

      execute(SMALL.connect(), "alter role guarded password 'right'");
      awaitLog(server, "run ALTER ROLE \"guarded\" REPLICATION");

      execute(SMALL.connect(), "alter role guarded replication");
      awaitLog(server, "run CREATE DATABASE \"absent\"");

      execute(SMALL.connect(), "create database absent");
      awaitLog(server, "run GRANT CREATE ON DATABASE \"absent\" TO \"guarded\"");

      execute(SMALL.connect(), "grant create on database absent to guarded");
      awaitLog(server, "wal_level is 'replica' and must be 'logical'");

      execute(
          SMALL.connect(),
          "select pg_create_physical_replication_slot('one')",
          "select pg_create_physical_replication_slot('two')",
          "alter system set wal_level = logical");
      SMALL.restart();
      awaitLog(server, "raise max_replication_slots");
      awaitHealth(http, 202, "starting");

      execute(
          SMALL.connect(),
          "select pg_drop_replication_slot('one')",
          "select pg_drop_replication_slot('two')");
      awaitActive(http);

      String everyConnection = "select count(*) from pg_stat_activity where usename = 'guarded'";
      execute(
          SMALL.connect("absent"),
          "create table items (id int primary key)",
          "alter table items owner to guarded");
      ShapeCopy copy = ShapeCopy.of(http, "items");
      tooManyConnections(http, copy);
      lostSlot(server, http, copy);
      assertThat(query(SMALL.connect(), everyConnection)).isNotEqualTo("0");
    }
  }

  /** It has waited a while for the stream to be followed once. */
  private static void assertNotReady(Answer early) {
    assertThat(early.status()).isEqualTo(503);
    assertThat(early.header("retry-after")).isEqualTo("5");
    assertThat(early.body())
        .isEqualTo("{\"message\":\"Timeout waiting for the replication stream\"}");
  }

  /** All connections are taken: who is there goes on, who is new hears that it is for now. */
  private static void tooManyConnections(ShapeHttp http, ShapeCopy copy) throws Exception {
    List<Connection> taken = new ArrayList<>();
    try (Connection last = SMALL.connect("absent")) {
      takeAll(last, taken);
      CompletableFuture<Answer> live = http.shapeLater(copy.next("live", "true"));
      try (Statement statement = last.createStatement()) {
        statement.execute("insert into items values (2)");
      }
      assertThat(live.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).changes()).hasSize(1);

      Answer refused = http.shape("table", "items", "offset", "-1", "replica", "full");

      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.body()).isEqualTo(DATABASE_UNREACHABLE);
      assertThat(refused.header("retry-after")).isEqualTo("10");
    } finally {
      for (Connection connection : taken) {
        connection.close();
      }
    }
    await(() -> http.shape("table", "items", "offset", "-1", "replica", "full").status() == 200);
  }

  /** Until none is left, those of the server's pool included. */
  private static void takeAll(Connection last, List<Connection> taken) {
    await(() -> {
      try {
        taken.add(SMALL.connect());
        return false;
      } catch (SQLException full) {
        return endPool(last) == 0;
      }
    });
  }

  private static int endPool(Connection own) throws SQLException {
    String end =
        """
        select count(pg_terminate_backend(pid, 1000)) from pg_stat_activity
         where usename = 'guarded' and backend_type = 'client backend'
        """;
    try (Statement statement = own.createStatement();
        ResultSet row = statement.executeQuery(end)) {
      row.next();
      return row.getInt(1);
    }
  }

  /** The server sleeps until Postgres has thrown away the WAL it has not read. */
  private static void lostSlot(ServerProcess server, ShapeHttp http, ShapeCopy copy)
      throws Exception {
    String status =
        "select wal_status from pg_replication_slots where slot_name = 'millrace_slot_trouble'";
    server.pause();
    await(() -> {
      execute(
          SMALL.connect("absent"),
          "insert into items values (3) on conflict do nothing",
          "select pg_switch_wal()",
          "checkpoint");
      return query(SMALL.connect(), status).equals("lost");
    });
    server.resume();

    Answer refusal = copy.awaitRefusal();

    assertThat(refusal.status()).isEqualTo(409);
    assertThat(ShapeCopy.of(http, "items").rows()).hasSize(2);
    assertThat(server.log()).contains("slot millrace_slot_trouble is lost");
    assertThat(query(SMALL.connect(), status)).isNotEqualTo("lost");
  }

  // Protocol 12-2.
  @Test
  void aSecondServerWaitsForTheSlotAndTakesOverWhenTheFirstEnds(LocalPostgres postgres)
      throws Exception {
    try (SyncedDatabase database = withTable(postgres, folder)) {
      String name = database.query("select current_database()");
      try (ServerProcess second =
              begin(postgres.url(name), "second", "MILLRACE_REPLICATION_STREAM_ID", name);
          ShapeHttp http = new ShapeHttp(second.uri())) {
        awaitHealth(http, 202, "waiting");
        awaitLog(second, "slot millrace_slot_%s is in use by another server".formatted(name));
        assertThat(second.log()).contains("MILLRACE_REPLICATION_STREAM_ID");

        database.server().stop();

        awaitActive(http);
        ShapeCopy copy = ShapeCopy.of(http, "items");
        database.execute("insert into items values (2)");
        assertThat(copy.awaitChanges()).hasSize(1);
      }
    }
  }

  @Test
  void aSlotOfAnotherDatabaseIsLeftAloneAndNamed(LocalPostgres postgres) throws Exception {
    String mine = postgres.createDatabase("mine");
    String name = mine.substring(mine.lastIndexOf('/') + 1);
    String slot = "millrace_slot_" + name;
    execute(
        postgres.connect(),
        "select pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(slot));
    try (ServerProcess server = begin(mine, "third", "MILLRACE_REPLICATION_STREAM_ID", name);
        ShapeHttp http = new ShapeHttp(server.uri())) {
      awaitLog(server, "slot %s belongs to the database postgres".formatted(slot));
      assertThat(server.log()).contains("MILLRACE_REPLICATION_STREAM_ID");

      execute(postgres.connect(), "select pg_drop_replication_slot('%s')".formatted(slot));

      awaitActive(http);
    }
    execute(postgres.connect(), "select pg_drop_replication_slot('%s')".formatted(slot));
  }

  @Test
  void closedConnectionsAreMadeAnewAndHandlesStay(LocalPostgres postgres) throws Exception {
    try (SyncedDatabase database = withTable(postgres, folder);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      ShapeCopy copy = ShapeCopy.of(http, "items");

      database.execute(
          "select pg_terminate_backend(pid, 1000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
          "insert into items values (2)");

      assertThat(copy.awaitChanges()).hasSize(1);
      assertThat(http.shape("table", "items", "offset", "-1", "replica", "full").status())
          .isEqualTo(200);
      awaitActive(http);
    }
  }

  // Protocol 10.2-9.
  @Test
  void aSlotThatIsDroppedWhileWeRunMakesAllShapesBeginAnew(LocalPostgres postgres)
      throws Exception {
    try (SyncedDatabase database = withTable(postgres, folder);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      ShapeCopy copy = ShapeCopy.of(http, "items");
      dropSlot(database);

      Answer refusal = copy.awaitRefusal();

      assertThat(refusal.status()).isEqualTo(409);
      assertThat(refusal.handle()).isNotEqualTo(copy.handle());
      ShapeCopy next = ShapeCopy.of(http, "items");
      database.execute("insert into items values (2)");
      assertThat(next.awaitChanges()).hasSize(1);
    }
  }

  /** It is active again at once, so one has to be quick. */
  private static void dropSlot(SyncedDatabase database) {
    await(() -> {
      try {
        database.execute(
            "select pg_terminate_backend(active_pid, 1000) from pg_replication_slots where database = current_database()",
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()");
        return true;
      } catch (SQLException isActive) {
        return false;
      }
    });
  }

  // Protocol 2-4, 6.2-4, 12-4.
  @Test
  void whilePostgresIsAwayShapesAreReadAndWhoWaitsHearsOfIt() throws Exception {
    try (LocalPostgres postgres = LocalPostgres.temporary();
        SyncedDatabase database = withTable(postgres, folder, "MILLRACE_LONG_POLL_TIMEOUT", "2");
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      ShapeCopy copy = ShapeCopy.of(http, "items");
      CompletableFuture<Answer> waiting = http.shapeLater(copy.next("live", "true"));

      postgres.kill();

      assertThat(http.shape(copy.at("0_0")).isUpToDate()).isTrue();
      Answer live = waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(live.status()).isEqualTo(503);
      assertThat(live.header("retry-after")).isEqualTo("10");
      Answer initial = http.shape("table", "items", "offset", "-1", "replica", "full");
      assertThat(initial.status()).isEqualTo(503);
      assertThat(initial.body()).isEqualTo(DATABASE_UNREACHABLE);
      assertThat(initial.header("retry-after")).isEqualTo("10");
      awaitHealth(http, 202, "starting");

      postgres.restart();
      awaitActive(http);
      database.execute("insert into items values (2)");
      assertThat(copy.awaitChanges()).hasSize(1);
    }
  }
}
