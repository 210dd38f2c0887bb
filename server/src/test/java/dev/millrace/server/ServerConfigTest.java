package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.http.HttpSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerConfigTest {

  private static final Map<String, String> LEAST =
      Map.of("DATABASE_URL", "postgresql://u:p@h/d", "MILLRACE_INSECURE", "true");

  private static Map<String, String> with(String... pairs) {
    Map<String, String> values = new HashMap<>(LEAST);
    for (int i = 0; i < pairs.length; i += 2) {
      values.put(pairs[i], pairs[i + 1]);
    }
    return values;
  }

  @Test
  void whatIsNotSetHasItsDefault() {
    ServerConfig config = ServerConfig.read(LEAST);

    assertThat(config.http().port()).isEqualTo(3000);
    assertThat(config.shapes().chunkBytes()).isEqualTo(10 << 20);
    assertThat(config.http().longPollTimeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(config.databasePoolSize()).isEqualTo(20);
    assertThat(config.http().times()).isEqualTo(times(75, 60, 21, 60));
    assertThat(config.http().tls()).isEmpty();
  }

  private static HttpSettings.Times times(int idle, int stream, int keepAlive, int stalled) {
    return new HttpSettings.Times(
        Duration.ofSeconds(idle),
        Duration.ofSeconds(stream),
        Duration.ofSeconds(keepAlive),
        Duration.ofSeconds(stalled));
  }

  @Test
  void timesAreSetInSeconds() {
    ServerConfig config =
        ServerConfig.read(
            with(
                "MILLRACE_IDLE_TIMEOUT", "4000",
                "MILLRACE_SSE_TIMEOUT", "300",
                "MILLRACE_SSE_KEEP_ALIVE", "15",
                "MILLRACE_WRITE_TIMEOUT", "30"));

    assertThat(config.http().times()).isEqualTo(times(4000, 300, 15, 30));
    assertThatThrownBy(() -> ServerConfig.read(with("MILLRACE_IDLE_TIMEOUT", "0")))
        .hasMessageContaining("MILLRACE_IDLE_TIMEOUT must be a whole number from 1 to 86400");
  }

  @Test
  void electricsNamesStandInAndOursWin() {
    ServerConfig config =
        ServerConfig.read(
            with(
                "ELECTRIC_PORT", "4000",
                "ELECTRIC_LONG_POLL_TIMEOUT", "1500",
                "ELECTRIC_CACHE_MAX_AGE", "7",
                "MILLRACE_CACHE_MAX_AGE", "8"));

    assertThat(config.http().port()).isEqualTo(4000);
    assertThat(config.http().longPollTimeout()).isEqualTo(Duration.ofMillis(1500));
    assertThat(config.http().cacheMaxAge()).isEqualTo(Duration.ofSeconds(8));
  }

  @Test
  void allProblemsAreReportedTogether() {
    assertThatThrownBy(
            () -> ServerConfig.read(Map.of("MILLRACE_PORT", "http", "MILLRACE_LOG_LEVEL", "loud")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("DATABASE_URL is not set")
        .hasMessageContaining("No authentication is set")
        .hasMessageContaining("MILLRACE_PORT must be a whole number")
        .hasMessageContaining("MILLRACE_LOG_LEVEL must be");
  }

  @Test
  void secretAndInsecureExcludeEachOther() {
    assertThatThrownBy(() -> ServerConfig.read(with("MILLRACE_SECRET", "s")))
        .hasMessageContaining("exclude each other");
  }

  @Test
  void whatIsDesignedButNotBuiltIsRefused() {
    assertThatThrownBy(() -> ServerConfig.read(with("MILLRACE_JWT_SECRET", "s")))
        .hasMessageContaining("MILLRACE_JWT_SECRET is not supported");
  }

  @Test
  void aWrongUrlIsNamedWithoutItsPassword() {
    assertThatThrownBy(() -> ServerConfig.read(with("DATABASE_URL", "mysql://u:secret@h/d")))
        .hasMessageContaining("DATABASE_URL is wrong")
        .hasMessageNotContaining("secret");
  }
}
