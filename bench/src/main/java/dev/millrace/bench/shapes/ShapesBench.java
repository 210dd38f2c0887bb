package dev.millrace.bench.shapes;

import dev.millrace.bench.bare.BareProcess;
import dev.millrace.bench.bare.Prepared;
import dev.millrace.bench.client.HttpConnection;
import dev.millrace.bench.client.Occurrences;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.crowd.Attendance;
import dev.millrace.bench.crowd.Crowd;
import dev.millrace.bench.crowd.Fetcher;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.BenchTable;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.JvmProcess;
import dev.millrace.bench.run.LiveObjects;
import dev.millrace.bench.run.Program;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Values;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times how shapes come into being: the same one for a crowd that asks at once, and many different
 * ones for a few clients who ask for one after another. Connections are open before the clock
 * starts. The first runs of each kind are not counted.
 */
@Command(
    name = "shapes-http",
    mixinStandardHelpOptions = true,
    description = "One shape for a crowd, and thousands of shapes, beside a static file and COPY.")
public final class ShapesBench implements Benchmark {
  private static final OptionalDouble NO_TARGET = OptionalDouble.empty();
  private static final int ROWS = 500;
  private static final int SELECTIONS = 60;
  private static final int WARM_UP_TABLES = 4;
  private static final int CLASSES = 12;
  private static final int OTHER_FILES = 500;

