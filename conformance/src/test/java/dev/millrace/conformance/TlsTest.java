package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.dev.TrustedCertificate;
import dev.millrace.protocol.WriteResult;
import dev.millrace.server.ServerConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that first speaks in clear, then with a certificate on the same folder: HTTPS gives the
 * same answers, and one connection of HTTP/2 holds many streams (protocol section 0.2).
 */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class TlsTest {
  private static final int CHUNK_BYTES = 2_000_000;
  private static final int STREAMS = 20;

  @TempDir static Path folder;
  private static SelfSigned certificate;
  private static SyncedDatabase database;

  /** What the server answered in clear, by path. */
  private static final Map<String, Answer> CLEAR = new LinkedHashMap<>();

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    certificate = SelfSigned.in(folder.resolve("tls"), "EC");
    Path data = folder.resolve("data");
    database =
        SyncedDatabase.start(
            postgres, data, Map.of("MILLRACE_CHUNK_BYTES", Integer.toString(CHUNK_BYTES)));
    database.execute(
        "create table works (id int primary key, body text)",
        "create table live (id int primary key)",
        "insert into works select i, repeat('x', 100) from generate_series(1, 20000) i");
    readInClear();
    Awaitility.await().until(() -> hasSealedChunk(data));
    WriteServer.createRoles(postgres);
    database.execute(
        "create table notes (id uuid primary key, title text)",
        "grant select, insert on notes to authenticated");
    database.restartWith(
        Map.of(
            "MILLRACE_JWT_SECRET", Tokens.OURS.secret(),
            "MILLRACE_TLS_CERT", certificate.certificate().toString(),
            "MILLRACE_TLS_KEY", certificate.key().toString()));
  }

  private static void readInClear() throws Exception {
    try (ShapeHttp http = new ShapeHttp(database.server().uri())) {
      ShapeCopy copy = ShapeCopy.of(http, "works");
      database.execute("update works set body = repeat('y', 100)");
      copy.awaitChanges();
      ShapeCopy late = ShapeCopy.of(http, "works");
      String offset = "-1";
      for (Answer answer : late.answers()) {
        keep(http, ShapeHttp.path(late.at(offset)));
        offset = answer.offset();
      }
      keep(http, "/");
      keep(http, "/v1/health");
      keep(http, "/nothing");
      keep(http, "/v1/shape?table=none&offset=-1");
      keep(http, "/v1/shape?table=works&offset=0_0&handle=1-1");
    }
  }

  private static void keep(ShapeHttp http, String path) throws Exception {
    CLEAR.put(path, http.get(path));
  }

  private static boolean hasSealedChunk(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files.anyMatch(file -> file.toString().endsWith(".chunk"));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    database.close();
  }

  private static HttpClient client(Version version) throws Exception {
    return HttpClient.newBuilder()
        .version(version)
        .sslContext(TrustedCertificate.only(certificate.certificate()))
        .build();
  }

  private static ShapeHttp https(Version version) throws Exception {
    return new ShapeHttp(database.server().uri(), client(version));
  }

  private static BufferedReader reader(HttpResponse<InputStream> response) {
    return new BufferedReader(new InputStreamReader(response.body(), UTF_8));
  }

  /** Without those that differ from answer to answer, or belong to a connection of HTTP/1.1. */
  private static Map<String, List<String>> steadyHeaders(Answer answer) {
    Map<String, List<String>> headers = new HashMap<>(answer.headers());
    List.of("x-request-id", ":status", "connection", "transfer-encoding").forEach(headers::remove);
    return headers;
  }

  /** Without the position up to which the server has seen everything, which moves on. */
  private static String steadyBody(Answer answer) {
    return answer.body().replaceAll("global_last_seen_lsn\":\"[0-9]+", "");
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void theAnswersAreThoseInClear(Version version) throws Exception {
    assertThat(CLEAR.values()).anyMatch(answer -> answer.body().length() > CHUNK_BYTES);
    assertThat(CLEAR.values()).anyMatch(Answer::isUpToDate);
    try (ShapeHttp https = https(version)) {
      for (var asked : CLEAR.entrySet()) {
        Answer answer = https.get(asked.getKey());

        assertThat(answer.status()).isEqualTo(asked.getValue().status());
        assertThat(steadyHeaders(answer)).isEqualTo(steadyHeaders(asked.getValue()));
        assertThat(steadyBody(answer).equals(steadyBody(asked.getValue())))
            .as(asked.getKey())
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void theClientChoosesTheProtocol(Version version) throws Exception {
    try (ShapeHttp https = https(version)) {
      HttpResponse<InputStream> response = https.stream("table", "works", "offset", "now");

      assertThat(response.version()).isEqualTo(version);
      assertThat(response.body().readAllBytes()).asString(UTF_8).contains("up-to-date");
    }
  }

  /** The body is larger than any window, so that a refusal comes before it is sent. */
  @ParameterizedTest
  @EnumSource(Version.class)
  void writesAreTakenOnceTheirSenderIsKnown(Version version) throws Exception {
    String id = WriteServer.newId();
    String body = WriteServer.batch(WriteServer.insert(id, "Emma")) + " ".repeat(2_000_000);
    try (ShapeHttp https = https(version)) {
      Answer good = https.post(WriteServer.PATH, body, "authorization", Tokens.OURS.bearer("ada"));
      Answer bad = https.post(WriteServer.PATH, body, "authorization", "Bearer x");
      Answer again = https.post(WriteServer.PATH, body, "authorization", Tokens.OURS.bearer("ada"));

      assertThat(good.status()).as(good.body()).isEqualTo(200);
      assertThat(bad.status()).isEqualTo(401);
      assertThat(WriteServer.read(again).results().getFirst().status())
          .isEqualTo(WriteResult.Status.DUPLICATE);
      assertThat(database.query("select title from notes where id = '%s'".formatted(id)))
          .isEqualTo("Emma");
    }
  }

  @Test
  void headHasTheHeadersOfGetAndNoBodyOnHttp2() throws Exception {
    try (ShapeHttp https = https(Version.HTTP_2)) {
      for (var asked : CLEAR.entrySet()) {
        Answer head = https.send("HEAD", asked.getKey());

        assertThat(head.status()).isEqualTo(asked.getValue().status());
        assertThat(steadyHeaders(head)).isEqualTo(steadyHeaders(asked.getValue()));
        assertThat(head.body()).isEmpty();
      }
    }
  }

  @Test
  void whatBelongsToAConnectionIsNotSaidOnHttp2() throws Exception {
    try (ShapeHttp https = https(Version.HTTP_2)) {
      ShapeCopy copy = ShapeCopy.of(https, "live");
      HttpResponse<InputStream> stream =
          https.stream(copy.next("live", "true", "live_sse", "true"));
      try (InputStream body = stream.body()) {
        Answer preflight = https.send("OPTIONS", "/v1/shape");

        assertThat(body).isNotNull();
        assertThat(stream.headers().map()).doesNotContainKeys("connection", "transfer-encoding");
        assertThat(stream.headers().firstValue("content-type")).contains("text/event-stream");
        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.headers()).doesNotContainKeys("connection", "keep-alive");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void aLongPollAnswersWhenAChangeComes(Version version) throws Exception {
    try (ShapeHttp https = https(version)) {
      ShapeCopy copy = ShapeCopy.of(https, "live");
      var waiting = https.shapeLater(copy.next("live", "true"));

      database.execute("insert into live select coalesce(max(id), 0) + 1 from live");

      assertThat(waiting.get().changes()).hasSize(1);
    }
  }

  @Test
  void twentyEventStreamsShareOneConnection() throws Exception {
    try (ShapeHttp https = https(Version.HTTP_2)) {
      ShapeCopy copy = ShapeCopy.of(https, "live");
      long before = connections();
      List<BufferedReader> streams = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        streams.add(reader(https.stream(copy.next("live", "true", "live_sse", "true"))));
      }
      assertThat(connections()).isEqualTo(before);

      database.execute("insert into live values (1000)");

      for (BufferedReader stream : streams) {
        assertThat(stream.readLine()).startsWith("data: {").contains("\"id\":\"1000\"");
        stream.close();
      }
      assertThat(https.get("/v1/health").status()).isEqualTo(200);
    }
  }

  /** That the server has, as the kernel tells. */
  private static long connections() throws IOException {
    String port = ":%04X".formatted(database.server().port());
    long count = 0;
    for (String list : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      count +=
          Files.readAllLines(Path.of(list)).stream()
              .map(line -> line.strip().split("\\s+", -1))
              .filter(fields -> fields[1].endsWith(port) && fields[3].equals("01"))
              .count();
    }
    return count;
  }

  @Test
  void aRequestInClearGetsNoAnswer() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), database.server().port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write("GET / HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(UTF_8));

      assertThat(socket.getInputStream().readAllBytes()).asString(UTF_8).doesNotContain("HTTP");
    }
  }

  private static Map<String, String> settings(String... further) {
    Map<String, String> settings =
        new HashMap<>(Map.of("DATABASE_URL", "postgresql://u@h/d", "MILLRACE_INSECURE", "true"));
    for (int i = 0; i < further.length; i += 2) {
      settings.put(further[i], further[i + 1]);
    }
    return settings;
  }

  private static void assertRefused(String message, Path certificateFile, Path keyFile) {
    assertThatThrownBy(() ->
            ServerConfig.read(
                settings(
                    "MILLRACE_TLS_CERT", certificateFile.toString(),
                    "MILLRACE_TLS_KEY", keyFile.toString())))
        .hasMessageContaining(message);
  }

  @Test
  void certificateAndKeyGoTogether() {
    assertThatThrownBy(() -> ServerConfig.read(settings("MILLRACE_TLS_CERT", "cert.pem")))
        .hasMessageContaining("MILLRACE_TLS_CERT is set without MILLRACE_TLS_KEY");
    assertThatThrownBy(() -> ServerConfig.read(settings("MILLRACE_TLS_KEY", "key.pem")))
        .hasMessageContaining("MILLRACE_TLS_KEY is set without MILLRACE_TLS_CERT");
  }

  @Test
  void aFileThatIsNoCertificateOrKeyIsNamed() throws Exception {
    Path none = folder.resolve("none.pem");
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");
    Path other = Files.writeString(folder.resolve("other.pem"), "-----BEGIN EC PRIVATE KEY-----");

    assertRefused("MILLRACE_TLS_CERT cannot be used: there is no file", none, certificate.key());
    assertRefused("MILLRACE_TLS_CERT cannot be used", empty, certificate.key());
    assertRefused("MILLRACE_TLS_CERT cannot be used", certificate.key(), certificate.key());
    assertRefused(
        "MILLRACE_TLS_KEY cannot be used: there is no file", certificate.certificate(), none);
    assertRefused("openssl pkcs8", certificate.certificate(), other);
  }

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA", "Ed25519"})
  void theKeyMustBeThatOfTheCertificate(String algorithm) throws Exception {
    SelfSigned other = SelfSigned.in(folder.resolve(algorithm), algorithm);

    ServerConfig config =
        ServerConfig.read(
            settings(
                "MILLRACE_TLS_CERT", other.certificate().toString(),
                "MILLRACE_TLS_KEY", other.key().toString()));

    assertThat(config.http().tls()).isPresent();
    assertThat(config.toString()).doesNotContain("PrivateKey");
    assertRefused("MILLRACE_TLS_KEY cannot be used", other.certificate(), certificate.key());
  }
}
