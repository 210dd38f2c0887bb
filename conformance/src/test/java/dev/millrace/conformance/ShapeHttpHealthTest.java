package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol sections 11 and 12. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpHealthTest {

  private final ShapeHttp http;

  ShapeHttpHealthTest(ShapeServer server) {
    this.http = server.http();
  }

  // Protocol 0-4, 8-1, 11-1.
  @Test
  void optionsAllowsWhatIsKnown() throws Exception {
    Answer answer =
        http.send(
            "OPTIONS",
            "/v1/shape",
            "origin",
            "https://a.org",
            "access-control-request-headers",
            "Authorization, x-other, if-none-match");

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.header("access-control-allow-origin")).isEqualTo("https://a.org");
    assertThat(answer.header("access-control-max-age")).isEqualTo("86400");
    assertThat(answer.header("connection")).isEqualTo("keep-alive");
    assertThat(
            answer.header("access-control-allow-headers").toLowerCase(Locale.ROOT).split(", *", -1))
        .containsExactlyInAnyOrder("authorization", "if-none-match");
    assertThat(answer.has("content-type")).isFalse();
  }

  // Protocol 11-1.
  @ParameterizedTest
  @ValueSource(strings = {"x-other", "a, b"})
  void optionsAllowsNothingElse(String asked) throws Exception {
    Answer answer = http.send("OPTIONS", "/v1/shape", "access-control-request-headers", asked);

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.has("access-control-allow-headers")).isFalse();
  }

  // Protocol 0-5, 12-1.
  @Test
  void aServerThatFollowsIsActive() throws Exception {
    Answer answer = http.get("/v1/health");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"status\":\"active\"}");
    assertThat(answer.header("content-type")).startsWith("application/json");
    assertThat(answer.header("cache-control")).isEqualTo("no-cache, no-store, must-revalidate");
  }
}
