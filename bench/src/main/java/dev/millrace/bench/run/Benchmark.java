package dev.millrace.bench.run;

import java.io.IOException;
import java.sql.SQLException;

/**
 * A question to the server that is answered by measuring. Its options are picocli's, its name is
 * that of its command.
 */
public interface Benchmark {

  /** Measures once and reports. */
  void measure(Run run) throws IOException, SQLException, InterruptedException;
}
