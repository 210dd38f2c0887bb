package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.server.http.Http2Client.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HTTP/2 in clear, for clients that know that the server speaks it. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class Http2Test {

  /** Streams whose windows leave room in that of the connection. */
  private static final int STALLED = 4;

  private static EchoServer server;
  private Http2Client client;

  @BeforeAll
  static void start() throws IOException {
    server = EchoServer.start();
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @BeforeEach
  void connect() throws Exception {
    client = new Http2Client(server.port());
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void requestsOfOneConnectionAreAnsweredAtTheSameTime() throws Exception {
    Answer open = client.send("GET", "/open", "");
    assertThat(open.status()).isEqualTo(200);
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      answers.add(client.send("POST", "/" + i, "body " + i));
    }

    for (int i = 0; i < 500; i++) {
      String body = "body " + i;
      assertThat(answers.get(i).body())
          .isEqualTo("<POST /%d %d %s>".formatted(i, body.length(), body));
    }
    assertThat(open.closed()).isNotDone();
  }

  @Test
  void aLargeAnswerComesWhole() throws Exception {
    Answer file = client.send("GET", "/file", "");
    Answer bytes = client.send("GET", "/bytes", "");

    // Neither ends; both are there when as much has come as was announced.
    await().until(() -> file.length() == EchoServer.LARGE && bytes.length() == EchoServer.LARGE);
  }

  @Test
  void aBodyThatIsTooLargeEndsItsStreamAndNoOther() throws Exception {
    Answer refused = client.send("POST", "/a", "x".repeat(IncomingRequest.MAX_BODY_BYTES + 1));

    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.body()).isEqualTo("{\"error\":\"Request body too large\"}");
    assertThat(client.send("POST", "/b", "").body()).isEqualTo("<POST /b 0 >");
  }

  @Test
  void aPathThatIsTooLongIsRefused() throws Exception {
    Answer refused = client.send("GET", "/" + "x".repeat(10_000), "");

    assertThat(refused.status()).isEqualTo(414);
    assertThat(client.send("GET", "/b", "").body()).isEqualTo("<GET /b 0 >");
  }

  @Test
  void headHasNoBody() throws Exception {
    assertThat(client.send("HEAD", "/a", "").body()).isEmpty();
  }

  @Test
  void aClientThatResetsWithoutEndIsSentAway() throws Exception {
    for (int i = 0; i < 5_000 && client.isOpen(); i++) {
      try {
        client.sendAndReset("/open");
      } catch (Exception e) {
        break; // The connection is closing.
      }
    }

    assertThat(client.closed().await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void streamsThatAreNotReadAreGivenUpAndHoldUpNoOther() throws Exception {
    try (EchoServer impatient = EchoServer.start(EchoServer.LONG, Duration.ofSeconds(1));
        Http2Client reader = new Http2Client(impatient.port())) {
      for (int i = 0; i < STALLED; i++) {
        reader.sendAndStall(i % 2 == 0 ? "/file" : "/bytes");
      }

      assertThat(reader.send("GET", "/a", "").body()).isEqualTo("<GET /a 0 >");

      await().until(() -> impatient.gone() == STALLED);
      assertThat(reader.send("GET", "/a", "").body()).isEqualTo("<GET /a 0 >");
    }
  }

  @Test
  void anIdleConnectionIsClosedUnlessAStreamIsOpen() throws Exception {
    try (EchoServer impatient = EchoServer.start(Duration.ofSeconds(1), EchoServer.LONG);
        Http2Client idle = new Http2Client(impatient.port());
        Http2Client waiting = new Http2Client(impatient.port())) {
      Answer open = waiting.send("GET", "/open", "");
      assertThat(open.status()).isEqualTo(200);
      assertThat(idle.send("GET", "/a", "").status()).isEqualTo(200);

      assertThat(idle.closed().await(20, TimeUnit.SECONDS)).isTrue();

      assertThat(waiting.isOpen()).isTrue();
      assertThat(open.closed()).isNotDone();
    }
  }
}
