package dev.millrace.bench.run;

import java.io.IOException;
import java.sql.SQLException;

/** One run of a benchmark: what it works with and where it reports. */
public record Run(Workspace workspace, BenchPostgres postgres, Progress progress, Report report) {

  /** What is done while a server runs. */
  @FunctionalInterface
  public interface ServerWork {
    void with(BenchServer server) throws IOException, SQLException, InterruptedException;
  }

  /**
   * Starts a server, works with it, and reports what it says of itself; the flags are the JVM's.
   */
  public void withServer(ServerWork work, String... jvmFlags)
      throws IOException, SQLException, InterruptedException {
    try (BenchServer server = BenchServer.start(this, jvmFlags)) {
      work.with(server);
      server.describe(report, "server");
    }
  }
}
