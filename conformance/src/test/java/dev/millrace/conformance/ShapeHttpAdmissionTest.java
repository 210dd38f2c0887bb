package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Protocol section 2, admission, and what is not enabled (10.4): a server that allows little. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpAdmissionTest {

  @TempDir static Path folder;
  private static SyncedDatabase database;
  private static ShapeHttp http;

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    database =
        SyncedDatabase.start(
            postgres,
            folder.resolve("small"),
            Map.of(
                "MILLRACE_MAX_INITIAL_REQUESTS", "1",
                "MILLRACE_MAX_EXISTING_REQUESTS", "1",
                "MILLRACE_LONG_POLL_TIMEOUT", "20"));
    http = new ShapeHttp(database.server().uri());
    database.execute(
        "create table items (id int primary key, body text)",
        "create table large as select i id, repeat('x', 10000) body from generate_series(1, 3000) i",
        "insert into items values (1, 'a')");
  }

  @AfterAll
  static void stop() throws Exception {
    http.close();
    database.close();
  }

  private static void assertOverloaded(Answer answer, String kind) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(503);
    assertThat(Json.parse(answer.body()))
        .isEqualTo(
            Map.of(
                "code",
                "concurrent_request_limit_exceeded",
                "message",
                "Concurrent %s request limit exceeded (limit: 1), please retry".formatted(kind)));
    assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(6, 10);
    assertThat(answer.header("electric-internal-known-error")).isEqualTo("true");
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.header("surrogate-control")).isEqualTo("no-store");
  }

  // Protocol 2-2, 3-8, 8-9.
  @Test
  void moreThanTheLimitOnAKnownShapeAreToldToComeBack() throws Exception {
    ShapeCopy copy = ShapeCopy.of(http, "items");
    CompletableFuture<Answer> first = http.shapeLater(copy.next("live", "true"));

    Answer second =
        Awaitility.await()
            .until(() -> http.shape(copy.next("live", "true")), answer -> answer.status() == 503);

    assertOverloaded(second, "existing");
    assertThat(second.has("electric-cursor")).isTrue();
    database.execute("insert into items values (2, 'b')");
    assertThat(first.get(20, TimeUnit.SECONDS).changes()).hasSize(1);
    Awaitility.await().until(() -> http.shape(copy.next()).status() == 200);
  }

  // Protocol 2-2, 8-9.
  @Test
  void aRequestCountsUntilItsLastByteHasLeft() throws Exception {
    String path = "/v1/shape?table=large&offset=-1";
    URI uri = database.server().uri();
    try (Socket slow = new Socket(uri.getHost(), uri.getPort())) {
      String request = "GET " + path + " HTTP/1.1\r\nhost: x\r\n\r\n";
      slow.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      assertThat(slow.getInputStream().read()).isEqualTo('H');

      assertOverloaded(http.get("/v1/shape?table=items&offset=-1"), "initial");
    }
    Awaitility.await().until(() -> http.get("/v1/shape?table=items&offset=-1").status() == 200);
  }

  // Protocol 8-5, 10.4-1.
  @Test
  void deletionHasToBeEnabled() throws Exception {
    Answer answer = http.send("DELETE", "/v1/shape?table=items");

    assertThat(answer.status()).isEqualTo(405);
    assertThat(Json.parse(answer.body())).isEqualTo(Map.of("message", "DELETE not allowed"));
    assertThat(answer.header("cache-control")).isEqualTo("no-cache");
  }
}
