package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code /metrics}, read as a Prometheus would. */
@ExtendWith(OnePostgres.class)
class MetricsTest {
  @TempDir static Path folder;
  private static SyncedDatabase database;
  private static ShapeHttp http;

  @BeforeAll
  static void start(LocalPostgres postgres) {
    database = SyncedDatabase.start(postgres, folder.resolve("open"));
    http = new ShapeHttp(database.server().uri());
  }

  @AfterAll
  static void stop() throws Exception {
    http.close();
    database.close();
  }

  // Protocol 13-1.
  @Test
  void whatIsServedIsCounted() throws Exception {
    database.execute("create table items (id int primary key, name text)");
    Map<String, Double> before = metrics(http);
    var first = http.shape("table", "items", "offset", "-1");
    var live =
        http.shapeLater(
            "table", "items", "offset", "0_inf", "handle", first.handle(), "live", "true");
    awaitValue("millrace_live_clients{mode=\"long_poll\"}", 1);

    database.execute("insert into items values (1, 'milk'), (2, 'bread')");

    int bytes = first.body().length() + live.get().body().length();
    awaitValue("millrace_live_clients{mode=\"long_poll\"}", 0);
    Map<String, Double> metrics = metrics(http);
    assertThat(metrics).containsEntry("millrace_active", 1.0);
    assertThat(grown("millrace_shapes_created_total", before, metrics)).isEqualTo(1);
    assertThat(grown("millrace_messages_total", before, metrics)).isEqualTo(2);
    assertThat(grown("millrace_http_body_bytes_total", before, metrics))
        .isGreaterThanOrEqualTo(bytes);
    // The shape, the live one, and at least one look at the metrics.
    assertThat(grown("millrace_http_answers_total{status=\"200\"}", before, metrics))
        .isGreaterThanOrEqualTo(3);
    awaitValue(
        "millrace_snapshot_seconds_count",
        metrics.getOrDefault("millrace_shapes_created_total", 0.0));
  }

  static double grown(String name, Map<String, Double> before, Map<String, Double> after) {
    return after.getOrDefault(name, 0.0) - before.getOrDefault(name, 0.0);
  }

  // Protocol 13-1.
  @Test
  void aDroppedShapeIsCountedByItsCause() throws Exception {
    database.execute("create table emptied (id int primary key)");
    http.shape("table", "emptied", "offset", "-1");

    database.execute("truncate emptied");

    awaitValue("millrace_shapes_dropped_total{cause=\"table\"}", 1);
  }

  @Test
  void theSlotIsWatched() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          Map<String, Double> metrics = metrics(http);
          assertThat(metrics.get("millrace_retained_wal_bytes")).isNotNaN().isNotNegative();
          assertThat(metrics.get("millrace_replication_lag_bytes")).isNotNaN().isNotNegative();
        });
  }

  // Protocol 13-2.
  @Test
  void aPortOfItsOwnServesNothingElse(LocalPostgres postgres) throws Exception {
    int port = UpProcess.freePort();
    Map<String, String> settings = Map.of("MILLRACE_METRICS_PORT", Integer.toString(port));
    try (SyncedDatabase other =
            SyncedDatabase.start(postgres, folder.resolve("two-ports"), settings);
        ShapeHttp main = new ShapeHttp(other.server().uri());
        ShapeHttp own = new ShapeHttp(URI.create("http://127.0.0.1:" + port))) {

      assertThat(main.get("/metrics").status()).isEqualTo(404);
      assertThat(own.get("/metrics").body()).contains("# TYPE millrace_shapes gauge");
      assertThat(own.get("/v1/health").status()).isEqualTo(404);
    }
  }

  private static void awaitValue(String name, double value) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(metrics(http)).containsEntry(name, value));
  }

  static Map<String, Double> metrics(ShapeHttp http) throws Exception {
    Map<String, Double> values = new TreeMap<>();
    http.get("/metrics")
        .body()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> {
          int space = line.lastIndexOf(' ');
          values.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
        });
    return values;
  }
}
