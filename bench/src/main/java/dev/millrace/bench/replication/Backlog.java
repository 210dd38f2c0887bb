package dev.millrace.bench.replication;

import dev.millrace.bench.client.BodySink;
import dev.millrace.bench.client.HttpConnection;
import dev.millrace.bench.client.LiveMode;
import dev.millrace.bench.client.LogMessages;
import dev.millrace.bench.client.RowSequence;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.client.ShapePosition;
import dev.millrace.bench.client.ShapeReader;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.BenchTable;
import dev.millrace.bench.run.Program;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Stopwatch;
import dev.millrace.bench.run.Values;
import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/**
 * A server with one shape on a table, which is paused while changes gather, so that it and {@code
 * pg_recvlogical} drain the same backlog one after the other. Before it is paused its connection to
 * Postgres is cut: nothing of the backlog waits in a socket's buffer. Connecting again is part of
 * its time, as starting is part of the other's.
 */
final class Backlog implements AutoCloseable {
  private final Run run;
  private final Program recvLogical;
  private final String label;
  private final ShapeAddress address;
  private final BenchServer server;
  private final HttpConnection connection;
  private final ShapeProbe probe;
  private final RowWriter writer;
  private final Followers followers;

  private Backlog(
      Run run, Program recvLogical, BenchTable table, BenchServer server, List<LiveMode> modes)
      throws IOException, SQLException {
    this.run = run;
    this.recvLogical = recvLogical;
    this.label = table.name();
    this.server = server;
    this.address = new ShapeAddress(table.name());
    this.connection = HttpConnection.open(server.port());
    this.probe = new ShapeProbe(connection, address);
    this.followers = Followers.start(server.port(), address, probe.position(), modes);
    this.writer = RowWriter.open(run.postgres(), table);
  }

  /** Seconds of each, and the longest time that a client was without a row. */
  record Drained(
      double yardstickSeconds,
      double shapeSeconds,
      double clientSeconds,
      double serverCpuSeconds,
      double longestGapMillis) {}

  /** Makes an empty table, starts a server with its shape, and a live client for each mode. */
  static Backlog prepare(
      Run run, Program recvLogical, String table, List<LiveMode> modes, String... jvmFlags)
      throws IOException, SQLException {
    run.progress()
        .say("starting a server with a shape and %d live clients".formatted(modes.size()));
    BenchTable made = new BenchTable(table);
    made.create(run.postgres());
    BenchServer server = BenchServer.start(run, jvmFlags);
    try {
      return new Backlog(run, recvLogical, made, server, modes);
    } catch (IOException | SQLException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  void warmUp(int rows, int transactionRows) throws IOException, SQLException {
    probe.await(writer.write(rows, transactionRows));
    followers.await(writer.written());
  }

  /** Gathers a backlog and times both who drain it. */
  Drained drain(int rows, int transactionRows)
      throws IOException, SQLException, InterruptedException {
    try (RecvLogical yardstick = RecvLogical.hold(recvLogical, run.postgres())) {
      server.pause();
      try {
        Lsn end = writer.write(rows, transactionRows);
        double yardstickSeconds = yardstick.drain(end);
        followers.startWatch();
        double cpuBefore = server.process().cpuSeconds();
        Stopwatch stopwatch = Stopwatch.start();
        server.resume();
        probe.await(end);
        double shapeSeconds = stopwatch.seconds();
        followers.await(writer.written());
        double clientSeconds =
            followers.isAny() ? stopwatch.secondsAt(followers.lastNanos()) : shapeSeconds;
        return new Drained(
            yardstickSeconds,
            shapeSeconds,
            Math.max(shapeSeconds, clientSeconds),
            server.process().cpuSeconds() - cpuBefore,
            followers.longestGapMillis());
      } finally {
        server.resume();
      }
    }
  }

  /** Reads the whole shape anew and holds what came against what was written. */
  void report() throws IOException {
    run.progress().say("reading the shape from its start and counting");
    RowSequence rows = new RowSequence(0);
    LogMessages messages = new LogMessages(rows, Offset.BEFORE_ALL);
    ShapePosition end = new ShapeReader(connection, address).read((BodySink) messages);
    run.report().expect("rows in the shape " + label, writer.written(), rows.last());
    rows.complaint().ifPresent(text -> run.report().problem("shape " + label + ": " + text));
    run.report()
        .note(
            "shape " + label,
            "%s rows up to %s, %s"
                .formatted(
                    Values.whole(rows.last()),
                    end.offset(),
                    rows.complaint().map(text -> "but " + text).orElse("each once, in order")));
    followers.report(run.report(), writer.written());
    server.describe(run.report(), "server, " + label);
  }

  @Override
  public void close() throws IOException, SQLException {
    try (server;
        connection;
        writer;
        followers) {
      // All are closed in the reverse order of their start.
    }
  }
}
