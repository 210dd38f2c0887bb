package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteResult;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Batches posted one to three times each over several connections while the server's process and
 * Postgres are killed: what a device was told is applied is in Postgres once; of the rest each
 * change, or all changes of a {@code tx}, are there or not, and the ledger knows which. {@code
 * MILLRACE_CHANGES} says how many changes, {@code MILLRACE_SEED} which.
 */
class WriteCrashTest {
  private static final int CHANGES = 5_000;
  private static final int BATCH = 25;
  private static final int SENDERS = 6;
  private static final int USERS = 4;

  /** Most posts between two kills. */
  private static final int LONGEST_PEACE = 300;

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(50);

  @TempDir private Path folder;

  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicInteger posts = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();
  private final AtomicInteger duplicates = new AtomicInteger();

  private record Batch(String user, List<WriteChange> changes) {}

  @Test
  @Timeout(value = 60, unit = TimeUnit.MINUTES)
  void whatIsAcknowledgedIsThereOnceAndNothingIsHalfThere() throws Exception {
    long seed = Workload.seed();
    Random random = new Random(seed);
    int count = Integer.parseInt(System.getenv().getOrDefault("MILLRACE_CHANGES", "" + CHANGES));
    List<Batch> batches = batches(count);
    List<Batch> sent = new ArrayList<>();
    for (Batch batch : batches) {
      sent.addAll(Collections.nCopies(1 + random.nextInt(3), batch));
    }
    // A batch that is sent again comes soon after, often while the first is still under way.
    for (int i = 0; i < sent.size(); i++) {
      Collections.swap(sent, i, Math.min(sent.size() - 1, i + random.nextInt(2 * SENDERS)));
    }
    try (LocalPostgres postgres = LocalPostgres.temporary(Map.of("fsync", "on"));
        SyncedDatabase database = start(postgres)) {
      int kills = send(postgres, database, sent, random);
      int before = verify(database, batches, "seed " + seed);
      send(database, new ConcurrentLinkedQueue<>(batches), true);
      System.out.printf(
          "%,d posts, %d kills, %d posts without an answer, %,d duplicates;"
              + " %,d changes acknowledged before all were sent again%n",
          posts.get(), kills, lost.get(), duplicates.get(), before);
      assertThat(acknowledged).hasSize(count);
      assertThat(verify(database, batches, "seed " + seed)).isEqualTo(count);
      assertThat(rows(database)).as("seed %d", seed).hasSize(count);
      assertThat(kills).isGreaterThan(1);
    }
  }

  private SyncedDatabase start(LocalPostgres postgres) throws SQLException {
    WriteServer.createRoles(postgres);
    SyncedDatabase database =
        SyncedDatabase.start(
            postgres,
            folder,
            Map.of(
                "MILLRACE_SECRET",
                WriteServer.SECRET,
                "MILLRACE_JWT_SECRET",
                Tokens.OURS.secret(),
                "MILLRACE_MAX_WRITES_PER_USER",
                "100"));
    // Without a key of ours, a change that was applied twice is two rows.
    database.execute(
        """
        create table steps (
          row bigint generated always as identity,
          owner text not null default current_setting('app.user_id'),
          id uuid not null)\
        """,
        "alter table steps enable row level security",
        "grant select, insert on steps to authenticated",
        "create policy own on steps using (owner = current_setting('app.user_id'))");
    return database;
  }

  /** Half of them in pairs that apply together. */
  private static List<Batch> batches(int count) {
    List<Batch> batches = new ArrayList<>();
    for (int from = 0; from < count; from += BATCH) {
      List<WriteChange> changes = new ArrayList<>();
      String tx = UUID.randomUUID().toString();
      for (int i = 0; i < Math.min(BATCH, count - from); i++) {
        WriteChange change = Changes.insert("steps", "{'id':'%s'}".formatted(UUID.randomUUID()));
        if (i % 2 == 0) {
          tx = UUID.randomUUID().toString();
        }
        changes.add(i % 4 < 2 ? Changes.inTx(tx, change) : change);
      }
      batches.add(new Batch("user-" + from / BATCH % USERS, changes));
    }
    return batches;
  }

