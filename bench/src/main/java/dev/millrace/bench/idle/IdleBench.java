package dev.millrace.bench.idle;

import dev.millrace.bench.client.HttpConnection;
import dev.millrace.bench.client.LiveMode;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.client.ShapePosition;
import dev.millrace.bench.crowd.Audience;
import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.BenchTable;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.Comparison;
import dev.millrace.bench.run.Comparison.Figure;
import dev.millrace.bench.run.JvmProcess;
import dev.millrace.bench.run.LiveObjects;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Stopwatch;
import dev.millrace.bench.run.Values;
import dev.millrace.bench.run.Waiting;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Weighs live clients that wait for changes: the server's objects after a full collection, with
 * them and without. Before, some clients come and go, so that what the first ones bring about for
 * good is not laid to the charge of the rest.
 */
@Command(
    name = "idle",
    mixinStandardHelpOptions = true,
    description = "Heap and CPU of live clients while nothing changes.")
public final class IdleBench implements Benchmark {
  private static final Figure BOUND = bytes(12_000);
  private static final int FORERUNNERS = 500;
  private static final int ROWS = 100;
  private static final int CLASSES = 12;
  private static final int OTHER_FILES = 500;

  /** Connections to Postgres, which come and go. */
  private static final int SLACK = 40;

  private static final Duration WATCH = Duration.ofSeconds(5);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Option(
      names = "--clients",
      description = "How many clients (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int clients = 10_000;

  @Override
  public void measure(Run run) throws IOException, SQLException, InterruptedException {
    JvmProcess.requireOpenFiles(clients + OTHER_FILES);
    run.withServer(server -> {
      Audience.Place place = place(run, server);
      for (LiveMode mode : LiveMode.values()) {
        comeAndGo(server, place, mode);
      }
      run.report().note("CPU of the server without clients", perSecond(cpuShare(server.process())));
      for (LiveMode mode : LiveMode.values()) {
        weigh(run, server, place, mode);
      }
    });
  }

  private static Audience.Place place(Run run, BenchServer server)
      throws IOException, SQLException {
    BenchTable table = new BenchTable("watched");
    table.create(run.postgres());
    run.postgres().execute(table.insert("1", Integer.toString(ROWS)));
    ShapeAddress address = new ShapeAddress(table.name());
    try (HttpConnection connection = HttpConnection.open(server.port())) {
      return new Audience.Place(server.port(), address, ShapePosition.now(connection, address));
    }
  }

  private static void comeAndGo(BenchServer server, Audience.Place place, LiveMode mode)
      throws IOException, InterruptedException {
    int before = server.process().openFiles();
    Audience.gather(place, mode, FORERUNNERS).close();
    awaitDeparture(server, before);
  }

  private void weigh(Run run, BenchServer server, Audience.Place place, LiveMode mode)
      throws IOException, InterruptedException {
    JvmProcess process = server.process();
    int files = process.openFiles();
    LiveObjects without = process.liveObjects();
    double residentBefore = process.residentBytes();
    run.progress().say("%,d %s clients: connecting".formatted(clients, mode.label()));
    Stopwatch joining = Stopwatch.start();
    try (Audience _ = Audience.gather(place, mode, clients)) {
      double joined = joining.seconds();
      requireAll(run, process.openFiles() - files);
      double share = cpuShare(process);
      double resident = process.residentBytes();
      LiveObjects with = process.liveObjects();
      compare(run, mode, without, with);
      run.report()
          .note(
              mode.label() + ", server",
              "%s, %s MB resident, %s before; all had joined after %.1f s"
                  .formatted(
                      perSecond(share),
                      Values.whole(resident / 1e6),
                      Values.whole(residentBefore / 1e6),
                      joined));
    }
    awaitDeparture(server, files);
    run.report()
        .note(
            mode.label() + ", left behind",
            "%s bytes for each who has gone"
                .formatted(Values.whole(process.liveObjects().perThing(without, clients))));
  }

  private void requireAll(Run run, int connections) {
    if (connections < clients - SLACK) {
      run.report().problem("only %,d of %,d are connected".formatted(connections, clients));
    }
  }

  private void compare(Run run, LiveMode mode, LiveObjects without, LiveObjects with) {
    run.report()
        .compare(
            Comparison.bound(
                "%,d by %s, heap each".formatted(clients, mode.label()),
                bytes(with.perThing(without, clients)),
                "%.1f MB without, %.1f MB with them"
                    .formatted(without.bytes() / 1e6, with.bytes() / 1e6),
                BOUND));
    run.report().note(mode.label() + ", bytes each", with.growth(without, clients, CLASSES));
  }

  private static Figure bytes(double count) {
    return Figure.rate(count, "bytes");
  }

  /** Of one core. */
  private static double cpuShare(JvmProcess process) throws InterruptedException {
    double before = process.cpuSeconds();
    Stopwatch stopwatch = Stopwatch.start();
    Thread.sleep(WATCH);
    return (process.cpuSeconds() - before) / stopwatch.seconds();
  }

  private static String perSecond(double share) {
    return "%.0f ms CPU a second".formatted(share * 1e3);
  }

  /** Until the server has noticed that all are gone. */
  private static void awaitDeparture(BenchServer server, int files) throws IOException {
    if (!Waiting.until(
        () -> server.process().openFiles() <= files + SLACK, Duration.ofMillis(50), LIMIT)) {
      throw new BenchException("The server keeps connections of clients that are gone.");
    }
  }
}
