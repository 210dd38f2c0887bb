package dev.millrace.bench.replication;

import dev.millrace.bench.client.LiveMode;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.Program;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Values;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times the server and {@code pg_recvlogical} draining the same backlog of small transactions:
 * alone, then with live clients, then one large transaction in a small heap.
 */
@Command(
    name = "replication",
    mixinStandardHelpOptions = true,
    description = "Changes into one shape and on to live clients, beside pg_recvlogical.")
public final class ReplicationBench implements Benchmark {
  private static final OptionalDouble ALONE_TARGET = OptionalDouble.of(0.6);
  private static final OptionalDouble FOLLOWED_TARGET = OptionalDouble.of(0.5);
  private static final int TRANSACTION_ROWS = 100;
  private static final List<LiveMode> MODES = List.of(LiveMode.EVENT_STREAM, LiveMode.LONG_POLL);
  private static final String SMALL_HEAP = "-Xmx256m";

  @Option(
      names = "--rows",
      description = "Rows in each round, in transactions of 100 (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int rows = 300_000;

  @Option(
      names = "--warm-up",
      description = "Rows before the first round (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int warmUp = 60_000;

  @Option(
      names = "--rounds",
      description = "Rounds with and without live clients (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int rounds = 3;

  @Option(
      names = "--large",
      description = "Rows of the one large transaction (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int large = 1_000_000;

  @Override
  public void measure(Run run) throws IOException, SQLException, InterruptedException {
    Program recvLogical = Program.find("pg_recvlogical", "postgresql-client");
    run.report().fact("yardstick", recvLogical.version("--version"));
    alone(run, recvLogical);
    followed(run, recvLogical);
    largeTransaction(run, recvLogical);
  }

  private void alone(Run run, Program recvLogical)
      throws IOException, SQLException, InterruptedException {
    try (Backlog backlog = Backlog.prepare(run, recvLogical, "alone", List.of())) {
      compare(run, "shape alone", drain(run, backlog), Backlog.Drained::shapeSeconds, ALONE_TARGET);
      backlog.report();
    }
  }

  private void followed(Run run, Program recvLogical)
      throws IOException, SQLException, InterruptedException {
    try (Backlog backlog = Backlog.prepare(run, recvLogical, "followed", MODES)) {
      List<Backlog.Drained> rounds = drain(run, backlog);
      compare(
          run,
          "followed, at both clients",
          rounds,
          Backlog.Drained::clientSeconds,
          FOLLOWED_TARGET);
      Values inShape = rates(rounds, Backlog.Drained::shapeSeconds);
      run.report().note("followed, in the shape", inShape.list(Values::whole) + " rows/s");
      Values gaps = Values.of(rounds.stream().mapToDouble(Backlog.Drained::longestGapMillis));
      run.report().note("longest time without a row", gaps.list(Values::whole) + " ms");
      backlog.report();
    }
  }

  private void largeTransaction(Run run, Program recvLogical)
      throws IOException, SQLException, InterruptedException {
    try (Backlog backlog = Backlog.prepare(run, recvLogical, "large", MODES, SMALL_HEAP)) {
      warmUp(run, backlog);
      run.progress().say("inserting %s rows in one transaction".formatted(Values.whole(large)));
      Backlog.Drained drained = backlog.drain(large, large);
      run.report()
          .note(
              "one transaction, " + SMALL_HEAP,
              "%s rows: shape %.1f s, both clients %.1f s, pg_recvlogical %.1f s"
                  .formatted(
                      Values.whole(large),
                      drained.shapeSeconds(),
                      drained.clientSeconds(),
                      drained.yardstickSeconds()));
      backlog.report();
    }
  }

  private void warmUp(Run run, Backlog backlog) throws IOException, SQLException {
    run.progress().say("warming up with %s rows".formatted(Values.whole(warmUp)));
    backlog.warmUp(warmUp, TRANSACTION_ROWS);
  }

  private List<Backlog.Drained> drain(Run run, Backlog backlog)
      throws IOException, SQLException, InterruptedException {
    warmUp(run, backlog);
    List<Backlog.Drained> rounds = new ArrayList<>();
    for (int round = 1; round <= this.rounds; round++) {
      run.progress()
          .say(
              "round %d of %d: inserting %s rows"
                  .formatted(round, this.rounds, Values.whole(rows)));
      rounds.add(backlog.drain(rows, TRANSACTION_ROWS));
    }
    return rounds;
  }

  private void compare(
      Run run,
      String subject,
      List<Backlog.Drained> rounds,
      ToDoubleFunction<Backlog.Drained> seconds,
      OptionalDouble target) {
    run.report()
        .compareRates(
            subject,
            "rows/s",
            rates(rounds, seconds),
            "pg_recvlogical",
            rates(rounds, Backlog.Drained::yardstickSeconds),
            target);
    Values cpu = Values.of(rounds.stream().mapToDouble(d -> d.serverCpuSeconds() * 1e6 / rows));
    run.report().note("server's CPU time", cpu.list(Values::decimal) + " us a row");
  }

  private Values rates(List<Backlog.Drained> rounds, ToDoubleFunction<Backlog.Drained> seconds) {
    return Values.of(rounds.stream().mapToDouble(seconds).map(s -> rows / s));
  }
}
