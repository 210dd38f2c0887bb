package dev.millrace.server;

import dev.millrace.server.auth.Authenticator;
import dev.millrace.server.http.Health;
import dev.millrace.server.http.Request;
import dev.millrace.server.http.Response;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Traffic;
import dev.millrace.server.http.WriteCounts;
import dev.millrace.server.postgres.SlotMonitor;
import dev.millrace.server.shape.ShapeCounts;
import dev.millrace.server.shape.Shapes;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.SummaryWithCallback;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Quantiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * {@code /metrics} in Prometheus' text form. The parts of the server count for themselves and know
 * nothing of it: each figure is read when somebody asks.
 *
 * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">Exposition
 *     formats</a>
 */
final class Metrics implements Route {

  static final String PATH = "/metrics";

  private static final double NANOS_PER_SECOND = 1e9;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();

  Metrics(
      Shapes shapes,
      Traffic traffic,
      WriteCounts writes,
      Optional<Authenticator> authenticator,
      SlotMonitor slot,
      Health health) {
    gauge(
        "millrace_active",
        "1 while changes come in from Postgres.",
        () -> health.isActive() ? 1 : 0);
    shapes(shapes);
    traffic(traffic);
    writes(writes);
    authenticator.ifPresent(this::tokens);
    replication(slot);
    gauge("millrace_heap_used_bytes", "Heap in use, garbage included.", Metrics::usedHeap);
  }

  private void shapes(Shapes shapes) {
    ShapeCounts counts = shapes.counts();
    gauge("millrace_shapes", "Shapes there are.", shapes::count);
    counter("millrace_shapes_created_total", "Shapes made since the start.", counts::created);
    CounterWithCallback.builder()
        .name("millrace_shapes_dropped_total")
        .help("Shapes dropped since the start, whose clients begin anew.")
        .labelNames("cause")
        .callback(
            callback -> counts.dropped().forEach((cause, count) -> callback.call(count, cause)))
        .register(registry);
    counter(
        "millrace_filter_delegated_rows_total",
        "Rows put to Postgres for filters that only it can evaluate.",
        shapes::delegatedRows);
    gauge(
        "millrace_filter_undecided_transactions",
        "Transactions that wait for Postgres to evaluate filters.",
        shapes::undecidedTransactions);
    SummaryWithCallback.builder()
        .name("millrace_snapshot_seconds")
        .help("Time that snapshots took until they were on disk.")
        .callback(callback ->
            callback.call(
                counts.snapshots(), counts.snapshotNanos() / NANOS_PER_SECOND, Quantiles.EMPTY))
        .register(registry);
  }

  private void traffic(Traffic traffic) {
    GaugeWithCallback.builder()
        .name("millrace_live_clients")
        .help("Clients that wait for changes.")
        .labelNames("mode")
        .callback(callback -> {
          for (Traffic.LiveKind kind : Traffic.LiveKind.values()) {
            callback.call((double) traffic.live(kind), kind.name().toLowerCase(Locale.ROOT));
          }
        })
        .register(registry);
    CounterWithCallback.builder()
        .name("millrace_http_answers_total")
        .help("HTTP answers begun.")
        .labelNames("status")
        .callback(callback -> {
          for (Map.Entry<Integer, Long> status : traffic.answers().entrySet()) {
            callback.call(status.getValue(), status.getKey().toString());
          }
        })
        .register(registry);
    counter("millrace_http_body_bytes_total", "Bytes of bodies handed to clients.", traffic::bytes);
    counter("millrace_messages_total", "Changes handed to clients out of logs.", traffic::messages);
  }

  private void writes(WriteCounts counts) {
    SummaryWithCallback.builder()
        .name("millrace_write_batch_seconds")
        .help("Time that batches of writes took from the whole body to the answer.")
        .callback(callback ->
            callback.call(counts.batches(), counts.nanos() / NANOS_PER_SECOND, Quantiles.EMPTY))
        .register(registry);
    CounterWithCallback.builder()
        .name("millrace_write_changes_total")
        .help("Changes by what became of them; code says why they were not applied.")
        .labelNames("result", "code")
        .callback(callback ->
            counts
                .changes()
                .forEach(
                    (outcome, count) -> callback.call(count, outcome.result(), outcome.code())))
        .register(registry);
    CounterWithCallback.builder()
        .name("millrace_write_batches_refused_total")
        .help("Batches of which nothing was applied, by the code of the answer.")
        .labelNames("code")
        .callback(callback -> counts.refused().forEach((code, count) -> callback.call(count, code)))
        .register(registry);
    gauge("millrace_write_batches_active", "Batches being applied.", counts::underWay);
  }

  private void tokens(Authenticator authenticator) {
    CounterWithCallback.builder()
        .name("millrace_tokens_refused_total")
        .help("Requests refused for their token, by what was wrong with it.")
        .labelNames("cause")
        .callback(callback ->
            authenticator.refused().forEach((cause, count) -> callback.call(count, cause.text())))
        .register(registry);
  }

  private void replication(SlotMonitor slot) {
    gauge("millrace_replication_lag_seconds", "How long the stream is behind.", slot::lagSeconds);
    gauge(
        "millrace_replication_lag_bytes",
        "Postgres' log written and not followed yet; NaN while unknown.",
        () -> slot.state().map(state -> (double) state.lagBytes()).orElse(Double.NaN));
    gauge(
        "millrace_retained_wal_bytes",
        "Postgres' log kept because of the slot; NaN while unknown.",
        () -> slot.state().map(state -> (double) state.retainedBytes()).orElse(Double.NaN));
  }

  private static double usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  private void counter(String name, String help, DoubleSupplier value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  @Override
  public Optional<Response> handle(Request request) {
    if (!request.path().equals(PATH) || !request.isRead()) {
      return Optional.empty();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writer.write(out, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, String> headers =
        Map.of("content-type", writer.getContentType(), "cache-control", "no-store");
    return Optional.of(new Response(200, headers, out.toByteArray()));
  }
}
