package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Protocol section 14: how many writes are taken in at once, of one user and of all. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class WriteAdmissionTest {

  @TempDir static Path folder;
  private static WriteServer server;

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    server =
        WriteServer.start(
            postgres,
            folder.resolve("writes"),
            "MILLRACE_MAX_WRITES_PER_USER",
            "2",
            "MILLRACE_MAX_WRITES",
            "3");
    // What is read once of the catalogue is read now.
    assertThat(server.post("ada", WriteServer.batch()).status()).isEqualTo(200);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static CompletableFuture<Answer> writeLater(String user) {
    return server
        .http()
        .postLater(
            WriteServer.PATH,
            WriteServer.batch(WriteServer.insert(WriteServer.newId(), "x")),
            "authorization",
            Tokens.OURS.bearer(user));
  }

  private static void awaitActive(double count) {
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(MetricsTest.metrics(server.http()))
                .containsEntry("millrace_write_batches_active", count));
  }

  private static void assertPutOff(Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains("\"code\":\"%s\"".formatted(code));
    assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(1, 10);
    assertThat(answer.header("access-control-expose-headers")).contains("retry-after");
  }

  // Protocol 14-17.
  @Test
  void oneUserDoesNotKeepTheOthersOutAndAllTogetherAreBounded() throws Exception {
    List<CompletableFuture<Answer>> waiting = new ArrayList<>();
    try (Connection connection = server.database().connect();
        Statement statement = connection.createStatement()) {
      statement.execute("begin; lock table notes in share mode");
      waiting.add(writeLater("ada"));
      waiting.add(writeLater("ada"));
      awaitActive(2);

      assertPutOff(server.post("ada", WriteServer.batch()), 429, "too_many_writes");
      waiting.add(writeLater("bob"));
      awaitActive(3);
      assertPutOff(server.post("carol", WriteServer.batch()), 503, "overloaded");
      statement.execute("rollback");
    }

    for (CompletableFuture<Answer> answer : waiting) {
      assertThat(answer.get(30, TimeUnit.SECONDS).status()).isEqualTo(200);
    }
    assertThat(server.post("ada", WriteServer.batch()).status()).isEqualTo(200);
    assertThat(server.post("carol", WriteServer.batch()).status()).isEqualTo(200);
  }

  // Protocol 14-17.
  @Test
  void whoHasOnlyBegunToSendCountsUntilTheConnectionEnds() throws Exception {
    try (Socket first = begin("eve");
        Socket second = begin("eve")) {
      Awaitility.await().until(() -> server.post("eve", WriteServer.batch()).status() == 429);
      assertThat(server.post("dan", WriteServer.batch()).status()).isEqualTo(200);
      assertThat(first.isConnected() && second.isConnected()).isTrue();
    }

    Awaitility.await().until(() -> server.post("eve", WriteServer.batch()).status() == 200);
  }

  private static Socket begin(String user) throws IOException {
    URI uri = server.database().server().uri();
    Socket socket = new Socket(uri.getHost(), uri.getPort());
    String head =
        "POST %s HTTP/1.1\r\nhost: x\r\nauthorization: %s\r\ncontent-length: 100\r\n\r\n{"
            .formatted(WriteServer.PATH, Tokens.OURS.bearer(user));
    socket.getOutputStream().write(head.getBytes(ISO_8859_1));
    return socket;
  }

  /** What takes most memory for its size, as much of it as is taken in at all. */
  // Protocol 14-8, 14-17.
  @Test
  void bodiesOfManySmallValuesDoNotUseUpTheMemory() throws Exception {
    byte[] body = ("{\"changes\":[" + "[],".repeat(1_390_000) + "[]]}").getBytes(UTF_8);
    List<Thread> senders = new ArrayList<>();
    List<Integer> statuses = java.util.Collections.synchronizedList(new ArrayList<>());
    for (String user : List.of("u1", "u2", "u3")) {
      senders.add(
          Thread.startVirtualThread(() -> {
            for (int i = 0; i < 4; i++) {
              statuses.add(send(user, body));
            }
          }));
    }
    for (Thread sender : senders) {
      sender.join(Duration.ofSeconds(40));
    }

    assertThat(statuses).hasSize(12).containsOnly(400);
    assertThat(server.database().server().log()).doesNotContain("OutOfMemory");
  }

  private static int send(String user, byte[] body) {
    try {
      return server
          .http()
          .post(WriteServer.PATH, body, "authorization", Tokens.OURS.bearer(user))
          .status();
    } catch (IOException | InterruptedException e) {
      return -1;
    }
  }

  // Protocol 14-18.
  @Test
  void whereNoTokensAreBelievedNobodyWritesAndNothingIsMade(LocalPostgres postgres)
      throws Exception {
    try (SyncedDatabase open = SyncedDatabase.start(postgres, folder.resolve("open"));
        ShapeHttp http = new ShapeHttp(open.server().uri())) {
      Answer answer =
          http.post(
              WriteServer.PATH, WriteServer.batch(), "authorization", Tokens.OURS.bearer("ada"));

      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.body())
          .contains("\"code\":\"writes_disabled\"")
          .contains("MILLRACE_JWT_SECRET");
      assertThat(open.query("select count(*) from pg_namespace where nspname = 'millrace'"))
          .isEqualTo("0");
      assertThat(http.post("/dev/token?user=ada", "").status()).isEqualTo(404);
    }
  }
}
