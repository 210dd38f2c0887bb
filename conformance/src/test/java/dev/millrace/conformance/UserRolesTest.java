package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.DevException;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protocol 14-16: the roles that users act as, and those that they must not. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class UserRolesTest {

  @TempDir static Path folder;
  private static LocalPostgres cluster;
  private static WriteServer server;

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    cluster = postgres;
    execute(
        "create role roles_editor nologin",
        "create role roles_changing nologin",
        "create role roles_super nologin superuser",
        "create role roles_bypass nologin bypassrls",
        "create role roles_kin nologin in role postgres");
    server =
        WriteServer.start(
            postgres,
            folder.resolve("writes"),
            "MILLRACE_ROLES",
            "roles_editor, roles_changing,roles_late");
    server
        .database()
        .execute(
            "create table who (id uuid primary key, role text default current_user, claims jsonb"
                + " default current_setting('request.jwt.claims')::jsonb)",
            "grant select, insert on who to public");
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
    execute(
        "drop role roles_editor",
        "drop role roles_changing",
        "drop role roles_super",
        "drop role roles_bypass",
        "drop role roles_kin",
        "drop role if exists roles_late");
  }

  private static void execute(String... statements) throws SQLException {
    try (Connection connection = cluster.connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static Answer writeAs(String claims) throws Exception {
    return writeAs(claims, WriteServer.newId());
  }

  private static Answer writeAs(String claims, String id) throws Exception {
    String change =
        WriteServer.change(id, "insert", "{\"id\":\"%s\"}".formatted(id)).replace("notes", "who");
    return server
        .http()
        .post(
            WriteServer.PATH,
            WriteServer.batch(change),
            "authorization",
            "Bearer " + Tokens.OURS.of("ada", claims));
  }

  // Protocol 14-16.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                             | authenticated",
        ",\"role\":\"roles_editor\"     | roles_editor",
        ",\"role\":\"roles_super\"      | authenticated",
        ",\"role\":\"postgres\"         | authenticated",
        ",\"role\":\"ROLES_EDITOR\"     | authenticated",
        ",\"role\":\"roles_editor; reset role\" | authenticated",
        ",\"role\":[\"roles_editor\"]   | authenticated",
        ",\"role\":null                 | authenticated"
      })
  void theRoleIsThatOfTheTokenIfItIsListed(String claims, String role) throws Exception {
    String id = WriteServer.newId();

    Answer answer = writeAs(claims, id);

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(
            server
                .database()
                .query(
                    "select role || ' ' || (claims->>'sub') from who where id = '%s'"
                        .formatted(id)))
        .isEqualTo(role + " ada");
  }

  // Protocol 14-16.
  @ParameterizedTest
  @CsvSource({
    "roles_super, is a superuser",
    "roles_bypass, bypasses row level security",
    "roles_kin, has the rights of the server's own role",
    "postgres, is a superuser"
  })
  void theServerDoesNotStartWithARoleThatNoPolicyHolds(String role, String problem) {
    assertThatThrownBy(() ->
            WriteServer.start(cluster, folder.resolve("refused"), "MILLRACE_USER_ROLE", role)
                .close())
        .isInstanceOf(DevException.class)
        .hasMessageContaining("Role \"" + role + "\" " + problem);
    assertThatThrownBy(() ->
            WriteServer.start(
                    cluster, folder.resolve("refused"), "MILLRACE_ROLES", "roles_editor," + role)
                .close())
        .isInstanceOf(DevException.class)
        .hasMessageContaining("Role \"" + role + "\" " + problem);
  }

  // Protocol 14-16.
  @Test
  void aRoleThatIsGivenTooMuchIsNotUsedAnyMore() throws Exception {
    String claims = ",\"role\":\"roles_changing\"";
    assertThat(writeAs(claims).status()).isEqualTo(200);

    execute("alter role roles_changing bypassrls");

    Answer refused =
        Awaitility.await().until(() -> writeAs(claims), answer -> answer.status() == 503);
    assertThat(refused.body())
        .isEqualTo(
            "{\"code\":\"authentication_unavailable\",\"error\":\"Nobody can be let in at the moment.\"}");
    assertThat(refused.has("retry-after")).isTrue();
    assertThat(writeAs("").status()).isEqualTo(200);
    assertThat(server.database().server().log())
        .contains("alter role \"roles_changing\" nobypassrls;");

    execute("alter role roles_changing nobypassrls");
    Awaitility.await().until(() -> writeAs(claims).status() == 200);
  }

  // Protocol 14-16.
  @Test
  void aRoleThatIsMissingIsNamedWithWhatMendsIt() throws Exception {
    String claims = ",\"role\":\"roles_late\"";
    assertThat(writeAs(claims).status()).isEqualTo(503);
    String remedy = "create role \"roles_late\" nologin; grant \"roles_late\" to \"postgres\";";
    assertThat(server.database().server().log())
        .contains("There is no role \"roles_late\": " + remedy);

    execute(remedy.split(";", -1)[0]);

    Awaitility.await().until(() -> writeAs(claims).status() == 200);
  }
}
