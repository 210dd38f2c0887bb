package dev.millrace.server.http;

import static dev.millrace.server.http.EchoServer.rest;
import static dev.millrace.server.http.EchoServer.until;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as they come over a socket: bodies, pipelines, and what is no request. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class HttpConnectionTest {

  private static final String CLOSE = "connection: close";
  private static final String LAST = head("GET /last", CLOSE);
  private static final String EXPECT = "expect: 100-continue";
  private static final int MAX = IncomingRequest.MAX_BODY_BYTES;

  private static EchoServer server;

  @BeforeAll
  static void start() throws IOException {
    server = EchoServer.start();
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  private static String head(String start, String... headers) {
    return Stream.concat(Stream.of(start + " HTTP/1.1", "host: x"), Stream.of(headers))
        .collect(Collectors.joining("\r\n", "", "\r\n\r\n"));
  }

  private static String post(String path, String body) {
    return head("POST " + path, "content-length: " + body.length()) + body;
  }

  @Test
  void aBodyIsThereWholeHoweverItComes() throws Exception {
    String request = post("/a", "one two three") + LAST;
    String[] bytes = request.split("");

    assertThat(server.send(bytes)).contains("<POST /a 13 one two three>", "<GET /last 0 >");
  }

  @Test
  void aBodyOfUnknownLengthIsThereWhole() throws Exception {
    String answer =
        server.send(
            head("POST /a", CLOSE, "transfer-encoding: chunked"),
            "4\r\none ",
            "\r\n3\r\ntwo\r\n",
            "0\r\n\r\n");

    assertThat(answer).contains("<POST /a 7 one two>");
  }

  @Test
  void aPostWithoutABodyHasAnEmptyOne() throws Exception {
    assertThat(server.send(head("POST /a", CLOSE))).contains("<POST /a 0 >");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "DELETE", "PUT"})
  void theBodyOfAnotherMethodIsDropped(String method) throws Exception {
    String first = head(method + " /a", "content-length: 5") + "hello";

    assertThat(server.send(first + LAST)).contains("<" + method + " /a 0 >", "<GET /last 0 >");
  }

  @Test
  void aBodyMayHaveEightMillionBytes() throws Exception {
    String answers = server.send(post("/a", "x".repeat(MAX)), LAST);

    assertThat(answers).contains("<POST /a 8000000 >", "<GET /last 0 >");
  }

  // Protocol 0-11, 8-7.
  @Test
  void aLargerBodyIsRefusedBeforeItIsSent() throws Exception {
    String answer = server.send(head("POST /a", "content-length: " + (MAX + 1)));

    assertThat(answer)
        .startsWith("HTTP/1.1 413")
        .contains("content-type: application/json; charset=utf-8\r\n", "connection: close\r\n")
        .endsWith("\r\n\r\n{\"error\":\"Request body too large\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "GET"})
  void aLargerBodyOfUnknownLengthIsRefusedWhenItIsTooLong(String method) throws Exception {
    try (Socket socket = server.connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(head(method + " /a", "transfer-encoding: chunked").getBytes(ISO_8859_1));
      byte[] chunk = ("F4240\r\n" + "x".repeat(1_000_000) + "\r\n").getBytes(ISO_8859_1);
      for (int i = 0; i < 10; i++) {
        out.write(chunk);
      }

      assertThat(rest(socket))
          .startsWith("HTTP/1.1 413")
          .endsWith("{\"error\":\"Request body too large\"}");
    }
  }

  @Test
  void aRefusedBodyIsNoRequest() throws Exception {
    String answers =
        server.send(
            head("GET /first"), head("POST /a", "content-length: 9000000"), head("GET /inside"));

    assertThat(answers).containsSubsequence("<GET /first 0 >", "HTTP/1.1 413");
    assertThat(answers).doesNotContain("inside");
  }

  // Protocol 0-11.
  @Test
  void aClientThatAsksBeforeItSendsIsToldToGoOn() throws Exception {
    try (Socket socket = server.connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(head("POST /a", CLOSE, "content-length: 5", EXPECT).getBytes(ISO_8859_1));
      assertThat(until(socket, "\r\n\r\n")).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");

      out.write("hello".getBytes(ISO_8859_1));

      assertThat(rest(socket)).startsWith("HTTP/1.1 200").endsWith("<POST /a 5 hello>");
    }
  }

  @Test
  void aClientThatAsksBeforeItSendsTooMuchIsRefused() throws Exception {
    String answer = server.send(head("POST /a", "content-length: 8000001", EXPECT));

    assertThat(answer).startsWith("HTTP/1.1 413");
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrderWithTheirBodies() throws Exception {
    String answers =
        server.send(
            post("/1", "one")
                + head("GET /2")
                + post("/3", "x".repeat(1_000_000))
                + post("/4", "four")
                + LAST);

    assertThat(answers)
        .containsSubsequence(
            "<POST /1 3 one>", "<GET /2 0 >", "<POST /3 1000000 >", "<POST /4 4 four>", "/last");
  }

  @Test
  void aHeadBehindAnAnnouncedBodyHasNoBody() throws Exception {
    String answers =
        server.send(head("POST /1", "content-length: 3", EXPECT) + "one" + head("HEAD /2") + LAST);

    assertThat(answers)
        .containsSubsequence("100 Continue", "<POST /1 3 one>", "<GET /last 0 >")
        .doesNotContain("<HEAD");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gibberish",
        "GET / HTTP/1.1\r\nno colon",
        "GET / HTTP/1.1\r\n: no name",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz",
        "POST / HTTP/1.1\r\ncontent-length: many",
        "POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2"
      })
  void whatIsNoRequestIsNamed(String sent) throws Exception {
    assertThat(server.send(sent + "\r\n\r\n" + LAST))
        .startsWith("HTTP/1.1 400")
        .contains("content-type: text/plain; charset=utf-8\r\n", "cache-control: no-store\r\n")
        .endsWith("\r\n\r\nThis is not a request of HTTP/1.1.");
  }

  @Test
  void aLongRequestLineIsNamed() throws Exception {
    assertThat(server.send(head("GET /" + "x".repeat(10_000))))
        .startsWith("HTTP/1.1 414")
        .contains("content-type: text/plain; charset=utf-8\r\n")
        .endsWith("\r\n\r\nThe request line has more than 10000 bytes.");
  }

  @Test
  void largeHeadersAreNamed() throws Exception {
    assertThat(server.send(head("GET /", "x: " + "x".repeat(17_000))))
        .startsWith("HTTP/1.1 431")
        .contains("content-type: text/plain; charset=utf-8\r\n")
        .endsWith("\r\n\r\nThe headers have more than 16384 bytes.");
  }

  @Test
  void aClientOfHttp10IsAnsweredAndTheConnectionCloses() throws Exception {
    assertThat(server.send("GET /old HTTP/1.0\r\n\r\n"))
        .contains("connection: close\r\n")
        .endsWith("<GET /old 0 >");
  }
}