  @Option(
      names = "--clients",
      description = "How many ask for the same shape (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int clients = 2000;

  @Option(
      names = "--rounds",
      description = "Shapes that all of them ask for (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int rounds = 5;

  @Option(
      names = "--tables",
      description = "Small tables with 60 different shapes each (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int tables = 50;

  @Option(
      names = "--creators",
      description = "How many ask for those shapes (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int creators = 50;

  @Override
  public void measure(Run run) throws IOException, SQLException, InterruptedException {
    JvmProcess.requireOpenFiles(clients + OTHER_FILES);
    run.withServer(server -> {
      sameShape(run, server);
      differentShapes(run, server);
    });
  }

  private void sameShape(Run run, BenchServer server)
      throws IOException, SQLException, InterruptedException {
    List<BenchTable> asked =
        IntStream.rangeClosed(0, rounds).mapToObj(i -> new BenchTable("same_" + i)).toList();
    for (BenchTable table : asked) {
      table.create(run.postgres());
      run.postgres().execute(table.insert("1", Integer.toString(ROWS)));
    }
    run.progress().say("%,d clients ask for the same shape, to warm up".formatted(clients));
    String warmUp = path(asked.getFirst());
    fetchAll(server.port(), warmUp);
    byte[] body = body(run, server, warmUp);
    try (BareProcess bare = BareProcess.start(run.workspace(), Prepared.file(body))) {
      fetchAll(bare.port(), "/file");
      List<Double> made = new ArrayList<>();
      List<Double> again = new ArrayList<>();
      List<Double> files = new ArrayList<>();
      double cpuBefore = server.process().cpuSeconds();
      for (BenchTable table : asked.subList(1, asked.size())) {
        run.progress().say("%,d clients ask for %s".formatted(clients, table.name()));
        made.add(fetchAll(server.port(), path(table)));
        again.add(fetchAll(server.port(), path(table)));
        files.add(fetchAll(bare.port(), "/file"));
      }
      double cpu = (server.process().cpuSeconds() - cpuBefore) / 2 / rounds;
      String label = "%,d clients, 1 new shape".formatted(clients);
      run.report().compareTimes(label, Values.of(made), "static file", Values.of(files), NO_TARGET);
      run.report()
          .note("the same, shape there already", Values.of(again).list(Values::whole) + " ms");
      run.report()
          .note(
              "each answer",
              "%s bytes; %.0f us of the server's CPU"
                  .formatted(Values.whole(body.length), cpu * 1e6 / clients));
    }
  }

  private static String path(BenchTable table) {
    return new ShapeAddress(table.name()).initial();
  }

  /** Milliseconds until all have the whole answer, which must be equally long for all. */
  private double fetchAll(int port, String path) throws IOException, InterruptedException {
    try (Crowd crowd = Crowd.gather()) {
      Attendance done = new Attendance(crowd);
      for (int i = 0; i < clients; i++) {
        crowd.add(port, new Fetcher(List.of(path).iterator(), done));
      }
      long start = System.nanoTime();
      crowd.begin(0);
      double millis = (done.await(clients) - start) / 1e6;
      done.requireOneNumber();
      return millis;
    }
  }

  private static byte[] body(Run run, BenchServer server, String path) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (HttpConnection connection = HttpConnection.open(server.port())) {
      connection.read(path, body::write);
    }
    Occurrences inserts = Occurrences.ofInserts();
    inserts.accept(body.toByteArray(), 0, body.size());
    run.report().expect("rows in the shape", ROWS, inserts.count());
    return body.toByteArray();
  }

  private void differentShapes(Run run, BenchServer server)
      throws IOException, SQLException, InterruptedException {
    SmallTables first = new SmallTables("warm_up", WARM_UP_TABLES, SELECTIONS);
    SmallTables counted = new SmallTables("small", tables, SELECTIONS);
    first.create(run.postgres());
    counted.create(run.postgres());
    run.progress().say("%,d different shapes, to warm up".formatted(first.shapes()));
    create(server, first);
    LiveObjects before = server.process().liveObjects();
    long diskBefore = diskBytes(server);
    double cpuBefore = server.process().cpuSeconds();
    run.progress().say("%,d different shapes".formatted(counted.shapes()));
    double seconds = create(server, counted);
    double cpu = server.process().cpuSeconds() - cpuBefore;
    LiveObjects after = server.process().liveObjects();
    long disk = diskBytes(server) - diskBefore;
    double copySeconds = copy(run, first, counted);
    String label = "%,d shapes by %d clients".formatted(counted.shapes(), creators);
    run.report()
        .compareRates(
            label,
            "shapes/s",
            Values.of(List.of(counted.shapes() / seconds)),
            "COPY by as many connections",
            Values.of(List.of(counted.shapes() / copySeconds)),
            NO_TARGET);
    run.report()
        .note(
            "different are",
            "%d selections of columns of each of %d tables of 10 rows; there is no where yet"
                .formatted(SELECTIONS, tables));
    run.report()
        .note(
            "each shape",
            "%s bytes of heap, %s bytes on disk, %.2f ms of the server's CPU"
                .formatted(
                    Values.whole(after.perThing(before, counted.shapes())),
                    Values.whole(disk / (double) counted.shapes()),
                    cpu * 1e3 / counted.shapes()));
    run.report().note("heap of each, bytes", after.growth(before, counted.shapes(), CLASSES));
  }

  /** Seconds until each is there and was read once. */
  private double create(BenchServer server, SmallTables shapes)
      throws IOException, InterruptedException {
    try (Crowd crowd = Crowd.gather()) {
      Attendance done = new Attendance(crowd);
      Iterator<String> paths = shapes.paths().iterator();
      for (int i = 0; i < creators; i++) {
        crowd.add(server.port(), new Fetcher(paths, done));
      }
      long start = System.nanoTime();
      crowd.begin(0);
      return (done.await(shapes.shapes()) - start) / 1e9;
    }
  }

  private double copy(Run run, SmallTables warmUp, SmallTables counted)
      throws SQLException, InterruptedException {
    run.progress().say("%,d times COPY".formatted(counted.shapes()));
    try (Copiers copiers = Copiers.connect(run.postgres(), creators)) {
      copiers.run(warmUp.copies());
      return copiers.run(counted.copies());
    }
  }

  /** What the server's files take up, whole blocks counted. */
  private static long diskBytes(BenchServer server) throws IOException, InterruptedException {
    String line =
        Program.find("du", "coreutils")
            .firstLine("--summarize", "--block-size=1", server.dataFolder().toString())
            .orElseThrow();
    return Long.parseLong(line.split("\\s", 2)[0]);
  }
}
