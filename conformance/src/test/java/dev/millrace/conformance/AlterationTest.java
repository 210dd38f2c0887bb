package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that looks at policies once a day is told by Postgres when they change. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class AlterationTest {

  private static final String TRIGGERS =
      "select count(*) from pg_event_trigger where evtname = 'millrace_alteration'";

  @TempDir static Path folder;
  private static LocalPostgres cluster;
  private static WriteServer server;
  private static ShapeHttp ada;
  private static int tables;

  private String table = "";

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    cluster = postgres;
    try (var connection = postgres.connect();
        var statement = connection.createStatement()) {
      statement.execute("create role alteration_owner nologin");
    }
    server = start("server", "MILLRACE_EVENT_TRIGGER", "true");
    ada = server.http().as("ada");
  }

  private static WriteServer start(String name, String... settings) throws Exception {
    String[] all = {"MILLRACE_POLICY_POLL", "86400", "MILLRACE_SCHEMA_POLL", "86400", "", ""};
    System.arraycopy(settings, 0, all, 4, 2);
    return WriteServer.start(cluster, folder.resolve(name), all);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void makeTable() throws SQLException {
    table = "altered_" + ++tables;
    execute(
        "create table % (id int primary key, owner text)",
        "insert into % values (1, 'ada'), (2, 'bob')",
        "grant select on % to authenticated",
        "alter table % enable row level security",
        "create function mine_%(owner text) returns boolean language sql immutable as"
            + " $$ select owner = 'ada' $$",
        "create policy own on % using (owner = current_setting('app.user_id'))",
        "create policy team on % using (id > 100)");
  }

  private void execute(String... statements) throws SQLException {
    for (String statement : statements) {
      server.database().execute(statement.replace("%", table));
    }
  }

  // Protocol 15-7.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "create policy more on % using (id = 2)",
        "drop policy own on %",
        "alter policy own on % using (owner = 'bob')",
        "alter table % disable row level security",
        "revoke select on % from authenticated",
        "revoke select on % from authenticated; grant select (id) on % to authenticated",
        "alter table % owner to authenticated",
        "drop table %",
      })
  void shapesEndAtOnce(String alteration) throws Exception {
    ShapeCopy copy = ShapeCopy.of(ada, table);
    assertThat(copy.ids()).containsExactly("1");

    execute(alteration);

    Answer end =
        Awaitility.await()
            .atMost(10, TimeUnit.SECONDS)
            .until(() -> ada.shape(copy.next()), answer -> answer.status() != 200);
    assertThat(end.status()).isIn(400, 403, 409);
  }

  // Protocol 15-7.
  @Test
  void nobodysStatementFailsBecauseOfIt() throws Exception {
    String told = "function pg_catalog.pg_logical_emit_message(boolean, text, text, boolean)";
    execute("create table other_% (id int)", "alter table other_% owner to alteration_owner");
    server.database().execute("revoke execute on " + told + " from public");

    execute("set role alteration_owner; alter table other_% add later int");

    assertThat(server.database().query("select count(later) from other_" + table)).isEqualTo("0");
    server.database().execute("grant execute on " + told + " to public");
  }

  // Protocol 15-7.
  @Test
  void noTriggerIsMadeUnlessItIsWanted() throws Exception {
    try (WriteServer other = start("unwanted", "MILLRACE_EVENT_TRIGGER", "false")) {
      assertThat(other.database().query(TRIGGERS)).isEqualTo("0");
      assertThat(server.database().query(TRIGGERS)).isEqualTo("1");
    }
  }
}
