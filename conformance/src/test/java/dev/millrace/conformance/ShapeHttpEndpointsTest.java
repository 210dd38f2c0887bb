package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 0. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpEndpointsTest {

  private final ShapeServer server;
  private final ShapeHttp http;

  ShapeHttpEndpointsTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  // Protocol 0-6, 0-14.
  @Test
  void theRootIsEmpty() throws Exception {
    Answer answer = http.get("/");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.header("cache-control")).isEqualTo("max-age=0, private, must-revalidate");
  }

  // Protocol 0-7, 0-14.
  @ParameterizedTest
  @ValueSource(strings = {"/nothing", "/v1", "/v1/shapes", "/v1/shape/x", "/V1/shape"})
  void whatIsNotThereIsNotFound(String path) throws Exception {
    Answer answer = http.get(path);

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.body()).isEqualTo("Not found");
    assertThat(answer.header("cache-control")).isEqualTo("max-age=0, private, must-revalidate");
  }

  // Protocol 0-8.
  @ParameterizedTest
  @ValueSource(strings = {"//v1//%73hape/", "/v1/shape/", "/v1%2Fshape"})
  void pathsAreComparedDecodedAndWithoutEmptySegments(String path) throws Exception {
    String answer = http.raw(request(path + "?table=items&offset=-1"));

    assertThat(answer).startsWith("HTTP/1.1 200").contains("electric-handle");
  }

  // Protocol 0-14, 8-3.
  @ParameterizedTest
  @ValueSource(strings = {"/%zz", "/v1/shape?table=%zz", "/v1/shape?table=%f"})
  void anUndecodableUrlIsABadRequest(String path) throws Exception {
    String answer = http.raw(request(path));

    assertThat(answer)
        .startsWith("HTTP/1.1 400")
        .contains("cache-control: max-age=0, private, must-revalidate")
        .endsWith("\r\n\r\nBad request");
  }

  // Protocol 0-11, 8-3.
  @Test
  void whatIsNotHttpIsABadRequest() throws Exception {
    assertThat(http.raw("gibberish\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .endsWith("\r\n\r\nThis is not a request of HTTP/1.1.");
  }

  // Protocol 0-9, 0-10.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/nothing",
        "/v1/health",
        ShapeServer.ITEMS,
        "/v1/shape",
        "/v1/shape?table=none&offset=-1"
      })
  void everyAnswerNamesTheServerTheRequestAndItsLength(String path) throws Exception {
    Answer answer = http.get(path);

    assertThat(answer.header("electric-server")).matches("Millrace/\\S+");
    assertThat(answer.header("x-request-id")).matches("[A-Za-z0-9+/=_-]{20,200}");
    if (!answer.has("transfer-encoding")) {
      assertThat(answer.header("content-length"))
          .isEqualTo(Integer.toString(answer.body().getBytes(StandardCharsets.UTF_8).length));
    }
  }

  // Protocol 0-9.
  @Test
  void aGoodRequestIdIsKept() throws Exception {
    for (String id : List.of("abcdefghij0123456789", "A+/=_-".repeat(10), "x".repeat(200))) {
      assertThat(http.get("/", "x-request-id", id).header("x-request-id")).isEqualTo(id);
    }
  }

  // Protocol 0-9.
  @Test
  void aBadRequestIdIsReplaced() throws Exception {
    for (String id : List.of("short", "x".repeat(201), "spaces in it 0123456789")) {
      assertThat(http.get("/", "x-request-id", id).header("x-request-id"))
          .isNotEqualTo(id)
          .hasSizeGreaterThanOrEqualTo(20);
    }
  }

  // Protocol 0-1, 0-5, 0-6.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/nothing",
        "/v1/health",
        ShapeServer.ITEMS,
        "/v1/shape",
        "/v1/shape?table=none&offset=-1",
        "/v1/shape?table=items&offset=0_inf&handle=1-1"
      })
  void headHasTheHeadersOfGetAndNoBody(String path) throws Exception {
    server.copy("items");
    Answer get = http.get(path);

    Answer head = http.send("HEAD", path);

    assertThat(head.status()).isEqualTo(get.status());
    assertThat(head.steadyHeaders()).isEqualTo(get.steadyHeaders());
    assertThat(head.body()).isEmpty();
  }

  // Protocol 0-11.
  @Test
  void aRequestLineMayHaveTenThousandBytes() throws Exception {
    String line = "GET /?" + "x".repeat(10_000 - "GET /? HTTP/1.1".length()) + " HTTP/1.1";

    assertThat(http.raw(line + "\r\nhost: x\r\nconnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
  }

  // Protocol 0-11, 8-8.
  @Test
  void aLongerRequestLineIsRefused() throws Exception {
    String line = "GET /?" + "x".repeat(10_000) + " HTTP/1.1";

    assertThat(http.raw(line + "\r\nhost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 414")
        .endsWith("\r\n\r\nThe request line has more than 10000 bytes.");
  }

  // Protocol 0-11, 8-8.
  @Test
  void longerHeadersAreRefused() throws Exception {
    String headers = "x-long: " + "x".repeat(17 * 1024) + "\r\n";

    assertThat(http.raw("GET / HTTP/1.1\r\nhost: x\r\n" + headers + "\r\n"))
        .startsWith("HTTP/1.1 431")
        .endsWith("\r\n\r\nThe headers have more than 16384 bytes.");
  }

  // Protocol 0-11.
  @Test
  void aBodyIsReadAndDropped() throws Exception {
    String body = "GET /nothing HTTP/1.1\r\n\r\n";
    String first =
        "GET / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n".formatted(body.length());

    String answers = http.raw(first + body + request("/v1/health"));

    assertThat(answers.split("HTTP/1.1 ", -1)).hasSize(3);
    assertThat(answers).contains("active").doesNotContain("Not found");
  }

  // Protocol 0-12.
  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    String wait = "GET %s HTTP/1.1\r\nhost: x\r\n\r\n";

    ShapeCopy copy = server.copy("items");
    String answers =
        http.raw(
            wait.formatted(ShapeHttp.path(copy.next("live", "true")))
                + wait.formatted("/nothing")
                + request("/v1/health"));

    assertThat(answers.indexOf("up-to-date\"")).isPositive();
    assertThat(answers.indexOf("Not found")).isGreaterThan(answers.indexOf("up-to-date\""));
    assertThat(answers.indexOf("active")).isGreaterThan(answers.indexOf("Not found"));
  }

  // Protocol 0-13.
  @ParameterizedTest
  @ValueSource(
      strings = {
        ShapeServer.ITEMS,
        "/v1/shape",
        "/v1/health",
        "/v1/shape?table=items&offset=0_0&handle=1-1"
      })
  void anyOriginMayReadTheAnswer(String path) throws Exception {
    Answer plain = http.get(path);
    Answer asked = http.get(path, "origin", "https://example.org");
    Answer askedTwice = http.get(path, "origin", "https://a.org", "origin", "https://b.org");

    assertThat(plain.header("access-control-allow-origin")).isEqualTo("*");
    assertThat(asked.header("access-control-allow-origin")).isEqualTo("https://example.org");
    assertThat(askedTwice.header("access-control-allow-origin")).isEqualTo("*");
    assertThat(plain.header("access-control-allow-methods"))
        .isEqualTo(path.contains("health") ? "GET, HEAD" : "GET, POST, HEAD, DELETE, OPTIONS");
    assertThat(plain.header("access-control-expose-headers"))
        .isEqualTo(
            "electric-cursor,electric-handle,electric-has-data,electric-offset,electric-schema,"
                + "electric-up-to-date,electric-internal-known-error,retry-after");
  }

  // Protocol 0-7, 8-4.
  @ParameterizedTest
  @CsvSource({
    "PUT, /v1/shape",
    "PATCH, /v1/shape?offset=x",
    "POST, /v1/health",
    "OPTIONS, /v1/health",
    "DELETE, /",
    "POST, /"
  })
  void otherMethodsFindNothing(String method, String path) throws Exception {
    Answer answer = http.send(method, path);

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.body()).isEqualTo("Not found");
  }

  private static String request(String path) {
    return "GET " + path + " HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
  }
}
