package dev.millrace.bench.filters;

import dev.millrace.bench.client.HttpConnection;
import dev.millrace.bench.client.LiveClient;
import dev.millrace.bench.client.LiveMode;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.crowd.Attendance;
import dev.millrace.bench.crowd.Crowd;
import dev.millrace.bench.crowd.Fetcher;
import dev.millrace.bench.latency.Arrivals;
import dev.millrace.bench.replication.RowWriter;
import dev.millrace.bench.replication.ShapeProbe;
import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.BenchTable;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.LiveObjects;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Stopwatch;
import dev.millrace.bench.run.Values;
import dev.millrace.bench.run.Waiting;
import dev.millrace.protocol.Lsn;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times changes that each concern one of many shapes {@code owner = $1} of a table, and holds the
 * rate against that with a single shape. The changes gather while the server is paused.
 */
@Command(
    name = "shapes",
    mixinStandardHelpOptions = true,
    description = "Changes to one of many filtered shapes, beside those to a single one.")
public final class FiltersBench implements Benchmark {
  private static final double TARGET = 0.8;
  private static final int TRANSACTION_ROWS = 100;
  private static final int CLASSES = 12;

  /** How many shapes are asked for before a look at the clock. */
  private static final int PORTION = 10_000;

  /** Rows whose arrival is timed have numbers from here on. */
  private static final int TIMED = 1_000_000_000;

  private static final Duration INTERVAL = Duration.ofMillis(5);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Option(
      names = "--shapes",
      split = ",",
      description =
          "How many shapes there are, one count after the other (default: 1,1000,10000,100000).",
      paramLabel = "<n>")
  private List<Integer> counts = List.of(1, 1000, 10_000, 100_000);

  @Option(
      names = "--changes",
      description = "Rows inserted in each round (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int changes = 100_000;

  @Option(
      names = "--rounds",
      description = "Rounds with each count of shapes (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int rounds = 3;

  @Option(
      names = "--creators",
      description = "How many ask for the shapes (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int creators = 50;

  @Option(
      names = "--commits",
      description = "Commits timed with each count of shapes (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int commits = 200;

  @Override
  public void measure(Run run) throws IOException, SQLException, InterruptedException {
    Values single = null;
    for (int count : counts) {
      single = measure(run, count, single);
    }
  }

  /** Returns the rates with a single shape. */
  private Values measure(Run run, int count, @Nullable Values single)
      throws IOException, SQLException, InterruptedException {
    BenchTable table = new BenchTable("owned_by_" + count, count);
    table.create(run.postgres());
    List<Double> rates = new ArrayList<>();
    try (BenchServer server = BenchServer.start(run)) {
      create(run, server, table);
      try (HttpConnection connection = HttpConnection.open(server.port());
          RowWriter writer = RowWriter.open(run.postgres(), table)) {
        for (int round = 0; round <= rounds; round++) {
          run.progress().say("%,d shapes, round %d of %d".formatted(count, round, rounds));
          double rate = drain(server, connection, table, writer);
          if (round > 0) {
            rates.add(rate);
          }
        }
      }
      report(run, count, Values.of(rates), single);
      latency(run, server, table);
      server.describe(run.report(), "server, %,d shapes".formatted(count));
    }
    return single == null ? Values.of(rates) : single;
  }

  private static void report(Run run, int count, Values rates, @Nullable Values single) {
    String label = "%,d shapes".formatted(count);
    if (single == null) {
      run.report().note(label + ", changes/s each round", rates.list(Values::whole));
    } else {
      run.report()
          .compareRates(label, "changes/s", rates, "1 shape", single, OptionalDouble.of(TARGET));
    }
  }

  private void create(Run run, BenchServer server, BenchTable table)
      throws IOException, InterruptedException {
    int count = table.owners();
    run.progress().say("making %,d shapes".formatted(count));
    // The first of all is the table's, too: what comes with it is not counted.
    try (HttpConnection connection = HttpConnection.open(server.port())) {
      new ShapeProbe(connection, address(table, 0)).position();
    }
    LiveObjects before = server.process().liveObjects();
    List<String> paths = IntStream.range(1, count).mapToObj(n -> address(table, n).now()).toList();
    double seconds = 0;
    for (int from = 0; from < paths.size(); from += PORTION) {
      int to = Math.min(from + PORTION, paths.size());
      seconds += fetch(server, paths.subList(from, to));
      run.progress().say("made %,d of %,d shapes".formatted(to + 1, count));
    }
    if (count > 1) {
      LiveObjects after = server.process().liveObjects();
      run.report()
          .note(
              "%,d shapes".formatted(count),
              "%.0f made each second; %s bytes of heap each"
                  .formatted(
                      paths.size() / seconds, Values.whole(after.perThing(before, paths.size()))));
      run.report().note("heap of each, bytes", after.growth(before, paths.size(), CLASSES));
    }
  }

  private double fetch(BenchServer server, List<String> paths)
      throws IOException, InterruptedException {
    try (Crowd crowd = Crowd.gather()) {
      Attendance done = new Attendance(crowd);
      Iterator<String> left = paths.iterator();
      for (int i = 0; i < creators; i++) {
        crowd.add(server.port(), new Fetcher(left, done));
      }
      long start = System.nanoTime();
      crowd.begin(0);
      return (done.await(paths.size()) - start) / 1e9;
    }
  }

  private static ShapeAddress address(BenchTable table, int row) {
    return ShapeAddress.ofOwner(table.name(), table.owner(row));
  }

  /** Changes a second, until the last is in its shape. */
  private double drain(
      BenchServer server, HttpConnection connection, BenchTable table, RowWriter writer)
      throws IOException, SQLException {
    server.pause();
    Stopwatch stopwatch;
    try {
      Lsn end = writer.write(changes, TRANSACTION_ROWS);
      ShapeProbe probe = new ShapeProbe(connection, address(table, writer.written()));
      stopwatch = Stopwatch.start();
      server.resume();
      probe.await(end);
    } finally {
      server.resume();
    }
    return changes / stopwatch.seconds();
  }

  private void latency(Run run, BenchServer server, BenchTable table)
      throws IOException, SQLException {
    ShapeAddress address = address(table, 0);
    Arrivals returned = new Arrivals(commits);
    Arrivals arrived = new Arrivals(commits);
    try (HttpConnection connection = HttpConnection.open(server.port());
        LiveClient client =
            LiveClient.follow(
                server.port(),
                address,
                LiveMode.EVENT_STREAM,
                new ShapeProbe(connection, address).position(),
                row -> arrived.row(row - TIMED))) {
      insert(run, table, returned);
      if (!Waiting.until(() -> arrived.has(commits), INTERVAL, LIMIT)) {
        throw new BenchException("Not all rows arrived: " + client.failure());
      }
    }
    Values millis = arrived.millisSince(returned, 1, commits);
    run.report()
        .note(
            "%,d shapes, commit to client, ms".formatted(table.owners()),
            "p50 %.2f, p99 %.2f, longest %.2f"
                .formatted(millis.median(), millis.quantile(0.99), millis.largest()));
  }

  /** Inserts rows of the first owner, with numbers that no other row has. */
  private void insert(Run run, BenchTable table, Arrivals returned) throws SQLException {
    try (Connection connection = run.postgres().connect();
        Statement statement = connection.createStatement()) {
      for (int row = 1; row <= commits; row++) {
        statement.execute(
            """
            insert into %s values (gen_random_uuid(), '%s', 'timed', %d, now())
            """
                .formatted(table.name(), table.owner(0), TIMED + row));
        returned.row(row);
      }
    }
  }
}
