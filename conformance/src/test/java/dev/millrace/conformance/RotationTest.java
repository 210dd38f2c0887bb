package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.dev.LocalPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** All shapes of a server have to begin anew at once, because its slot was replaced. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RotationTest {

  private static final int TABLES = 20;
  private static final List<String> COLUMNS = List.of("id", "id,a", "id,b");

  /** Tables that are published at once, and snapshots. */
  private static final int QUERIES_AT_ONCE = 4 + 8;

  /** Above it, who comes with a handle of old is told to come back. */
  private static final int MOST_INITIAL = 30;

  private final List<Follower> followers = new ArrayList<>();

  // Protocol 10.2-9, 8-6, 8-9.
  @Test
  void isSpreadForPostgresAndEveryClientArrives(LocalPostgres postgres, @TempDir Path folder)
      throws Exception {
    var settings = Map.of("MILLRACE_MAX_INITIAL_REQUESTS", Integer.toString(MOST_INITIAL));
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, settings);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      for (int i = 0; i < TABLES; i++) {
        database.execute(
            "create table t%d (id int primary key, a text, b text)".formatted(i),
            "insert into t%d select generate_series(1, 20)".formatted(i));
      }
      begin(http);

      int most = rotate(database);

      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> followers.stream().allMatch(f -> f.has(22) || f.failure().isPresent()));
      java.nio.file.Files.copy(
          folder.resolve("server.log"),
          Path.of("/tmp/rot.log"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      assertThat(followers).allSatisfy(f -> assertThat(f.failure()).isEmpty());
      assertThat(followers).extracting(Follower::beginnings).containsOnly(2);
      assertThat(most).isBetween(1, QUERIES_AT_ONCE);
      Set<Integer> pauses = new TreeSet<>();
      followers.forEach(follower -> pauses.addAll(follower.pauses));
      assertThat(pauses).hasSizeGreaterThan(1).allMatch(seconds -> seconds >= 6);
    } finally {
      followers.forEach(Follower::stop);
    }
  }

  private void begin(ShapeHttp http) {
    for (int i = 0; i < TABLES; i++) {
      for (String columns : COLUMNS) {
        for (boolean sse : new boolean[] {false, true, false}) {
          followers.add(
              new Follower(http, new String[] {"table", "t" + i, "columns", columns}, sse));
        }
      }
    }
    // The first of each shape makes it; the others would be too many.
    int each = followers.size() / TABLES / COLUMNS.size();
    for (int part = 0; part < each; part++) {
      for (int i = part; i < followers.size(); i += each) {
        followers.get(i).start();
        int started = i;
        await().pollInterval(Duration.ofMillis(1)).until(() -> followers.get(started).has(20));
      }
    }
  }

  /**
   * Replaces the slot, with changes that nobody tells the server of, and holds all tables for a
   * while. Returns how many of the server's queries waited for them at once.
   */
  private static int rotate(SyncedDatabase database) throws Exception {
    String slot =
        database.query(
            "select slot_name from pg_replication_slots where database = current_database()");
    int most = 0;
    try (Connection holding = database.connect();
        Statement statement = holding.createStatement()) {
      database.server().pause();
      database.execute(
          "select pg_terminate_backend(active_pid, 10000) from pg_replication_slots where slot_name = '%s'"
              .formatted(slot),
          "select pg_drop_replication_slot('%s')".formatted(slot));
      for (int i = 0; i < TABLES; i++) {
        database.execute("insert into t%d values (21)".formatted(i));
      }
      database.execute(
          "select pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(slot));
      holding.setAutoCommit(false);
      for (int i = 0; i < TABLES; i++) {
        statement.execute("lock table t%d in access exclusive mode".formatted(i));
      }
      database.server().resume();
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1_500);
      while (System.nanoTime() < end) {
        String waiting =
            "select count(*) from pg_stat_activity where datname = current_database()"
                + " and wait_event_type = 'Lock' and query like 'lock table%'";
        most = Math.max(most, Integer.parseInt(database.query(waiting)));
      }
      holding.rollback();
    }
    for (int i = 0; i < TABLES; i++) {
      database.execute("insert into t%d values (22)".formatted(i));
    }
    return most;
  }

  /** Follows a shape and does what it is told: begins anew, or comes back after so many seconds. */
  private static final class Follower {
    private final ShapeHttp http;
    private final String[] shape;
    private final boolean isEventStream;
    private final Set<String> ids = new TreeSet<>();
    private final Queue<Integer> pauses = new ConcurrentLinkedQueue<>();
    private final Thread thread = Thread.ofVirtual().unstarted(this::run);
    private String handle = "";
    private String offset = "-1";
    private boolean isUpToDate;
    private int beginnings = 1;
    private String failure = "";

    Follower(ShapeHttp http, String[] shape, boolean isEventStream) {
      this.http = http;
      this.shape = shape;
      this.isEventStream = isEventStream;
    }

    void start() {
      thread.start();
    }

    void stop() {
      thread.interrupt();
    }

    synchronized boolean has(int rows) {
      return ids.size() == rows && isUpToDate;
    }

    synchronized Optional<String> failure() {
      return Optional.of(failure).filter(text -> !text.isEmpty());
    }

    synchronized int beginnings() {
      return beginnings;
    }

    private void run() {
      try {
        while (!Thread.interrupted()) {
          step();
        }
      } catch (InterruptedException e) {
        // The end of the test.
      } catch (IOException | RuntimeException e) {
        synchronized (this) {
          failure = String.valueOf(e);
        }
      }
    }

    private void step() throws IOException, InterruptedException {
      if (isUpToDate && isEventStream) {
        var response = http.stream(next("live", "true", "live_sse", "true"));
        if (response.statusCode() == 200) {
          try (var lines =
              new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
              if (line.startsWith("data: ")) {
                take(new Message(Json.object(Json.parse(line.substring(6)))));
              }
            }
          }
          return;
        }
        response.body().close();
      }
      Answer answer = http.shape(isUpToDate && !isEventStream ? next("live", "true") : next());
      switch (answer.status()) {
        case 200 -> takeAll(answer);
        case 409 -> beginAnew();
        case 503 -> {
          int seconds = Integer.parseInt(answer.header("retry-after"));
          pauses.add(seconds);
          TimeUnit.SECONDS.sleep(seconds);
        }
        default -> throw new IOException(answer.toString());
      }
    }

    private String[] next(String... more) {
      List<String> parameters = new ArrayList<>(List.of(shape));
      parameters.addAll(List.of("offset", offset));
      if (!handle.isEmpty()) {
        parameters.addAll(List.of("handle", handle));
      }
      parameters.addAll(List.of(more));
      return parameters.toArray(String[]::new);
    }

    private synchronized void takeAll(Answer answer) {
      answer.messages().forEach(this::take);
      handle = answer.handle();
      offset = answer.offset();
      isUpToDate = answer.isUpToDate();
    }

    private synchronized void take(Message message) {
      if (message.json().containsKey("key")) {
        ids.add(message.key());
        if (message.header("lsn") != null) {
          offset = message.header("lsn") + "_" + message.header("op_position");
        }
      }
    }

    private synchronized void beginAnew() {
      handle = "";
      offset = "-1";
      isUpToDate = false;
      ids.clear();
      beginnings++;
    }
  }
}
