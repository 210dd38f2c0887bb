package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.dev.ServerProcess;
import dev.millrace.protocol.WriteResult;
import dev.millrace.protocol.WriteResult.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Postgres that fails over while devices write: they are told to come again, and lose nothing.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class WriteOutageTest {
  private static final String NAME = "failing_over";

  @TempDir private Path folder;

  // Protocol 14-23.
  @Test
  void whatWasAppliedBeforeAFailoverIsADuplicateAfterIt() throws Exception {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    LocalPostgres primary = LocalPostgres.persistent(first, 0);
    prepare(primary);
    int port = primary.port();
    String before = WriteServer.batch(note("one"), note("two"));
    String meanwhile = WriteServer.batch(note("three"));
    try (PostgresProxy proxy = PostgresProxy.to(primary);
        ServerProcess server = start(proxy);
        ShapeHttp http = new ShapeHttp(server.uri())) {
      primary.close();
      PostgresFolder.makeStandby(first, second, port);
      assertPutOff(post(http, before), "unavailable");

      primary = LocalPostgres.persistent(first, port);
      try (LocalPostgres standby = LocalPostgres.persistent(second, 0)) {
        assertThat(statuses(awaitAnswer(http, before))).containsOnly(Status.APPLIED);
        await().until(() -> titles(standby).equals("one two"));

        primary.close();
        assertPutOff(post(http, meanwhile), "unavailable");
        proxy.leadTo(standby);
        assertPutOff(awaitOtherThan("unavailable", http, meanwhile), "read_only");
        execute(standby, NAME, "select pg_promote()");

        assertThat(statuses(awaitAnswer(http, meanwhile))).containsOnly(Status.APPLIED);
        assertThat(statuses(post(http, before))).containsOnly(Status.DUPLICATE);
        assertThat(statuses(post(http, meanwhile))).containsOnly(Status.DUPLICATE);
        assertThat(titles(standby)).isEqualTo("one two three");
      }
    } finally {
      primary.close();
    }
  }

  private static String note(String title) {
    return WriteServer.insert(WriteServer.newId(), title);
  }

  private static Answer post(ShapeHttp http, String batch)
      throws IOException, InterruptedException {
    return http.post(
        WriteServer.PATH,
        batch,
        "authorization",
        Tokens.OURS.bearer("ada"),
        "content-type",
        "application/json");
  }

  private static void assertPutOff(Answer answer, String code) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(503);
    assertThat(Json.object(Json.parse(answer.body())).get("code")).isEqualTo(code);
    assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(1, 10);
  }

  private static Answer awaitAnswer(ShapeHttp http, String batch) {
    return await().until(() -> post(http, batch), answer -> answer.status() == 200);
  }

  private static Answer awaitOtherThan(String code, ShapeHttp http, String batch) {
    return await().until(() -> post(http, batch), answer -> !answer.body().contains(code));
  }

  private static List<Status> statuses(Answer answer) {
    return WriteServer.read(answer).results().stream().map(WriteResult::status).toList();
  }

  private ServerProcess start(PostgresProxy proxy) {
    return ServerProcess.start(
        Map.of(
            "DATABASE_URL",
            proxy.url("postgres", NAME),
            "MILLRACE_DATA_DIR",
            folder.resolve("server").toString(),
            "MILLRACE_SECRET",
            WriteServer.SECRET,
            "MILLRACE_JWT_SECRET",
            Tokens.OURS.secret()),
        List.of("-Xmx128m"));
  }

  private static void prepare(LocalPostgres postgres) throws SQLException {
    WriteServer.createRoles(postgres);
    execute(postgres, "postgres", "create database " + NAME);
    execute(postgres, NAME, WriteServer.NOTES);
  }

  private static void execute(LocalPostgres postgres, String database, String... statements)
      throws SQLException {
    try (Connection connection = postgres.connect(database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** In the order of their changes. */
  private static String titles(LocalPostgres postgres) throws SQLException {
    try (Connection connection = postgres.connect(NAME);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select coalesce(string_agg(title, ' ' order by xmin::text::int, title), '')"
                    + " from notes")) {
      row.next();
      return row.getString(1);
    }
  }
}
