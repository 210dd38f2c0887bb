package dev.millrace.bench.writes;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** A way to write notes, over one connection and as one user. One thread. */
interface Writer extends AutoCloseable {

  /** Work that has been prepared as far as it is not to be timed. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException, SQLException;
  }

  /** Inserts each batch, one after the other. */
  Work inserts(List<List<Note>> batches);

  /** Makes these of the versions before. */
  Work merges(List<List<Note>> batches);

  @Override
  void close() throws IOException, SQLException;
}
