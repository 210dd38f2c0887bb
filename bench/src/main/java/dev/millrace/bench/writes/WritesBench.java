package dev.millrace.bench.writes;

import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Stopwatch;
import dev.millrace.bench.run.Values;
import dev.millrace.bench.writes.Writer.Work;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times batches of inserts, and of updates that say what their author saw, through the server and
 * beside them the same rows by a statement a batch straight to Postgres: as many connections, the
 * same sizes, the same role and policies. Both take turns; each round inserts rows and then merges
 * into them. What is sent is made before the clock starts.
 */
@Command(
    name = "writes",
    mixinStandardHelpOptions = true,
    description = "Batches of writes of users, beside a multi-row INSERT … ON CONFLICT.")
public final class WritesBench implements Benchmark {
  private static final double TARGET = 0.5;
  private static final int TARGET_BATCH = 1000;

  @Option(
      names = "--batches",
      split = ",",
      description = "Changes in a batch, one size after the other (default: 1,100,1000).",
      paramLabel = "<n>")
  private List<Integer> sizes = List.of(1, 100, 1000);

  @Option(
      names = "--clients",
      split = ",",
      description = "How many write at once, one count after the other (default: 1,16).",
      paramLabel = "<n>")
  private List<Integer> counts = List.of(1, 16);

  @Option(
      names = "--changes",
      description = "Most changes of a kind in each round (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int changes = 48_000;

  @Option(
      names = "--posts",
      description = "Most batches of a kind in each round (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int posts = 800;

  @Option(
      names = "--rounds",
      description = "Rounds that count (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int rounds = 5;

  @Option(
      names = "--warm-up",
      description = "Rounds before that do not (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int warmUps = 3;

  /** Who writes how much at once. */
  private record Load(int clients, int size, int batches) {
    int changes() {
      return clients * size * batches;
    }

    @Override
    public String toString() {
      return "%,d by %d".formatted(size, clients);
    }
  }

  /** What is done to notes. */
  private enum Kind {
    INSERTS("inserts"),
    MERGES("merges");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    Work work(Writer writer, List<List<Note>> batches) {
      return switch (this) {
        case INSERTS -> writer.inserts(batches);
        case MERGES ->
            writer.merges(
                batches.stream().map(batch -> batch.stream().map(Note::next).toList()).toList());
      };
    }
  }

  private int written;

  @Override
  public void measure(Run run) throws IOException, SQLException, InterruptedException {
    run.postgres().execute("create role " + NotesTable.ROLE);
    for (NotesTable table : NotesTable.values()) {
      table.create(run.postgres());
    }
    int most = counts.stream().mapToInt(Integer::intValue).max().orElseThrow();
    Map<String, String> settings =
        Map.of(
            "MILLRACE_JWT_SECRET", User.SECRET, "MILLRACE_WRITE_POOL_SIZE", Integer.toString(most));
    try (BenchServer server = BenchServer.start(run, settings)) {
      for (int clients : counts) {
        for (int size : sizes) {
          int batches = Math.max(1, Math.min(changes / size, posts) / clients);
          measure(run, server, new Load(clients, size, batches));
        }
      }
      server.describe(run.report(), "server");
    }
    verify(run);
  }

  private void measure(Run run, BenchServer server, Load load)
      throws IOException, SQLException, InterruptedException {
    // The planner knows the tables as it would where autovacuum is on.
    run.postgres().execute("vacuum analyze");
    Map<Kind, List<Double>> ours = new EnumMap<>(Kind.class);
    Map<Kind, List<Double>> theirs = new EnumMap<>(Kind.class);
    List<User> users =
        IntStream.range(0, load.clients()).mapToObj(i -> new User("user-" + i)).toList();
    try (Writers gateway = new Writers();
        Writers plain = new Writers()) {
      for (User user : users) {
        gateway.add(GatewayWriter.open(server.port(), user));
        plain.add(PlainWriter.open(run.postgres(), user));
      }
      for (int round = 1 - warmUps; round <= rounds; round++) {
        run.progress().say("batches of %s, round %d of %d".formatted(load, round, rounds));
        List<List<List<Note>>> notes = users.stream().map(user -> notes(user, load)).toList();
        for (Kind kind : Kind.values()) {
          double first = time(round % 2 == 0 ? gateway : plain, kind, notes);
          server.awaitCaughtUp();
          double second = time(round % 2 == 0 ? plain : gateway, kind, notes);
          server.awaitCaughtUp();
          if (round > 0) {
            add(ours, kind, load.changes() / (round % 2 == 0 ? first : second));
            add(theirs, kind, load.changes() / (round % 2 == 0 ? second : first));
          }
        }
      }
    }
    for (Kind kind : Kind.values()) {
      run.report()
          .compareRates(
              kind.word + ", batches of " + load,
              "changes/s",
              Values.of(ours.getOrDefault(kind, List.of())),
              "INSERT … ON CONFLICT",
              Values.of(theirs.getOrDefault(kind, List.of())),
              load.size() == TARGET_BATCH ? OptionalDouble.of(TARGET) : OptionalDouble.empty());
    }
  }

  private static void add(Map<Kind, List<Double>> rates, Kind kind, double rate) {
    rates.computeIfAbsent(kind, k -> new ArrayList<>()).add(rate);
  }

  private List<List<Note>> notes(User user, Load load) {
    List<List<Note>> batches = new ArrayList<>();
    for (int i = 0; i < load.batches(); i++) {
      List<Note> batch = new ArrayList<>();
      for (int k = 0; k < load.size(); k++) {
        batch.add(new Note(UUID.randomUUID(), user.subject(), ++written, 0));
      }
      batches.add(batch);
    }
    return batches;
  }

  /** Seconds until each writer has done its part. */
  private static double time(Writers writers, Kind kind, List<List<List<Note>>> notes)
      throws InterruptedException {
    List<Callable<Boolean>> works = new ArrayList<>();
    for (int i = 0; i < notes.size(); i++) {
      Work work = kind.work(writers.all.get(i), notes.get(i));
      works.add(() -> {
        work.run();
        return true;
      });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(works.size())) {
      Stopwatch stopwatch = Stopwatch.start();
      for (Future<Boolean> done : threads.invokeAll(works)) {
        done.get();
      }
      return stopwatch.seconds();
    } catch (ExecutionException e) {
      throw new BenchException("a writer failed: " + e.getCause(), e);
    }
  }

  /** Both tables must have all rows, and the same. */
  private void verify(Run run) throws SQLException {
    for (NotesTable table : NotesTable.values()) {
      run.report().expect("rows of " + table.sqlName(), written, table.count(run.postgres()));
    }
    run.report()
        .expect(
            "rows that differ", 0, NotesTable.GATEWAY.difference(run.postgres(), NotesTable.PLAIN));
    run.report()
        .expect(
            "changes in the ledger",
            2L * written,
            Long.parseLong(run.postgres().query("select count(*) from millrace.applied_change")));
  }

  /** Writers that are closed together. */
  private static final class Writers implements AutoCloseable {
    private final List<Writer> all = new ArrayList<>();

    void add(Writer writer) {
      all.add(writer);
    }

    @Override
    public void close() throws IOException, SQLException {
      for (Writer writer : all) {
        writer.close();
      }
    }
  }
}
