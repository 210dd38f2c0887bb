package dev.millrace.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServerProcessTest {
  @TempDir private Path folder;

  @Test
  void itIsKilledPausedAndRestartedOnItsPort() throws Exception {
    try (LocalPostgres postgres = LocalPostgres.temporary();
        HttpClient http = HttpClient.newHttpClient();
        ServerProcess server = ServerProcess.start(settings(postgres.url()), List.of("-Xmx256m"))) {
      HttpRequest health =
          HttpRequest.newBuilder(server.uri().resolve("/v1/health"))
              .timeout(Duration.ofSeconds(1))
              .build();
      long firstPid = server.pid();
      int port = server.port();

      server.kill();
      server.restart();

      assertThat(server.pid()).isNotEqualTo(firstPid);
      assertThat(server.port()).isEqualTo(port);
      server.pause();
      assertThatThrownBy(() -> http.send(health, BodyHandlers.ofString()))
          .isInstanceOf(HttpTimeoutException.class);
      server.resume();
      assertThat(http.send(health, BodyHandlers.ofString()).statusCode()).isEqualTo(200);

      server.stop();
      assertThat(ProcessHandle.of(server.pid()).filter(ProcessHandle::isAlive)).isEmpty();
      assertThat(server.log()).contains("listening on 127.0.0.1:" + port);
    }
  }

  @Test
  void aServerThatDoesNotStartTellsWhatItPrinted() {
    assertThatThrownBy(() -> ServerProcess.start(settings("nonsense"), List.of()))
        .hasMessageContaining("ended while it started")
        .hasMessageContaining("DATABASE_URL is wrong");
  }

  private Map<String, String> settings(String databaseUrl) {
    return Map.of(
        "DATABASE_URL",
        databaseUrl,
        "MILLRACE_DATA_DIR",
        folder.toString(),
        "MILLRACE_INSECURE",
        "true");
  }
}
