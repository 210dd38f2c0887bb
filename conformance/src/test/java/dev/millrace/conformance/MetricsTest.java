package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code /metrics}, read as a Prometheus would. */
@ExtendWith(OnePostgres.class)
class MetricsTest {

  // Protocol 13-1.
  @Test
  void whatIsServedIsCounted(LocalPostgres postgres, @TempDir Path folder) throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute("create table items (id int primary key, name text)");
      var first = http.shape("table", "items", "offset", "-1");
      var live =
          http.shapeLater(
              "table", "items", "offset", "0_inf", "handle", first.handle(), "live", "true");
      awaitValue(http, "millrace_live_clients{mode=\"long_poll\"}", 1);

      database.execute("insert into items values (1, 'milk'), (2, 'bread')");

      String lastBody = live.get().body();
      Map<String, Double> metrics = metrics(http);
      assertThat(metrics)
          .containsEntry("millrace_active", 1.0)
          .containsEntry("millrace_shapes", 1.0)
          .containsEntry("millrace_shapes_created_total", 1.0)
          .containsEntry("millrace_snapshot_seconds_count", 1.0)
          .containsEntry("millrace_messages_total", 2.0);
      // The shape, the live one, and at least one look at the metrics.
      assertThat(metrics.get("millrace_http_answers_total{status=\"200\"}"))
          .isGreaterThanOrEqualTo(3);
      assertThat(metrics.get("millrace_http_body_bytes_total"))
          .isGreaterThan(first.body().length() + lastBody.length() - 1.0);
      awaitValue(http, "millrace_live_clients{mode=\"long_poll\"}", 0);
    }
  }

  @Test
  void aDroppedShapeIsCountedByItsReason(LocalPostgres postgres, @TempDir Path folder)
      throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute("create table items (id int primary key)");
      http.shape("table", "items", "offset", "-1");

      database.execute("truncate items");

      awaitValue(http, "millrace_shapes_dropped_total{cause=\"table\"}", 1);
    }
  }

  @Test
  void theSlotIsWatched(LocalPostgres postgres, @TempDir Path folder) throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> {
            Map<String, Double> metrics = metrics(http);
            assertThat(metrics.get("millrace_retained_wal_bytes")).isNotNaN().isNotNegative();
            assertThat(metrics.get("millrace_replication_lag_bytes")).isNotNaN().isNotNegative();
          });
    }
  }

  // Protocol 13-2.
  @Test
  void aPortOfItsOwnServesNothingElse(LocalPostgres postgres, @TempDir Path folder)
      throws Exception {
    int port = UpProcess.freePort();
    Map<String, String> settings = Map.of("MILLRACE_METRICS_PORT", Integer.toString(port));
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, settings);
        ShapeHttp main = new ShapeHttp(database.server().uri());
        ShapeHttp own = new ShapeHttp(URI.create("http://127.0.0.1:" + port))) {

      assertThat(main.get("/metrics").status()).isEqualTo(404);
      assertThat(own.get("/metrics").body()).contains("# TYPE millrace_shapes gauge");
      assertThat(own.get("/v1/health").status()).isEqualTo(404);
    }
  }

  private static void awaitValue(ShapeHttp http, String name, double value) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(metrics(http)).containsEntry(name, value));
  }

  private static Map<String, Double> metrics(ShapeHttp http) throws Exception {
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
