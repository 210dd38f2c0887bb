package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.auth.AuthSettings;
import dev.millrace.server.http.HttpSettings;
import dev.millrace.server.http.SchemaVersions;
import dev.millrace.server.write.ConflictPolicy;
import dev.millrace.server.write.TablePolicy;
import dev.millrace.server.write.WritePolicies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerConfigTest {

  private static final Map<String, String> LEAST =
      Map.of("DATABASE_URL", "postgresql://u:p@h/d", "MILLRACE_INSECURE", "true");

  private static Map<String, String> with(String... pairs) {
    Map<String, String> values = new HashMap<>(LEAST);
    for (int i = 0; i < pairs.length; i += 2) {
      values.put(pairs[i], pairs[i + 1]);
    }
    return values;
  }

  @Test
  void whatIsNotSetHasItsDefault() {
    ServerConfig config = ServerConfig.read(LEAST);

    assertThat(config.http().port()).isEqualTo(3000);
    assertThat(config.shapes().chunkBytes()).isEqualTo(10 << 20);
    assertThat(config.http().longPollTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(config.databasePoolSize()).isEqualTo(20);
    assertThat(config.http().times()).isEqualTo(times(75, 60, 21, 60));
    assertThat(config.http().tls()).isEmpty();
  }

  private static HttpSettings.Times times(int idle, int stream, int keepAlive, int stalled) {
    return new HttpSettings.Times(
        Duration.ofSeconds(idle),
        Duration.ofSeconds(stream),
        Duration.ofSeconds(keepAlive),
        Duration.ofSeconds(stalled));
  }

  @Test
  void timesAreSetInSeconds() {
    ServerConfig config =
        ServerConfig.read(
            with(
                "MILLRACE_IDLE_TIMEOUT", "4000",
                "MILLRACE_SSE_TIMEOUT", "300",
                "MILLRACE_SSE_KEEP_ALIVE", "15",
                "MILLRACE_WRITE_TIMEOUT", "30"));

    assertThat(config.http().times()).isEqualTo(times(4000, 300, 15, 30));
    assertThatThrownBy(() -> ServerConfig.read(with("MILLRACE_IDLE_TIMEOUT", "0")))
        .hasMessageContaining("MILLRACE_IDLE_TIMEOUT must be a whole number from 1 to 86400");
  }

  @Test
  void electricsNamesStandInAndOursWin() {
    ServerConfig config =
        ServerConfig.read(
            with(
                "ELECTRIC_PORT", "4000",
                "ELECTRIC_LONG_POLL_TIMEOUT", "1500",
                "ELECTRIC_CACHE_MAX_AGE", "7",
                "MILLRACE_CACHE_MAX_AGE", "8"));

    assertThat(config.http().port()).isEqualTo(4000);
    assertThat(config.http().longPollTimeout()).isEqualTo(Duration.ofMillis(1500));
    assertThat(config.http().cacheMaxAge()).isEqualTo(Duration.ofSeconds(8));
  }

  @Test
  void allProblemsAreReportedTogether() {
    assertThatThrownBy(
            () -> ServerConfig.read(Map.of("MILLRACE_PORT", "http", "MILLRACE_LOG_LEVEL", "loud")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("DATABASE_URL is not set")
        .hasMessageContaining("No authentication is set")
        .hasMessageContaining("MILLRACE_PORT must be a whole number")
        .hasMessageContaining("MILLRACE_LOG_LEVEL must be");
  }

  @Test
  void secretAndInsecureExcludeEachOther() {
    assertThatThrownBy(() -> ServerConfig.read(with("MILLRACE_SECRET", "s")))
        .hasMessageContaining("exclude each other");
  }

  @Test
  void tokensAreBelievedBySecretOrByPublishedKeys() {
    String secret = "a secret that has more than 32 bytes";
    ServerConfig bySecret =
        ServerConfig.read(
            with(
                "MILLRACE_JWT_SECRET", secret,
                "MILLRACE_JWT_ISSUER", "us",
                "MILLRACE_ROLES", "editor, reviewer"));
    ServerConfig byKeys =
        ServerConfig.read(
            with("MILLRACE_JWKS_URL", "https://id.example/keys", "MILLRACE_USER_ROLE", "member"));

    assertThat(bySecret.auth())
        .contains(
            new AuthSettings(
                new AuthSettings.Secret(secret),
                Optional.of("us"),
                Optional.empty(),
                "authenticated",
                Set.of("editor", "reviewer")));
    assertThat(bySecret.toString()).doesNotContain(secret);
    assertThat(byKeys.auth().orElseThrow().userRole()).isEqualTo("member");
    assertThat(ServerConfig.read(LEAST).auth()).isEmpty();
  }

  @Test
  void tokensAloneAreAuthenticationEnough() {
    Map<String, String> values = with("MILLRACE_JWT_SECRET", "a".repeat(32));
    values.remove("MILLRACE_INSECURE");

    HttpSettings http = ServerConfig.read(values).http();

    assertThat(http.isOpen()).isFalse();
    assertThat(http.secret()).isEmpty();
  }

  @Test
  void weakAndContradictoryTokenSettingsAreNamed() {
    assertThatThrownBy(() ->
            ServerConfig.read(
                with(
                    "MILLRACE_JWT_SECRET", "short",
                    "MILLRACE_JWKS_URL", "file:///etc/keys",
                    "MILLRACE_SCHEMA_VERSIONS", "5-2",
                    "MILLRACE_MAX_BATCH_BYTES", "1")))
        .hasMessageContaining("MILLRACE_JWT_SECRET must have at least 32 bytes.")
        .hasMessageContaining("MILLRACE_JWT_SECRET and MILLRACE_JWKS_URL exclude each other.")
        .hasMessageContaining("MILLRACE_SCHEMA_VERSIONS must be such as 2-5 or 2-, not '5-2'.")
        .hasMessageContaining("MILLRACE_MAX_BATCH_BYTES must be a whole number from 1000")
        .hasMessageNotContaining("short");
    for (String address : new String[] {"file:///etc/keys", "keys", "http:", "ftp://h/k", " "}) {
      if (!address.isBlank()) {
        assertThatThrownBy(() -> ServerConfig.read(with("MILLRACE_JWKS_URL", address)))
            .hasMessageContaining("MILLRACE_JWKS_URL must be an address of http or https.");
      }
    }
  }

  @Test
  void theFileStandsInForTheEnvironmentAndSaysHowWritesMeet(@TempDir Path folder)
      throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("own.yaml"),
            """
            DATABASE_URL: postgresql://u:p@h/d
            MILLRACE_JWT_SECRET: 01234567890123456789012345678901
            MILLRACE_PORT: 4000
            MILLRACE_ROLES: [editor, reviewer]
            MILLRACE_SCHEMA_VERSIONS: 2-5
            tables:
              works: {conflicts: last-write-wins, column: updated_at}
              app."Notes":
                conflicts: keep-both
                label: title
                union: [tags, readers]
              terms: {conflicts: reject-stale}
            """);

    ServerConfig config =
        ServerConfig.load(Map.of("MILLRACE_CONFIG", file.toString(), "MILLRACE_PORT", "5000"));

    assertThat(config.http().port()).isEqualTo(5000);
    assertThat(config.http().writes().versions()).isEqualTo(new SchemaVersions(2, 5));
    assertThat(config.auth().orElseThrow().roles()).containsExactlyInAnyOrder("editor", "reviewer");
    WritePolicies writes = config.writes();
    assertThat(writes.of(new RelationName("public", "works")).conflicts())
        .isEqualTo(new ConflictPolicy.LastWriteWins("updated_at"));
    assertThat(writes.of(new RelationName("app", "Notes")))
        .isEqualTo(
            new TablePolicy(new ConflictPolicy.KeepBoth("title"), Set.of("tags", "readers")));
    assertThat(writes.of(new RelationName("public", "terms")).conflicts())
        .isEqualTo(new ConflictPolicy.RejectStale());
    assertThat(writes.of(new RelationName("public", "other")).conflicts())
        .isEqualTo(new ConflictPolicy.MergeFields());
  }

  @Test
  void everythingThatIsWrongWithTheFileIsReportedWithItsLine(@TempDir Path folder)
      throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("wrong.yaml"),
            """
            DATABASE_URL: postgresql://u:p@h/d
            MILLRACE_INSECURE: maybe
            MILLRACE_PROT: 4000
            MILLRACE_PORT: {a: b}
            MILLRACE_PORT: 1
            tables:
              works: {conflicts: last-write-wins}
              notes: {conflicts: newest, colour: red}
              "a.b.c": {conflicts: reject-stale}
              terms: [1]
              tags: {union: all}
            """);

    assertThatThrownBy(() -> ServerConfig.load(Map.of("MILLRACE_CONFIG", file.toString())))
        .hasMessageContaining("MILLRACE_INSECURE must be true or false, not 'maybe'. (line 2 ")
        .hasMessageContaining("wrong.yaml, line 3: there is no setting 'MILLRACE_PROT'.")
        .hasMessageContaining("wrong.yaml, line 4: must be a value or a list of values.")
        .hasMessageContaining("wrong.yaml, line 5: 'MILLRACE_PORT' is there twice.")
        .hasMessageContaining("wrong.yaml, line 7: last-write-wins needs 'column', a column.")
        .hasMessageContaining("wrong.yaml, line 8: 'conflicts' must be merge-fields, last-")
        .hasMessageContaining("wrong.yaml, line 8: 'colour' means nothing for table 'notes'.")
        .hasMessageContaining("wrong.yaml, line 9: Invalid relation identifier")
        .hasMessageContaining("wrong.yaml, line 10: table 'terms' must be names with values.")
        .hasMessageContaining("wrong.yaml, line 11: 'union' must be a list of columns.");
  }

  @Test
  void aFileThatIsNamedMustBeThere(@TempDir Path folder) {
    String file = folder.resolve("missing.yaml").toString();

    assertThatThrownBy(() -> ServerConfig.load(Map.of("MILLRACE_CONFIG", file)))
        .hasMessageContaining("missing.yaml cannot be read");
  }

  @Test
  void aWrongUrlIsNamedWithoutItsPassword() {
    assertThatThrownBy(() -> ServerConfig.read(with("DATABASE_URL", "mysql://u:secret@h/d")))
        .hasMessageContaining("DATABASE_URL is wrong")
        .hasMessageNotContaining("secret");
  }
}
