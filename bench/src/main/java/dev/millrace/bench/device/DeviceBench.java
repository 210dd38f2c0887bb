package dev.millrace.bench.device;

import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.BenchServer;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.Comparison;
import dev.millrace.bench.run.Comparison.Figure;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Stopwatch;
import dev.millrace.bench.run.Values;
import dev.millrace.bench.run.Waiting;
import dev.millrace.bench.writes.User;
import dev.millrace.client.ClientSettings;
import dev.millrace.client.GuestData;
import dev.millrace.client.Rows;
import dev.millrace.client.SyncManager;
import dev.millrace.client.query.Column;
import dev.millrace.client.query.Query;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Entity;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What the client costs on a device: a write until it is on the disk and in a live query, a first
 * sync, a query of merged rows, and the way of what was written offline to the server.
 */
@Command(
    name = "client",
    mixinStandardHelpOptions = true,
    description = "The Java client on a device, beside plain SQLite and the gateway alone.")
public final class DeviceBench implements Benchmark {

  private static final URI NOWHERE = URI.create("http://127.0.0.1:9");
  private static final User ADA = new User("ada");
  private static final int RANKS = 500;
  private static final int BATCH = 500;
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private static final Entity NOTES =
      Entity.of("notes")
          .key("id", Scalar.UUID)
          .owner("owner", Scalar.TEXT)
          .column("title", Scalar.TEXT)
          .column("rank", Scalar.INT4)
          .column("made", Scalar.TIMESTAMPTZ)
          .index("rank", "title")
          .build();
  private static final Column<Integer> RANK = Column.of(NOTES, "rank", Integer.class);
  private static final Column<String> TITLE = Column.of(NOTES, "title", String.class);

