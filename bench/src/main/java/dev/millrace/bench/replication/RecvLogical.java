package dev.millrace.bench.replication;

import dev.millrace.bench.run.BenchPostgres;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.Program;
import dev.millrace.protocol.Lsn;
import java.io.IOException;
import java.sql.SQLException;

/**
 * {@code pg_recvlogical} on a slot of its own, which keeps the log from its making on: the
 * yardstick for whoever reads the same publication.
 */
final class RecvLogical implements AutoCloseable {
  private static final String SLOT = "bench_yardstick";

  private final Program program;
  private final BenchPostgres postgres;

  private RecvLogical(Program program, BenchPostgres postgres) {
    this.program = program;
    this.postgres = postgres;
  }

  /** Makes the slot. */
  static RecvLogical hold(Program program, BenchPostgres postgres) throws SQLException {
    postgres.execute("select pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(SLOT));
    return new RecvLogical(program, postgres);
  }

  /** Receives all up to a position and throws it away; returns the seconds it took. */
  double drain(Lsn end) throws IOException, InterruptedException {
    return program.time(
        "--dbname=" + postgres.url(),
        "--slot=" + SLOT,
        "--start",
        "--no-loop",
        "--plugin=pgoutput",
        "--option=proto_version=1",
        "--option=publication_names=" + BenchServer.PUBLICATION,
        "--endpos=" + end,
        "--file=/dev/null");
  }

  /** Drops the slot. */
  @Override
  public void close() throws SQLException {
    postgres.execute("select pg_drop_replication_slot('%s')".formatted(SLOT));
  }
}
