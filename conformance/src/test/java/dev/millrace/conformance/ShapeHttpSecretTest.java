package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.DevException;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.dev.ServerProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protocol section 0.1. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpSecretTest {

  private static final String ITEMS = "/v1/shape?table=items&offset=-1";

  @TempDir static Path folder;
  private static SyncedDatabase closed;
  private static ShapeHttp guarded;

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    closed =
        SyncedDatabase.start(
            postgres, folder.resolve("closed"), Map.of("MILLRACE_SECRET", "s3cret"));
    guarded = new ShapeHttp(closed.server().uri());
    closed.execute("create table items (id int primary key)");
  }

  @AfterAll
  static void stop() throws Exception {
    guarded.close();
    closed.close();
  }

  // Protocol 0.1-1, 0.1-2, 8-4.
  @ParameterizedTest
  @CsvSource({
    "GET, ''",
    "GET, &secret=wrong",
    "GET, &secret=",
    "GET, &api_secret=wrong",
    "HEAD, ''",
    "POST, ''",
    "DELETE, ''",
    "GET, &secret=wrong&api_secret=s3cret"
  })
  void withoutTheSecretNothingIsServed(String method, String secret) throws Exception {
    Answer answer = guarded.send(method, ITEMS + secret);

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body())
        .isEqualTo(
            method.equals("HEAD") ? "" : "{\"message\":\"Unauthorized - Invalid API secret\"}");
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.headers().keySet())
        .doesNotContain("content-type", "surrogate-control")
        .noneMatch(name -> name.startsWith("access-control"));
  }

  // Protocol 0.1-1, 0.1-5.
  @Test
  void theSecretIsNoPartOfTheShape() throws Exception {
    Answer first = guarded.get(ITEMS + "&secret=s3cret");
    Answer second = guarded.get(ITEMS + "&api_secret=s3cret");
    Answer third = guarded.get(ITEMS + "&secret=s3cret&api_secret=wrong");

    assertThat(List.of(first, second, third)).extracting(Answer::status).containsOnly(200);
    assertThat(List.of(second, third)).extracting(Answer::handle).containsOnly(first.handle());
  }

  // Protocol 0.1-3, 2-1.
  @Test
  void optionsAndOtherPathsNeedNone() throws Exception {
    assertThat(guarded.send("OPTIONS", "/v1/shape").status()).isEqualTo(204);
    assertThat(guarded.get("/v1/health").status()).isEqualTo(200);
    assertThat(guarded.get("/").status()).isEqualTo(200);
  }

  /** Of the table of what is not supported yet. */
  // Protocol 0.1-1.
  @Test
  void onlyTheSecretCounts() throws Exception {
    assertThat(guarded.get(ITEMS, "authorization", "Bearer s3cret").status()).isEqualTo(401);
  }

  // Protocol 0.1-4.
  @ParameterizedTest
  @CsvSource({"s3cret, true", "'', ''"})
  void theServerStartsWithEitherASecretOrNone(String secret, String insecure) {
    Map<String, String> settings =
        Map.of(
            "DATABASE_URL",
            "postgresql://postgres@127.0.0.1:1/none",
            "MILLRACE_DATA_DIR",
            folder.resolve("refused").toString(),
            "MILLRACE_SECRET",
            secret,
            "MILLRACE_INSECURE",
            insecure);

    assertThatThrownBy(() -> ServerProcess.start(settings, List.of()).close())
        .isInstanceOf(DevException.class)
        .hasMessageContaining("MILLRACE_SECRET")
        .hasMessageContaining("MILLRACE_INSECURE");
  }
}