  @Option(
      names = "--rows",
      description = "Rows of the first sync (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int rows = 1_000_000;

  @Option(
      names = "--creates",
      description = "Rows created one by one (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int creates = 1000;

  @Option(
      names = "--queued",
      description = "Changes made offline (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int queued = 10_000;

  @Option(
      names = "--queried",
      description = "Rows of the query (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int queried = 100_000;

  static String title(int number) {
    return String.format(Locale.ROOT, "Note %08d, with a title as people write them", number);
  }

  static int rank(int number) {
    return number % RANKS;
  }

  @Override
  public void measure(Run run) throws IOException, SQLException, InterruptedException {
    run.postgres()
        .execute(
            """
            create role authenticated;
            create table notes (
              id uuid primary key, owner text not null, title text not null, rank int not null,
              made timestamptz not null default '2026-01-02T03:04:05Z');
            grant select, insert, update, delete on notes to authenticated\
            """);
    creates(run);
    try (BenchServer server = BenchServer.start(run, Map.of("MILLRACE_JWT_SECRET", User.SECRET))) {
      drain(run, server);
      fill(run, queried);
      merged(run, server);
      fill(run, rows);
      firstSync(run, server);
      server.describe(run.report(), "server");
    }
  }

  private static void fill(Run run, int count) throws SQLException {
    run.postgres()
        .execute(
            """
            truncate notes;
            insert into notes (id, owner, title, rank)
              select gen_random_uuid(), 'ada',
                'Note ' || lpad(n::text, 8, '0') || ', with a title as people write them', n %% %d
              from generate_series(0, %d) n;
            vacuum analyze notes\
            """
                .formatted(RANKS, count - 1)
                .replace("vacuum analyze notes", "analyze notes"));
  }

  private static SyncManager open(Path folder, URI server) {
    return SyncManager.open(folder, ClientSettings.of(server).entities(NOTES).build());
  }

  private static void signIn(SyncManager sync) {
    sync.signIn("ada", isRefresh -> Optional.of(ADA.token()), GuestData.ADOPT);
  }

  private static Map<String, Object> note(int number) {
    return Map.of(
        "id",
        UUID.randomUUID(),
        "owner",
        "ada",
        "title",
        title(number),
        "rank",
        rank(number),
        "made",
        Instant.EPOCH);
  }

  /** (a) and (d): a row until it is on the disk, and until a live query has told of it. */
  private void creates(Run run) throws IOException, InterruptedException {
    run.progress().say("creating rows one by one");
    List<Double> ours = new ArrayList<>();
    List<Double> told = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    try (SyncManager sync = open(run.workspace().newFolder("creates"), NOWHERE);
        PlainNotes plain = new PlainNotes(run.workspace().newFolder("plain"), "full")) {
      sync.signIn("ada", isRefresh -> Optional.empty(), GuestData.ADOPT);
      Rows notes = sync.rows(NOTES);
      SynchronousQueue<Long> moments = new SynchronousQueue<>();
      var live = notes.live(Query.of(NOTES).where(RANK.eq(1)).orderBy(TITLE.desc()).limit(20));
      live.onChange(changes -> {
        try {
          moments.offer(System.nanoTime(), 1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
      for (int i = -creates / 4; i < creates; i++) {
        Stopwatch begun = Stopwatch.start();
        notes.create(note(1 + RANKS * (i + creates)));
        double written = begun.seconds();
        Long moment = moments.poll(10, TimeUnit.SECONDS);
        if (moment == null) {
          throw new BenchException("the live query told nothing of row " + i);
        }
        Stopwatch plainly = Stopwatch.start();
        plain.insert(i + creates);
        if (i >= 0) {
          ours.add(1000 * written);
          told.add(1000 * begun.secondsAt(moment));
          theirs.add(1000 * plainly.seconds());
        }
      }
      live.close();
    }
    Values reaction = Values.of(told);
    run.report()
        .compareTimes(
            "(a) create, on the disk",
            Values.of(List.of(Values.of(ours).median())),
            "a row into SQLite",
            Values.of(List.of(Values.of(theirs).median())),
            OptionalDouble.of(2.5));
    run.report()
        .compare(
            Comparison.bound(
                "(d) a live query tells of a change",
                Figure.millis(reaction.median()),
                "from the call that writes it",
                Figure.millis(5)));
    run.report().note("(d) 99 of 100 within", Values.decimal(reaction.quantile(0.99)) + " ms");
  }

  /** (b). */
  private void firstSync(Run run, BenchServer server)
      throws IOException, InterruptedException, SQLException {
    server.awaitCaughtUp();
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      run.progress().say("first sync of %,d rows, round %d of 3".formatted(rows, round + 1));
      try (PlainNotes plain = new PlainNotes(run.workspace().newFolder("plain"), "normal")) {
        Stopwatch plainly = Stopwatch.start();
        plain.fill(rows, 2_000);
        theirs.add(rows / plainly.seconds());
      }
      try (SyncManager sync = open(run.workspace().newFolder("first"), uri(server))) {
        Stopwatch begun = Stopwatch.start();
        signIn(sync);
        if (!sync.awaitSynced(LIMIT)) {
          throw new BenchException("the first sync does not end: " + sync.dump());
        }
        ours.add(rows / begun.seconds());
        run.report().expect("rows on the device", rows, sync.count(Query.of(NOTES)));
      }
    }
    run.report()
        .compareRates(
            "(b) first sync",
            "rows/s",
            Values.of(ours),
            "plain batched inserts",
            Values.of(theirs),
            OptionalDouble.of(0.4));
  }

  private static URI uri(BenchServer server) {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  /** (c). */
  private void merged(Run run, BenchServer server)
      throws IOException, InterruptedException, SQLException {
    server.awaitCaughtUp();
    run.progress().say("querying %,d rows, 1,000 of them with pending changes".formatted(queried));
    Path folder = run.workspace().newFolder("merged");
    try (SyncManager sync = open(folder, uri(server))) {
      signIn(sync);
      if (!sync.awaitSynced(LIMIT)) {
        throw new BenchException("no sync: " + sync.dump());
      }
    }
    try (SyncManager sync = open(folder, NOWHERE);
        PlainNotes plain = new PlainNotes(run.workspace().newFolder("plain"), "normal")) {
      plain.fill(queried, 2_000);
      Rows notes = sync.rows(NOTES);
      List<UUID> ids =
          notes.list(Query.of(NOTES).limit(1000)).stream()
              .map(row -> UUID.fromString(String.valueOf(row.get("id"))))
              .toList();
      sync.together(group -> {
        ids.forEach(id -> group.update(NOTES, Map.of("id", id, "title", "Note changed")));
        return true;
      });
      List<Double> ours = new ArrayList<>();
      List<Double> theirs = new ArrayList<>();
      for (int i = -500; i < 1000; i++) {
        int rank = Math.floorMod(i, RANKS);
        Stopwatch begun = Stopwatch.start();
        int found =
            notes.list(Query.of(NOTES).where(RANK.eq(rank)).orderBy(TITLE.asc()).limit(50)).size();
        double took = begun.seconds();
        Stopwatch plainly = Stopwatch.start();
        int plainlyFound = plain.find(rank);
        if (i >= 0) {
          ours.add(1000 * took);
          theirs.add(1000 * plainly.seconds());
        }
        run.report().expect("rows found", plainlyFound, found);
      }
      run.report()
          .compareTimes(
              "(c) 50 merged rows by index",
              Values.of(List.of(Values.of(ours).median())),
              "a plain table",
              Values.of(List.of(Values.of(theirs).median())),
              OptionalDouble.of(2));
    }
  }

  /** (e). */
  private void drain(Run run, BenchServer server)
      throws IOException, InterruptedException, SQLException {
    run.progress().say("draining %,d changes".formatted(queued));
    double ours;
    Path folder = run.workspace().newFolder("drain");
    try (SyncManager sync = open(folder, NOWHERE)) {
      sync.signIn("ada", isRefresh -> Optional.empty(), GuestData.ADOPT);
      Rows notes = sync.rows(NOTES);
      IntStream.range(0, queued).forEach(number -> notes.create(note(number)));
    }
    try (SyncManager sync = open(folder, uri(server))) {
      Stopwatch begun = Stopwatch.start();
      signIn(sync);
      if (!Waiting.until(() -> sync.writeBuffer().size() == 0, Duration.ofMillis(5), LIMIT)) {
        throw new BenchException("the queue does not drain: " + sync.dump());
      }
      ours = queued / begun.seconds();
    }
    run.report()
        .expect(
            "rows drained",
            queued,
            Long.parseLong(run.postgres().query("select count(*) from notes")));
    server.awaitCaughtUp();
    double theirs = queued / post(uri(server));
    run.report()
        .compareRates(
            "(e) draining what was written offline",
            "changes/s",
            Values.of(List.of(ours)),
            "the gateway alone, batches of " + BATCH,
            Values.of(List.of(theirs)),
            OptionalDouble.empty());
  }

  /** Seconds that the gateway takes for the same without a client's store. */
  private double post(URI server) throws IOException, InterruptedException {
    List<String> bodies = new ArrayList<>();
    for (int from = 0; from < queued; from += BATCH) {
      bodies.add(
          IntStream.range(from, Math.min(queued, from + BATCH))
              .mapToObj(DeviceBench::insert)
              .collect(Collectors.joining(",", "{\"client_id\":\"bench\",\"changes\":[", "]}")));
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      Stopwatch begun = Stopwatch.start();
      for (String body : bodies) {
        HttpResponse<String> answer =
            http.send(
                HttpRequest.newBuilder(server.resolve("/api/writes/batch"))
                    .header("authorization", "Bearer " + ADA.token())
                    .header("content-type", "application/json")
                    .POST(BodyPublishers.ofString(body))
                    .build(),
                BodyHandlers.ofString());
        if (answer.statusCode() != 200 || answer.body().contains("\"rejected\"")) {
          throw new BenchException("the gateway refuses: " + answer.body());
        }
      }
      return begun.seconds();
    }
  }

  private static String insert(int number) {
    return """
    {"id":"%s","table":"notes","op":"insert","created_at":%d,"payload":\
    {"id":"%s","owner":"ada","title":"%s","rank":%d,"made":"1970-01-01 00:00:00+00"}}\
    """
        .formatted(
            UUID.randomUUID(),
            System.currentTimeMillis(),
            UUID.randomUUID(),
            title(number),
            rank(number));
  }
}