  /** Sends all, while now the server and now Postgres is killed; returns how often. */
  private int send(LocalPostgres postgres, SyncedDatabase database, List<Batch> sent, Random random)
      throws Exception {
    try (ExecutorService control = Executors.newSingleThreadExecutor()) {
      Future<?> sending =
          control.submit(() -> {
            send(database, new ConcurrentLinkedQueue<>(sent), false);
            return true;
          });
      int kills = 0;
      while (!sending.isDone()) {
        int next = posts.get() + 1 + random.nextInt(Math.min(LONGEST_PEACE, sent.size() / 6));
        Awaitility.await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(2))
            .until(() -> posts.get() >= next || sending.isDone());
        if (!sending.isDone()) {
          kill(postgres, database, random.nextInt(3));
          kills++;
        }
      }
      sending.get();
      return kills;
    }
  }

  private static void kill(LocalPostgres postgres, SyncedDatabase database, int victim) {
    if (victim > 0) {
      database.server().kill();
    }
    if (victim < 2) {
      postgres.kill();
      postgres.restart();
    }
    if (victim > 0) {
      database.server().restart();
    }
  }

  private void send(SyncedDatabase database, Queue<Batch> batches, boolean untilAcknowledged)
      throws Exception {
    try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
      List<Future<?>> sending = new ArrayList<>();
      for (int i = 0; i < SENDERS; i++) {
        sending.add(
            senders.submit(() -> {
              try (ShapeHttp http = new ShapeHttp(database.server().uri())) {
                for (Batch next = batches.poll(); next != null; next = batches.poll()) {
                  Batch batch = next;
                  if (untilAcknowledged) {
                    Awaitility.await()
                        .atMost(PATIENCE)
                        .pollInterval(PAUSE)
                        .until(() -> post(http, batch));
                  } else {
                    post(http, batch);
                  }
                }
              }
              return true;
            }));
      }
      for (Future<?> one : sending) {
        one.get();
      }
    }
  }

  /** Posts once to a server that listens; says whether all was acknowledged. */
  private boolean post(ShapeHttp http, Batch batch) throws InterruptedException {
    String body = WriteDatabase.batch("device", batch.changes()).toJson().toString();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        ShapeHttp.Answer answer =
            http.post(
                WriteServer.PATH,
                body,
                "authorization",
                Tokens.OURS.bearer(batch.user()),
                "content-type",
                "application/json");
        posts.incrementAndGet();
        return note(answer);
      } catch (ConnectException e) {
        // Nobody was there to hear it.
        assertThat(System.nanoTime()).as("until the server is back").isLessThan(deadline);
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
      } catch (IOException e) {
        posts.incrementAndGet();
        lost.incrementAndGet();
        return false;
      }
    }
  }

  private boolean note(ShapeHttp.Answer answer) {
    if (answer.status() != 200) {
      assertThat(answer.status()).as(answer.body()).isEqualTo(503);
      assertThat(answer.has("retry-after")).isTrue();
      return false;
    }
    boolean isWhole = true;
    for (WriteResult result : WriteServer.read(answer).results()) {
      if (result.status().isInDatabase()) {
        acknowledged.add(result.id());
        duplicates.addAndGet(result.status() == WriteResult.Status.DUPLICATE ? 1 : 0);
      } else {
        assertThat(result.status()).isEqualTo(WriteResult.Status.RETRY);
        isWhole = false;
      }
    }
    return isWhole;
  }

  /** Holds rows and ledger against what was acknowledged; returns how many that were. */
  private int verify(SyncedDatabase database, List<Batch> batches, String seed)
      throws SQLException {
    int known = acknowledged.size();
    Map<String, Integer> rows = rows(database);
    Set<String> ledger = ids(database, "select id::text, 1 from millrace.applied_change").keySet();
    Map<String, Boolean> groups = new HashMap<>();
    for (Batch batch : batches) {
      for (WriteChange change : batch.changes()) {
        int times = rows.getOrDefault(rowOf(change), 0);
        assertThat(times).as("rows of a change, %s", seed).isLessThanOrEqualTo(1);
        assertThat(ledger.contains(change.id())).as("its entry, %s", seed).isEqualTo(times == 1);
        if (acknowledged.contains(change.id())) {
          assertThat(times).as("rows of an acknowledged change, %s", seed).isEqualTo(1);
        }
        change
            .tx()
            .ifPresent(tx -> {
              Boolean other = groups.putIfAbsent(tx, times == 1);
              assertThat(other == null || other == (times == 1))
                  .as("a tx as a whole, %s", seed)
                  .isTrue();
            });
      }
    }
    return known;
  }

  private static String rowOf(WriteChange change) {
    return ((Json.Text) MergeModel.cell(change.payload().byName(), "id")).value();
  }

  private static Map<String, Integer> rows(SyncedDatabase database) throws SQLException {
    return ids(database, "select id::text, count(*) from steps group by id");
  }

  private static Map<String, Integer> ids(SyncedDatabase database, String sql) throws SQLException {
    Map<String, Integer> found = new HashMap<>();
    try (Connection own = database.connect();
        Statement statement = own.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        found.put(rows.getString(1), rows.getInt(2));
      }
    }
    return found;
  }
}
