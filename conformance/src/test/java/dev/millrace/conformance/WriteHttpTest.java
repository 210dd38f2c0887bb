package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.WriteAnswer;
import dev.millrace.protocol.WriteResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 14: what {@code POST /api/writes/batch} takes, and how it answers. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class WriteHttpTest {

  private static final int MAX_BYTES = 100_000;
  private static final int MAX_CHANGES = 20;
  private static final String JSON = "application/json";

  @TempDir static Path folder;
  private static WriteServer server;

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    server =
        WriteServer.start(
            postgres,
            folder.resolve("writes"),
            "MILLRACE_MAX_BATCH_BYTES",
            Integer.toString(MAX_BYTES),
            "MILLRACE_MAX_BATCH_CHANGES",
            Integer.toString(MAX_CHANGES),
            "MILLRACE_SCHEMA_VERSIONS",
            "0-7",
            "MILLRACE_WRITE_TIMEOUT",
            "1");
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static Answer send(byte[] body, String... headers) throws Exception {
    List<String> all = new ArrayList<>(List.of("authorization", Tokens.OURS.bearer("ada")));
    all.addAll(List.of(headers));
    return server.http().post(WriteServer.PATH, body, all.toArray(new String[0]));
  }

  private static void assertRefused(Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    Map<String, ?> body = Json.object(Json.parse(answer.body()));
    assertThat(body.get("code")).isEqualTo(code);
    assertThat(String.valueOf(body.get("error"))).isNotEmpty().doesNotContain("Exception");
    assertThat(answer.header("content-type")).isEqualTo(JSON);
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.header("access-control-allow-origin")).isEqualTo("*");
  }

  // Protocol 14-1, 14-12.
  @Test
  void aWriteIsAppliedAsTheUserAndAnsweredWithItsTransaction() throws Exception {
    String id = WriteServer.newId();

    Answer answer = server.post("ada", WriteServer.batch(WriteServer.insert(id, "Emma")));

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.header("content-type")).isEqualTo(JSON);
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    WriteResult result = WriteServer.read(answer).results().getFirst();
    assertThat(result.status()).isEqualTo(WriteResult.Status.APPLIED);
    assertThat(Json.object(Json.parse(answer.body())).get("applied")).isEqualTo(List.of(id));
    assertThat(Json.object(Json.parse(answer.body())).get("errors")).isEqualTo(List.of());
    assertThat(result.lsn()).isPresent();
    assertThat(
            server
                .database()
                .query("select owner || ' ' || title from notes where id = '" + id + "'"))
        .isEqualTo("ada Emma");
    String txid = result.txid().orElseThrow();
    assertThat(server.database().query("select pg_xact_status('%s')".formatted(txid)))
        .isEqualTo("committed");
  }

  // Protocol 14-2.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "authorization: Basic YWRhOmFkYQ", "authorization: Bearer", "authorization: bearer",
        "authorization: Token %s", "authorization: %s", "cookie: token=%s",
            "x-authorization: Bearer %s"
      })
  void withoutATokenNothingIsTaken(String header) throws Exception {
    String sent = header.formatted(Tokens.OURS.of("ada"));
    String[] headers = sent.isEmpty() ? new String[0] : sent.split(": ", 2);

    Answer answer = server.http().post(WriteServer.PATH, WriteServer.batch(), headers);

    assertRefused(answer, 401, "token_missing");
    assertThat(answer.header("www-authenticate")).isEqualTo("Bearer");
  }

  // Protocol 14-2.
  @ParameterizedTest
  @ValueSource(strings = {"token", "access_token", "jwt", "authorization", "secret"})
  void aTokenInTheAddressIsNone(String parameter) throws Exception {
    for (String value : List.of(Tokens.OURS.of("ada"), WriteServer.SECRET)) {
      Answer answer =
          server.http().post(WriteServer.PATH + "?" + parameter + "=" + value, WriteServer.batch());

      assertRefused(answer, 401, "token_missing");
    }
  }

  // Protocol 14-2.
  @Test
  void twoTokensAreNone() throws Exception {
    String bearer = Tokens.OURS.bearer("ada");

    assertRefused(
        server
            .http()
            .post(
                WriteServer.PATH,
                WriteServer.batch(),
                "authorization",
                bearer,
                "authorization",
                bearer),
        401,
        "token_missing");
  }

  // Protocol 14-3.
  @Test
  void anExpiredTokenIsNamedSoThatAFreshOneIsFetched() throws Exception {
    String expired = Tokens.payload("ada", Instant.now().minusSeconds(120), "");

    Answer answer =
        server
            .http()
            .post(
                WriteServer.PATH,
                WriteServer.batch(),
                "authorization",
                "Bearer " + Tokens.OURS.signed(expired));

    assertRefused(answer, 401, "token_expired");
    assertThat(answer.header("www-authenticate")).isEqualTo("Bearer error=\"invalid_token\"");
  }

  // Protocol 14-4.
  @Test
  void whoSendsIsJudgedBeforeTheBodyIsSent() throws Exception {
    String head =
        """
        POST %s HTTP/1.1\r
        host: x\r
        content-length: 50000\r
        %s\r
        \r
        """;
    String good = "authorization: " + Tokens.OURS.bearer("ada");

    assertThat(server.http().raw(head.formatted(WriteServer.PATH, "x: y")))
        .startsWith("HTTP/1.1 401 ");
    assertThat(server.http().raw(head.formatted("/api//writes/%62atch", "expect: 100-continue")))
        .startsWith("HTTP/1.1 401 ");
    assertThat(server.http().raw(head.formatted(WriteServer.PATH, good + "x")))
        .startsWith("HTTP/1.1 401 ");
    assertThat(
            server
                .http()
                .raw(head.formatted(WriteServer.PATH, good + "\r\ncontent-type: text/plain")))
        .startsWith("HTTP/1.1 415 ");
    assertThat(
            server
                .http()
                .raw(
                    head.replace("50000", "5000000")
                        .formatted(WriteServer.PATH, good + "\r\nexpect: 100-continue")))
        .startsWith("HTTP/1.1 413 ");
  }

  // Protocol 14-4.
  @Test
  void aGoodClientIsToldToSendItsBodyAndKeepsItsConnection() throws Exception {
    String body = WriteServer.batch(WriteServer.insert(WriteServer.newId(), "Persuasion"));
    String head =
        "POST %s HTTP/1.1\r\nhost: x\r\nauthorization: %s\r\ncontent-length: %d\r\n%s\r\n\r\n";
    URI uri = server.database().server().uri();
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      socket.setSoTimeout(20_000);
      String waiting =
          head.formatted(
              WriteServer.PATH, Tokens.OURS.bearer("ada"), body.length(), "expect: 100-continue");
      socket.getOutputStream().write(waiting.getBytes(ISO_8859_1));
      assertThat(readUntil(socket, "\r\n\r\n")).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
      // The body, a request without a token and a good one behind it, in one piece.
      String bad = head.formatted(WriteServer.PATH, "Bearer x", 2, "x: y") + "{}";
      String last =
          head.formatted(
                  WriteServer.PATH, Tokens.OURS.bearer("ada"), body.length(), "connection: close")
              + body;
      socket.getOutputStream().write((body + bad + last).getBytes(ISO_8859_1));
      String answers = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);

      assertThat(answers.split("HTTP/1.1 ", -1))
          .extracting(answer -> answer.substring(0, Math.min(3, answer.length())))
          .containsExactly("", "200", "401", "200");
    }
  }

  private static String readUntil(Socket socket, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        return text + " and no more";
      }
      text.append((char) next);
    }
    return text.toString();
  }

  // Protocol 14-5.
  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "PATCH", "DELETE"})
  void onlyPostIsAnswered(String method) throws Exception {
    Answer answer = server.http().send(method, WriteServer.PATH);

    assertRefused(answer, 405, "method_not_allowed");
    assertThat(answer.header("allow")).isEqualTo("POST, OPTIONS");
  }

  // Protocol 14-1.
  @ParameterizedTest
  @ValueSource(strings = {"/api/writes", "/api/writes/batch/x", "/api/writes/Batch", "/api"})
  void otherPathsAreNotFound(String path) throws Exception {
    assertThat(server.http().post(path, WriteServer.batch()).status()).isEqualTo(404);
  }

  // Protocol 14-6.
  @ParameterizedTest
  @CsvSource({
    "content-type, text/plain, unsupported_media_type",
    "content-type, application/x-www-form-urlencoded, unsupported_media_type",
    "content-type, application/jsonp, unsupported_media_type",
    "content-encoding, br, unsupported_encoding",
    "content-encoding, deflate, unsupported_encoding",
    "content-encoding, 'gzip, gzip', unsupported_encoding",
    "content-encoding, gzip2, unsupported_encoding"
  })
  void otherBodiesAreNotTaken(String header, String value, String code) throws Exception {
    Answer answer = send(WriteServer.batch().getBytes(UTF_8), header, value);

    assertRefused(answer, 415, code);
    assertThat(answer.has("accept-post") || answer.has("accept-encoding")).isTrue();
  }

  // Protocol 14-6.
  @ParameterizedTest
  @ValueSource(strings = {"identity", "gzip", "GZIP", "x-gzip", "zstd"})
  void aBodyMayBePacked(String encoding) throws Exception {
    String id = WriteServer.newId();
    byte[] body = WriteServer.batch(WriteServer.insert(id, "Ärger")).getBytes(UTF_8);

    Answer answer =
        send(
            pack(body, encoding),
            "content-encoding",
            encoding,
            "content-type",
            "Application/JSON; charset=utf-8");

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(server.title(id)).isEqualTo("Ärger");
  }

  private static byte[] pack(byte[] body, String encoding) throws IOException {
    return switch (encoding) {
      case "identity" -> body;
      case "zstd" -> Zstd.compress(body);
      default -> {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
          out.write(body);
        }
        yield packed.toByteArray();
      }
    };
  }

  // Protocol 14-7.
  @Test
  void whatIsTooLargeIsRefusedHoweverItComes() throws Exception {
    byte[] large = (" ".repeat(MAX_BYTES - 14) + WriteServer.batch() + " ").getBytes(UTF_8);
    assertThat(large).hasSize(MAX_BYTES + 1);
    String[] headers = {"authorization", Tokens.OURS.bearer("ada")};

    assertRefused(send(large), 413, "batch_too_large");
    assertRefused(
        server.http().postInParts(WriteServer.PATH, large, headers), 413, "batch_too_large");
    assertRefused(send(pack(large, "gzip"), "content-encoding", "gzip"), 413, "batch_too_large");
    assertRefused(send(pack(large, "zstd"), "content-encoding", "zstd"), 413, "batch_too_large");
    byte[] right = (" ".repeat(MAX_BYTES - 14) + WriteServer.batch()).getBytes(UTF_8);
    assertThat(send(right).status()).isEqualTo(200);
    assertThat(send(pack(right, "gzip"), "content-encoding", "gzip").status()).isEqualTo(200);
    assertThat(send(pack(right, "zstd"), "content-encoding", "zstd").status()).isEqualTo(200);
  }

  /**
   * A gigabyte of blanks, packed: 1 MB as gzip would be too large by itself, so layered by parts.
   */
  // Protocol 14-7.
  @Test
  void aBombDoesNotGoOff() throws Exception {
    byte[] blanks = new byte[1 << 20];
    ByteArrayOutputStream zstd = new ByteArrayOutputStream();
    try (OutputStream out = new ZstdOutputStream(zstd, 3)) {
      for (int i = 0; i < 1024; i++) {
        out.write(blanks);
      }
    }
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(gzip)) {
      for (int i = 0; i < 90; i++) {
        out.write(blanks);
      }
    }
    assertThat(zstd.size()).isLessThan(MAX_BYTES);
    assertThat(gzip.size()).isLessThan(MAX_BYTES);

    for (int i = 0; i < 20; i++) {
      assertRefused(send(zstd.toByteArray(), "content-encoding", "zstd"), 413, "batch_too_large");
      assertRefused(send(gzip.toByteArray(), "content-encoding", "gzip"), 413, "batch_too_large");
    }
  }

  // Protocol 14-7.
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd"})
  void whatCannotBeUnpackedIsRefused(String encoding) throws Exception {
    byte[] packed = pack(WriteServer.batch().getBytes(UTF_8), encoding);
    byte[] cut = java.util.Arrays.copyOf(packed, packed.length - 5);
    byte[] damaged = packed.clone();
    damaged[damaged.length / 2] ^= 0x55;

    for (byte[] body : List.of(cut, damaged, new byte[] {1, 2, 3}, new byte[0])) {
      Answer answer = send(body, "content-encoding", encoding);

      assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    }
  }

  // Protocol 14-8.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                      | ``",
        "nonsense                | ``",
        "[]                      | ``",
        "{}                      | /changes",
        "{\"changes\":7}         | /changes",
        "{\"changes\":[7]}       | /changes/0",
        "{\"changes\":[{}]}      | /changes/0/id",
        "{\"changes\":[],\"changes\":[]} | /changes",
        "{\"changes\":[],\"client_id\":{}} | /client_id",
        "{\"changes\":[{\"id\":\"a\",\"payload\":{\"x\":[tru]}}]} | /changes/0/payload/x/0"
      })
  void whatIsNoBatchIsRefusedWithThePlace(String body, String pointer) throws Exception {
    Answer answer = send(body.getBytes(UTF_8));

    assertRefused(answer, 400, "invalid_batch");
    assertThat(Json.object(Json.parse(answer.body())).get("pointer")).isEqualTo(pointer);
  }

  // Protocol 14-8.
  @Test
  void tooManyAndTooDeepIsRefusedWithThePlace() throws Exception {
    String one = WriteServer.insert(WriteServer.newId(), "x");
    String[] many = new String[MAX_CHANGES + 1];
    java.util.Arrays.fill(many, one);
    String deep =
        WriteServer.batch(
            WriteServer.change(
                WriteServer.newId(),
                "insert",
                "{\"title\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}"));

    Answer tooMany = server.post("ada", WriteServer.batch(many));
    Answer tooDeep = server.post("ada", deep);

    assertRefused(tooMany, 400, "invalid_batch");
    assertThat(tooMany.body()).contains("\"pointer\":\"/changes\"").contains("at most 20");
    assertRefused(tooDeep, 400, "invalid_batch");
    assertThat(tooDeep.body()).contains("\"pointer\":\"/changes/0/payload/title/0/0");
  }

  // Protocol 14-9.
  @Test
  void aChangeThatIsNoneStopsOnlyThoseOfItsTx() throws Exception {
    String good = WriteServer.newId();
    String bad = WriteServer.newId();
    String grouped = WriteServer.newId();
    String group = "{\"id\":\"%s\",\"table\":\"notes\",\"op\":\"%s\",\"payload\":{},\"tx\":\"t\"}";

    Answer answer =
        server.post(
            "ada",
            WriteServer.batch(
                group.formatted(grouped, "insert"),
                group.formatted(bad, "upsert"),
                WriteServer.insert(good, "Emma")));

    assertThat(answer.status()).isEqualTo(200);
    WriteAnswer results = WriteServer.read(answer);
    assertThat(results.results())
        .extracting(
            result -> result.id() + " " + result.error().map(error -> error.code()).orElse("-"))
        .containsExactlyInAnyOrder(good + " -", bad + " invalid_change", grouped + " tx_failed");
    assertThat(answer.body()).contains("/changes/1/op: must be insert, update or delete");
    assertThat(server.title(good)).isEqualTo("Emma");
  }

  // Protocol 14-10.
  @Test
  void anApplicationOfAnotherSchemaIsToldSo() throws Exception {
    assertRefused(
        server.post("ada", "{\"schema_version\":8,\"changes\":[]}"), 409, "schema_too_new");
    assertThat(server.post("ada", "{\"schema_version\":7,\"changes\":[]}").status()).isEqualTo(200);
  }

  // Protocol 14-13.
  @Test
  void aPageOfAnotherOriginMayWrite() throws Exception {
    Answer preflight =
        server
            .http()
            .send(
                "OPTIONS",
                WriteServer.PATH,
                "origin",
                "https://app.example",
                "access-control-request-method",
                "POST",
                "access-control-request-headers",
                "authorization,content-type,content-encoding,x-other");
    Answer refused =
        server.http().post(WriteServer.PATH, WriteServer.batch(), "origin", "https://app.example");

    assertThat(preflight.status()).isEqualTo(204);
    assertThat(preflight.header("access-control-allow-origin")).isEqualTo("https://app.example");
    assertThat(preflight.header("access-control-allow-methods")).isEqualTo("POST, OPTIONS");
    assertThat(preflight.header("access-control-allow-headers"))
        .isEqualTo("authorization,content-type,content-encoding");
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.header("access-control-allow-origin")).isEqualTo("https://app.example");
    assertThat(refused.header("access-control-expose-headers")).contains("retry-after");
  }

  // Protocol 14-11.
  @Test
  void aBodyThatDoesNotComeIsGivenUp() throws Exception {
    String head =
        "POST %s HTTP/1.1\r\nhost: x\r\nauthorization: %s\r\ncontent-length: 1000\r\n\r\n{\"ch"
            .formatted(WriteServer.PATH, Tokens.OURS.bearer("eve"));

    String answer = server.http().raw(head);

    assertThat(answer).startsWith("HTTP/1.1 408 ");
    assertThat(server.post("eve", WriteServer.batch()).status()).isEqualTo(200);
  }

  // Protocol 13-3, 14-14.
  @Test
  void whatIsWrittenIsCountedAndEachBatchHasALineWithoutItsContent() throws Exception {
    String id = WriteServer.newId();
    String body =
        "{\"client_id\":\"device-7\\nERROR x=\\\"y\",\"changes\":[%s]}"
            .formatted(WriteServer.insert(id, "a secret of grace"));
    Map<String, Double> before = MetricsTest.metrics(server.http());

    Answer answer = server.post("grace", body);
    server.http().post(WriteServer.PATH, body);

    Map<String, Double> after = MetricsTest.metrics(server.http());
    String txid = WriteServer.read(answer).results().getFirst().txid().orElseThrow();
    assertThat(server.database().server().log())
        .containsPattern(
            "write batch .*subject=\\W*grace\\W.*client=\"device-7.ERROR x=.y\" .*applied=\\W*1\\W.*txid=\\W*"
                + txid)
        .doesNotContain("a secret of grace")
        .doesNotContain(Tokens.OURS.secret());
    assertThat(
            MetricsTest.grown(
                "millrace_write_changes_total{code=\"\",result=\"applied\"}", before, after))
        .isEqualTo(1);
    assertThat(MetricsTest.grown("millrace_write_batch_seconds_count", before, after)).isEqualTo(1);
    assertThat(
            MetricsTest.grown(
                "millrace_write_batches_refused_total{code=\"token_missing\"}", before, after))
        .isEqualTo(1);
    assertThat(MetricsTest.grown("millrace_tokens_refused_total{cause=\"missing\"}", before, after))
        .isEqualTo(1);
  }

  // Protocol 0.1-6.
  @Test
  void aTokenShowsTheRowsOfItsUserAndASecretAll() throws Exception {
    String path = "/v1/shape?table=notes&offset=-1";
    server.post("bob", WriteServer.batch(WriteServer.insert(WriteServer.newId(), "of Bob")));
    String bearer = Tokens.OURS.bearer("ada");

    assertThat(server.http().get(path).status()).isEqualTo(401);
    for (String query : List.of("", "&secret=wrong", "&secret=")) {
      for (String method : List.of("GET", "POST")) {
        Answer answer = server.http().send(method, path + query, "authorization", bearer);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).doesNotContain("of Bob");
      }
      assertThat(server.http().send("DELETE", path + query, "authorization", bearer).status())
          .isEqualTo(405);
    }
    assertThat(
            server
                .http()
                .get(path + "&secret=" + WriteServer.SECRET, "authorization", bearer)
                .body())
        .contains("of Bob");
  }
}
