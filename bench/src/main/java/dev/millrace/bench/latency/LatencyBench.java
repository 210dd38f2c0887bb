package dev.millrace.bench.latency;

import dev.millrace.bench.client.HttpConnection;
import dev.millrace.bench.client.LiveClient;
import dev.millrace.bench.client.LiveMode;
import dev.millrace.bench.client.RowListener;
import dev.millrace.bench.client.RowSequence;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.client.ShapePosition;
import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.BenchTable;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.Comparison;
import dev.millrace.bench.run.Comparison.Figure;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Values;
import dev.millrace.bench.run.Waiting;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times single-row commits from the commit's return to the row's arrival at a live client, beside a
 * bare reader of the replication stream that gets the same commits. A row may arrive before the
 * committer has its answer: then the time is negative.
 */
@Command(
    name = "latency",
    mixinStandardHelpOptions = true,
    description = "Commit to live client, beside a bare reader of the replication stream.")
public final class LatencyBench implements Benchmark {
  private static final double TARGET_MILLIS = 1.5;
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(10);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Option(
      names = "--commits",
      description = "Commits timed for each kind of client (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int commits = 500;

  @Option(
      names = "--warm-up",
      description = "Commits before them (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int warmUp = 300;

  @Override
  public void measure(Run run) throws IOException, SQLException, InterruptedException {
    run.withServer(server -> {
      for (LiveMode mode : LiveMode.values()) {
        measure(run, server, mode);
      }
    });
  }

  private void measure(Run run, BenchServer server, LiveMode mode)
      throws IOException, SQLException {
    run.progress().say("%,d commits to a %s client".formatted(warmUp + commits, mode.label()));
    BenchTable table = new BenchTable("for_" + mode.name().toLowerCase(Locale.ROOT));
    table.create(run.postgres());
    ShapeAddress address = new ShapeAddress(table.name());
    Arrivals returned = new Arrivals(warmUp + commits);
    Arrivals atReader = new Arrivals(warmUp + commits);
    Arrivals atClient = new Arrivals(warmUp + commits);
    RowSequence order = new RowSequence(0);
    RowListener both =
        number -> {
          atClient.row(number);
          order.row(number);
        };
    try (HttpConnection connection = HttpConnection.open(server.port());
        LiveClient client =
            LiveClient.follow(
                server.port(), address, mode, ShapePosition.now(connection, address), both);
        BareReader reader = BareReader.start(run.postgres(), atReader)) {
      commit(run, table, returned);
      boolean arrived =
          Waiting.until(() -> hasAll(atClient) && hasAll(atReader), Duration.ofMillis(5), LIMIT);
      if (!arrived) {
        throw new BenchException(
            "Not all rows arrived at the %s client (%s) and the bare reader (%s)."
                .formatted(mode.label(), client.failure(), reader.failure()));
      }
    }
    order.complaint().ifPresent(text -> run.report().problem(mode.label() + ": " + text));
    report(run, mode, times(atClient, returned), times(atReader, returned));
  }

  private boolean hasAll(Arrivals arrivals) {
    return arrivals.has(warmUp + commits);
  }

  private Values times(Arrivals arrivals, Arrivals returned) {
    return arrivals.millisSince(returned, warmUp + 1, warmUp + commits);
  }

  private void commit(Run run, BenchTable table, Arrivals returned) throws SQLException {
    Random random = new Random(1);
    try (Connection connection = run.postgres().connect();
        PreparedStatement insert = connection.prepareStatement(table.insert("?", "?"))) {
      for (int row = 1; row <= warmUp + commits; row++) {
        insert.setInt(1, row);
        insert.setInt(2, row);
        insert.executeUpdate();
        returned.row(row);
        LockSupport.parkNanos(random.nextLong(SHORTEST_PAUSE.toNanos(), LONGEST_PAUSE.toNanos()));
      }
    }
  }

  private static void report(Run run, LiveMode mode, Values client, Values reader) {
    run.report()
        .compare(
            Comparison.distance(
                mode.label() + ", median",
                Figure.millis(client.median()),
                Figure.millis(reader.median()),
                "bare reader",
                TARGET_MILLIS));
    note(run, mode.label() + ", ms", client);
    note(run, "bare reader beside it, ms", reader);
  }

  private static void note(Run run, String label, Values values) {
    run.report()
        .note(
            label,
            "p50 %.2f, p99 %.2f, longest %.2f; %d arrived before the commit returned"
                .formatted(
                    values.median(), values.quantile(0.99), values.largest(), values.negatives()));
  }
}
