package dev.millrace.bench.filters;

import dev.millrace.bench.client.HttpConnection;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.replication.RowWriter;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.BenchTable;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Values;
import dev.millrace.bench.writes.User;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times changes that each concern one of many users, whose rows a policy holds, and holds the rate
 * against that of as many shapes that name the owner themselves, on a table alike. The two take
 * turns on one server; the changes gather while it is paused.
 */
@Command(
    name = "rls",
    mixinStandardHelpOptions = true,
    description = "Changes to the rows of many users by policy, beside those to as many filters.")
public final class PolicyBench implements Benchmark {
  private static final double TARGET = 0.8;
  private static final String ROLE = "authenticated";

  @Option(
      names = "--users",
      description = "How many have rows of their own (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int users = 10_000;

  @Option(
      names = "--changes",
      description = "Rows inserted in each round (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int changes = 200_000;

  @Option(
      names = "--rounds",
      description = "Rounds of each (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int rounds = 5;

  @Option(
      names = "--creators",
      description = "How many ask for the shapes (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int creators = 50;

  /** A table and the shape that has its row {@code n}. */
  private record Side(String name, BenchTable table, IntFunction<ShapeAddress> address) {}

  @Override
  public void measure(Run run) throws IOException, SQLException, InterruptedException {
    BenchTable plain = new BenchTable("owned_by_filter", users);
    BenchTable held = new BenchTable("owned_by_policy", users);
    plain.create(run.postgres());
    held.create(run.postgres());
    run.postgres()
        .execute(
            """
            do $$ begin create role %2$s nologin;
            exception when duplicate_object then null; end $$;
            alter table %1$s enable row level security;
            create policy own on %1$s to %2$s
              using (owner = (select current_setting('app.user_id', true))::uuid);
            grant select on %1$s to %2$s
            """
                .formatted(held.name(), ROLE));
    List<String> tokens =
        IntStream.range(0, users).mapToObj(n -> new User(held.owner(n)).token()).toList();
    List<Side> sides =
        List.of(
            new Side("filters", plain, n -> ShapeAddress.ofOwner(plain.name(), plain.owner(n))),
            new Side(
                "policies", held, n -> ShapeAddress.ofUser(held.name(), tokens.get(n % users))));
    try (BenchServer server = BenchServer.start(run, Map.of("MILLRACE_JWT_SECRET", User.SECRET))) {
      for (Side side : sides) {
        create(run, server, side);
      }
      List<List<Double>> rates = List.of(new ArrayList<>(), new ArrayList<>());
      try (HttpConnection connection = HttpConnection.open(server.port());
          RowWriter plainWriter = RowWriter.open(run.postgres(), plain);
          RowWriter heldWriter = RowWriter.open(run.postgres(), held)) {
        List<RowWriter> writers = List.of(plainWriter, heldWriter);
        for (int round = 0; round <= rounds; round++) {
          for (int i = 0; i < sides.size(); i++) {
            run.progress().say("%s, round %d of %d".formatted(sides.get(i).name(), round, rounds));
            double rate =
                OwnedShapes.drain(
                    server, connection, sides.get(i).address(), writers.get(i), changes);
            if (round > 0) {
              rates.get(i).add(rate);
            }
          }
        }
        for (RowWriter writer : writers) {
          writer.verify(run.report());
        }
      }
      run.report()
          .compareRates(
              "%,d users".formatted(users),
              "changes/s",
              Values.of(rates.get(1)),
              "filters",
              Values.of(rates.get(0)),
              OptionalDouble.of(TARGET));
      server.describe(run.report(), "server, %,d users".formatted(users));
    }
  }

  private void create(Run run, BenchServer server, Side side)
      throws IOException, InterruptedException {
    run.progress().say("making %,d shapes by %s".formatted(users, side.name()));
    List<String> targets =
        IntStream.range(0, users).mapToObj(n -> side.address().apply(n).now()).toList();
    double seconds = OwnedShapes.fetch(server, targets, creators);
    run.report()
        .note(
            "%,d shapes by %s".formatted(users, side.name()),
            "%.0f made each second".formatted(users / seconds));
  }
}
