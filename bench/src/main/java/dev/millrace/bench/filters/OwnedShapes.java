package dev.millrace.bench.filters;

import dev.millrace.bench.client.HttpConnection;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.crowd.Attendance;
import dev.millrace.bench.crowd.Crowd;
import dev.millrace.bench.crowd.Fetcher;
import dev.millrace.bench.replication.RowWriter;
import dev.millrace.bench.replication.ShapeProbe;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.Stopwatch;
import dev.millrace.protocol.Lsn;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntFunction;

/** Many shapes of a table, of which each row concerns one. */
final class OwnedShapes {
  private static final int TRANSACTION_ROWS = 100;

  private OwnedShapes() {}

  /** Has so many clients ask for the targets, one after another each; returns the seconds. */
  static double fetch(BenchServer server, List<String> targets, int clients)
      throws IOException, InterruptedException {
    try (Crowd crowd = Crowd.gather()) {
      Attendance done = new Attendance(crowd);
      Iterator<String> left = targets.iterator();
      for (int i = 0; i < clients; i++) {
        crowd.add(server.port(), new Fetcher(left, done));
      }
      long start = System.nanoTime();
      crowd.begin(0);
      return (done.await(targets.size()) - start) / 1e9;
    }
  }

  /**
   * Writes rows while the server is paused, and lets it go on.
   *
   * @param address of the shape that has row {@code n}
   * @return changes a second, until the last is in its shape
   */
  static double drain(
      BenchServer server,
      HttpConnection connection,
      IntFunction<ShapeAddress> address,
      RowWriter writer,
      int changes)
      throws IOException, SQLException {
    server.pause();
    Stopwatch stopwatch;
    try {
      Lsn end = writer.write(changes, TRANSACTION_ROWS);
      ShapeProbe probe = new ShapeProbe(connection, address.apply(writer.written()));
      stopwatch = Stopwatch.start();
      server.resume();
      probe.await(end);
    } finally {
      server.resume();
    }
    return changes / stopwatch.seconds();
  }
}
