package dev.millrace.bench.snapshot;

import dev.millrace.bench.client.BodySink;
import dev.millrace.bench.client.HttpConnection;
import dev.millrace.bench.client.Occurrences;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.client.ShapeReader;
import dev.millrace.bench.run.BenchPostgres;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.BenchTable;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.Program;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Stopwatch;
import dev.millrace.bench.run.Values;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times a cold shape beside {@code psql -c "COPY ..."} of the same rows, on a fresh copy of the
 * table in each round, then warm reads of the last shape beside nginx with the same bytes. The
 * first round's server has just been started.
 */
@Command(
    name = "snapshot",
    mixinStandardHelpOptions = true,
    description = "A whole table to one client: cold beside psql COPY, warm beside nginx.")
public final class SnapshotBench implements Benchmark {
  private static final OptionalDouble COLD_TARGET = OptionalDouble.of(0.4);
  private static final OptionalDouble WARM_TARGET = OptionalDouble.of(0.6);

  @Option(
      names = "--rows",
      description = "Rows of the table (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int rows = 1_000_000;

  @Option(
      names = "--rounds",
      description = "Cold shapes, each on a table of its own (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int rounds = 3;

  @Option(
      names = "--warm-rounds",
      description = "Warm reads (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int warmRounds = 7;

  @Override
  public void measure(Run run) throws IOException, SQLException, InterruptedException {
    Program psql = Program.find("psql", "postgresql-client");
    Program nginx = Program.find("nginx", "nginx");
    run.report().fact("yardsticks", psql.version("--version") + ", " + nginx.version("-v"));
    List<BenchTable> tables =
        IntStream.rangeClosed(1, rounds).mapToObj(i -> new BenchTable("rows_" + i)).toList();
    fill(run, tables);
    run.withServer(server -> {
      cold(run, server, tables, psql);
      warm(run, server, tables, nginx);
    });
  }

  private void fill(Run run, List<BenchTable> tables) throws SQLException {
    BenchPostgres postgres = run.postgres();
    for (BenchTable table : tables) {
      run.progress().say("inserting %s rows into %s".formatted(Values.whole(rows), table.name()));
      table.create(postgres);
      postgres.execute(table.insert("1", Integer.toString(rows)));
      postgres.execute("vacuum (freeze, analyze) " + table.name());
    }
    postgres.execute("checkpoint");
  }

  private void cold(Run run, BenchServer server, List<BenchTable> tables, Program psql)
      throws IOException, InterruptedException {
    List<Double> copied = new ArrayList<>();
    List<Double> shaped = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    for (BenchTable table : tables) {
      run.progress().say("COPY and cold shape of %s".formatted(table.name()));
      settleDisk();
      copied.add(rows / copySeconds(run, psql, table));
      settleDisk();
      double cpuBefore = server.process().cpuSeconds();
      shaped.add(rows / readSeconds(server, table));
      cpu.add((server.process().cpuSeconds() - cpuBefore) * 1e6 / rows);
    }
    run.report()
        .compareRates(
            "cold", "rows/s", Values.of(shaped), "psql COPY", Values.of(copied), COLD_TARGET);
    run.report()
        .note("server's CPU time, cold", Values.of(cpu).list(Values::decimal) + " us a row");
  }

  /** Lets the system write down what the round before has left in memory. */
  private static void settleDisk() throws IOException, InterruptedException {
    new ProcessBuilder("sync").inheritIO().start().waitFor();
  }

  private static double copySeconds(Run run, Program psql, BenchTable table)
      throws IOException, InterruptedException {
    String copy = "COPY (" + table.select() + ") TO STDOUT";
    return psql.time("-X", "-q", "-d", run.postgres().url(), "-c", copy);
  }

  private static double readSeconds(BenchServer server, BenchTable table) throws IOException {
    try (HttpConnection connection = HttpConnection.open(server.port())) {
      Stopwatch stopwatch = Stopwatch.start();
      reader(connection, table).read(BodySink.DISCARD);
      return stopwatch.seconds();
    }
  }

  private static ShapeReader reader(HttpConnection connection, BenchTable table) {
    return new ShapeReader(connection, new ShapeAddress(table.name()));
  }

  private void count(Run run, BenchServer server, BenchTable table, BodySink further)
      throws IOException {
    Occurrences inserts = Occurrences.ofInserts();
    try (HttpConnection connection = HttpConnection.open(server.port())) {
      reader(connection, table)
          .read((bytes, start, length) -> {
            inserts.accept(bytes, start, length);
            further.accept(bytes, start, length);
          });
    }
    run.report().expect("rows in the shape of " + table.name(), rows, inserts.count());
  }

  /** Counts and writes the answers down; returns how many there are. */
  private int keep(Run run, BenchServer server, BenchTable table, Path folder) throws IOException {
    Occurrences inserts = Occurrences.ofInserts();
    try (ChunkFiles files = new ChunkFiles(folder);
        HttpConnection connection = HttpConnection.open(server.port())) {
      reader(connection, table)
          .read(number -> {
            files.next(number);
            return (bytes, start, length) -> {
              inserts.accept(bytes, start, length);
              files.accept(bytes, start, length);
            };
          });
      run.report().expect("rows in the shape of " + table.name(), rows, inserts.count());
      return files.count();
    }
  }

  private void warm(Run run, BenchServer server, List<BenchTable> tables, Program nginx)
      throws IOException, InterruptedException {
    run.progress().say("counting the rows that each shape has, and keeping the last one's chunks");
    for (BenchTable table : tables.subList(0, rounds - 1)) {
      count(run, server, table, BodySink.DISCARD);
    }
    BenchTable table = tables.getLast();
    Path chunks = run.workspace().newFolder("chunks");
    int files = keep(run, server, table, chunks);
    run.progress().say("warm reads beside nginx, %d times".formatted(warmRounds));
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    settleDisk();
    try (StaticServer statics =
            StaticServer.start(nginx, chunks, run.workspace().newFolder("nginx"));
        HttpConnection toShapes = HttpConnection.open(server.port());
        HttpConnection toFiles = HttpConnection.open(statics.port())) {
      for (int round = 0; round < warmRounds; round++) {
        ours.add(megabytesPerSecond(toShapes, c -> reader(c, table).read(BodySink.DISCARD)));
        theirs.add(megabytesPerSecond(toFiles, c -> readFiles(c, files)));
      }
      run.report().expect("bytes read from nginx", toShapes.bodyBytes(), toFiles.bodyBytes());
      run.report()
          .note(
              "bytes of the shape",
              "%,d in %d answers".formatted(toShapes.bodyBytes() / warmRounds, files));
    }
    run.report()
        .compareRates("warm", "MB/s", Values.of(ours), "nginx", Values.of(theirs), WARM_TARGET);
  }

  @FunctionalInterface
  private interface Reading {
    void read(HttpConnection connection) throws IOException;
  }

  private static double megabytesPerSecond(HttpConnection connection, Reading reading)
      throws IOException {
    long before = connection.bodyBytes();
    Stopwatch stopwatch = Stopwatch.start();
    reading.read(connection);
    double seconds = stopwatch.seconds();
    return (connection.bodyBytes() - before) / 1e6 / seconds;
  }

  private static void readFiles(HttpConnection connection, int files) throws IOException {
    for (int number = 0; number < files; number++) {
      connection.read("/" + ChunkFiles.name(number), BodySink.DISCARD);
    }
  }
}
