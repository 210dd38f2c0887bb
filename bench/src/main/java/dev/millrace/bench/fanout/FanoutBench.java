package dev.millrace.bench.fanout;

import dev.millrace.bench.bare.BareProcess;
import dev.millrace.bench.bare.Prepared;
import dev.millrace.bench.client.BodySink;
import dev.millrace.bench.client.HttpConnection;
import dev.millrace.bench.client.LiveMode;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.client.ShapePosition;
import dev.millrace.bench.crowd.Audience;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.JvmProcess;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Values;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times a change of 300 bytes from the moment Postgres is told to commit until the last of many
 * live clients has it, beside a bare server that is told to send the same bytes to as many. Both
 * have their clients connected all the time and take turns, so that both meet the same machine. Who
 * polls asks again at once; those requests come while others still wait, and are part of the time
 * on both sides.
 */
@Command(
    name = "fanout",
    mixinStandardHelpOptions = true,
    description = "One change to thousands of live clients, beside a bare server.")
public final class FanoutBench implements Benchmark {
  private static final OptionalDouble TARGET = OptionalDouble.of(2);
  private static final String YARDSTICK = "bare Netty";

  /** Besides the sockets of both crowds. */
  private static final int OTHER_FILES = 500;

  @Option(
      names = "--clients",
      split = ",",
      description = "How many clients, once for each number (default: 1000,5000).",
      paramLabel = "<n>")
  private List<Integer> clients = List.of(1000, 5000);

  @Option(
      names = "--rounds",
      description = "Changes timed for each kind and number (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int rounds = 15;

  @Option(
      names = "--warm-up",
      description = "Changes before them (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int warmUp = 10;

  @Override
  public void measure(Run run) throws IOException, SQLException, InterruptedException {
    int most = clients.stream().mapToInt(Integer::intValue).max().orElseThrow();
    JvmProcess.requireOpenFiles(2 * most + OTHER_FILES);
    run.withServer(server -> {
      for (LiveMode mode : LiveMode.values()) {
        for (int count : clients) {
          measure(run, server, mode, count);
        }
      }
    });
  }

  private void measure(Run run, BenchServer server, LiveMode mode, int count)
      throws IOException, SQLException, InterruptedException {
    String label = "%,d by %s".formatted(count, mode.label());
    String table = "to_%d_%s".formatted(count, mode.name().toLowerCase(Locale.ROOT));
    ShapeAddress address = new ShapeAddress(table);
    try (Changes changes = Changes.in(run.postgres(), table);
        HttpConnection connection = HttpConnection.open(server.port())) {
      ShapePosition start = ShapePosition.now(connection, address);
      Audience.Place place = new Audience.Place(server.port(), address, start);
      run.progress().say("%s: connecting, and %d changes to warm up".formatted(label, warmUp));
      try (Broadcasts ours =
          Broadcasts.prepare(server.process(), () -> Audience.gather(place, mode, count))) {
        for (int i = 0; i < warmUp; i++) {
          ours.rehearse(changes::commit, changes.next());
        }
        ShapePosition now = ShapePosition.now(connection, address);
        Audience.Place here = new Audience.Place(server.port(), address, now);
        Prepared said = ours.rehearse(() -> record(here, mode, changes), changes.next());
        besideBareServer(new Contest(run, label, mode, place, changes), ours, said);
      }
    }
  }

  /** What belongs to one number of clients of one kind. */
  private record Contest(
      Run run, String label, LiveMode mode, Audience.Place place, Changes changes) {}

  private static Prepared record(Audience.Place here, LiveMode mode, Changes changes)
      throws IOException, SQLException {
    String path = here.address().live(mode, here.start().handle(), here.start().offset(), "");
    return Prepared.record(here.port(), path, mode == LiveMode.EVENT_STREAM, changes::commit);
  }

  private void besideBareServer(Contest contest, Broadcasts ours, Prepared said)
      throws IOException, SQLException, InterruptedException {
    Run run = contest.run();
    Changes changes = contest.changes();
    run.progress().say("%s: the same beside a bare server".formatted(contest.label()));
    try (BareProcess bare = BareProcess.start(run.workspace(), said);
        HttpConnection control = HttpConnection.open(bare.port())) {
      Audience.Place place =
          new Audience.Place(bare.port(), contest.place().address(), contest.place().start());
      try (Broadcasts theirs =
          Broadcasts.prepare(
              bare.process(), () -> Audience.gather(place, contest.mode(), ours.clients()))) {
        long row = changes.number();
        for (int i = 0; i < warmUp; i++) {
          theirs.rehearse(() -> go(control), row);
        }
        run.progress().say("%s: %d rounds in turns".formatted(contest.label(), rounds));
        for (int i = 0; i < rounds; i++) {
          ours.tell(changes::commit, changes.next());
          theirs.tell(() -> go(control), row);
        }
        report(run, contest.label(), ours, theirs);
      }
    }
    run.report()
        .note(
            contest.label() + ", bytes",
            "%d to each client, of which a shared head %d"
                .formatted(said.change().length, said.head().length));
  }

  private static long go(HttpConnection control) throws IOException {
    long start = System.nanoTime();
    control.read("/go", BodySink.DISCARD);
    return start;
  }

  private static void report(Run run, String label, Broadcasts ours, Broadcasts theirs)
      throws IOException, InterruptedException {
    run.report().compareTimes(label, ours.millis(), YARDSTICK, theirs.millis(), TARGET);
    run.report()
        .note(
            label + ", worst",
            "%s ms, %s %s ms"
                .formatted(
                    Values.decimal(ours.millis().largest()),
                    YARDSTICK,
                    Values.decimal(theirs.millis().largest())));
    run.report().note(label + ", server", ours.costs());
    run.report().note(label + ", " + YARDSTICK, theirs.costs());
  }
}
