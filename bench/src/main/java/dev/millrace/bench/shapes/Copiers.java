package dev.millrace.bench.shapes;

import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.BenchPostgres;
import dev.millrace.bench.run.Stopwatch;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** Connections to Postgres that run COPY statements side by side, and throw the rows away. */
final class Copiers implements AutoCloseable {
  private final List<Connection> connections = new ArrayList<>();

  static Copiers connect(BenchPostgres postgres, int count) throws SQLException {
    Copiers copiers = new Copiers();
    try {
      for (int i = 0; i < count; i++) {
        copiers.connections.add(postgres.connect());
      }
      return copiers;
    } catch (SQLException e) {
      copiers.close();
      throw e;
    }
  }

  /** Runs each statement once; returns the seconds until all are done. */
  double run(List<String> statements) throws InterruptedException {
    Queue<String> queue = new ConcurrentLinkedQueue<>(statements);
    List<Callable<Integer>> work = new ArrayList<>();
    for (Connection connection : connections) {
      work.add(() -> copy(connection, queue));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(connections.size())) {
      Stopwatch stopwatch = Stopwatch.start();
      for (Future<Integer> done : threads.invokeAll(work)) {
        done.get();
      }
      return stopwatch.seconds();
    } catch (ExecutionException e) {
      throw new BenchException("COPY failed: " + e.getCause(), e);
    }
  }

  private static int copy(Connection connection, Queue<String> statements)
      throws SQLException, IOException {
    CopyManager copies = connection.unwrap(PGConnection.class).getCopyAPI();
    int count = 0;
    for (String sql = statements.poll(); sql != null; sql = statements.poll()) {
      count++;
      copies.copyOut(sql, OutputStream.nullOutputStream());
    }
    return count;
  }

  @Override
  public void close() throws SQLException {
    for (Connection connection : connections) {
      connection.close();
    }
  }
}
