package dev.millrace.bench.filters;

import dev.millrace.bench.client.HttpConnection;
import dev.millrace.bench.client.LiveClient;
import dev.millrace.bench.client.LiveMode;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.latency.Arrivals;
import dev.millrace.bench.replication.RowWriter;
import dev.millrace.bench.replication.ShapeProbe;
import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.BenchTable;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.LiveObjects;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Values;
import dev.millrace.bench.run.Waiting;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
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
  private int changes = 200_000;

  @Option(
      names = "--rounds",
      description = "Rounds with each count of shapes (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int rounds = 5;

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

  /** A server, its table, and how rows get there. */
  private record Side(BenchServer server, BenchTable table, RowWriter writer)
      implements AutoCloseable {

    static Side open(Run run, int count) throws IOException, SQLException {
      BenchTable table = new BenchTable("owned_by_" + count, count);
      table.create(run.postgres());
      BenchServer server = BenchServer.startBeside(run, table.name());
      return new Side(server, table, RowWriter.open(run.postgres(), table));
    }

    @Override
    public void close() throws IOException, SQLException {
      try (server;
          writer) {
        // Both of them.
      }
    }
  }

  @Override
  public void measure(Run run) throws IOException, SQLException, InterruptedException {
    try (Side single = Side.open(run, 1)) {
      create(run, single);
      for (int count : counts) {
        if (count > 1) {
          try (Side many = Side.open(run, count)) {
            measure(run, many, single);
          }
        }
      }
      single.writer().verify(run.report());
      latency(run, single.server(), single.table());
      single.server().describe(run.report(), "server, 1 shape");
    }
  }

  /** The two take turns, since the machine is slower at some times than at others. */
  private void measure(Run run, Side many, Side single)
      throws IOException, SQLException, InterruptedException {
    int count = many.table().owners();
    single.server().pause();
    create(run, many);
    List<Double> rates = new ArrayList<>();
    List<Double> yardstick = new ArrayList<>();
    for (int round = 0; round <= rounds; round++) {
      run.progress().say("%,d shapes, round %d of %d".formatted(count, round, rounds));
      double rate = drain(many);
      many.server().pause();
      single.server().resume();
      single.server().awaitCaughtUp();
      double alone = drain(single);
      single.server().pause();
      many.server().resume();
      many.server().awaitCaughtUp();
      if (round > 0) {
        rates.add(rate);
        yardstick.add(alone);
      }
    }
    run.report()
        .compareRates(
            "%,d shapes".formatted(count),
            "changes/s",
            Values.of(rates),
            "1 shape",
            Values.of(yardstick),
            OptionalDouble.of(TARGET));
    many.writer().verify(run.report());
    latency(run, many.server(), many.table());
    single.server().resume();
    single.server().awaitCaughtUp();
    many.server().describe(run.report(), "server, %,d shapes".formatted(count));
  }

  private double drain(Side side) throws IOException, SQLException {
    // A connection of another round would be too old: the server was paused for long.
    try (HttpConnection connection = HttpConnection.open(side.server().port())) {
      return OwnedShapes.drain(
          side.server(), connection, row -> address(side.table(), row), side.writer(), changes);
    }
  }

  private void create(Run run, Side side) throws IOException, InterruptedException {
    BenchServer server = side.server();
    BenchTable table = side.table();
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
      seconds += OwnedShapes.fetch(server, paths.subList(from, to), creators);
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

  private static ShapeAddress address(BenchTable table, int row) {
    return ShapeAddress.ofOwner(table.name(), table.owner(row));
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
