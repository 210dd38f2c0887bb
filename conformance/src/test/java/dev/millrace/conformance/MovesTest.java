package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.dev.LocalPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shapes that depend on another table, while several connections write to both at once and the
 * server is killed: their clients are told nothing that does not fit what they have, and end with
 * the rows that Postgres selects. {@code MILLRACE_SEED} says what is written.
 */
@ExtendWith(OnePostgres.class)
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class MovesTest {
  private static final int WRITERS = 4;
  private static final Duration WRITING = Duration.ofSeconds(5);

  private static final List<String> CLAUSES =
      List.of(
          "team in (select team from members where member = 'u0')",
          "team in (select team from members where member = 'u1' and rank > 1) or id % 7 = 0",
          "not (team in (select team from members where member = 'u2'))",
          "exists (select from members m where m.rank = n and m.member = 'u1')",
          "team in (select team from members where member = 'u0')"
              + " and team in (select rank from members)",
          "(team, n) in (select team, rank from members where member <> 'u2')",
          "team in (select team from members where rank in"
              + " (select rank from members where member = 'u1'))");

  @TempDir private Path folder;

  private final AtomicBoolean isOver = new AtomicBoolean();

  /** A client's rows by key, with which everything it is told has to fit. */
  private static final class Follower {
    private final String clause;
    private final String replica;
    private Map<String, Map<String, @Nullable Object>> rows = new TreeMap<>();
    private String handle = "";
    private String offset = "-1";
    private int beginnings = 1;
    private int moves;

    Follower(String clause, String replica) {
      this.clause = clause;
      this.replica = replica;
    }

    /** One request; waits for changes if it has all. */
    synchronized void read(ShapeHttp http, boolean isLive)
        throws IOException, InterruptedException {
      List<String> parameters =
          new ArrayList<>(
              List.of("table", "docs", "where", clause, "replica", replica, "offset", offset));
      if (!handle.isEmpty()) {
        parameters.addAll(List.of("handle", handle));
      }
      if (isLive && !handle.isEmpty()) {
        parameters.addAll(List.of("live", "true"));
      }
      Answer answer = http.shape(parameters.toArray(String[]::new));
      if (answer.status() == 409) {
        beginnings++;
        handle = "";
        offset = "-1";
        rows = new TreeMap<>();
        return;
      }
      if (answer.status() >= 500) {
        return;
      }
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      boolean isInLog = !offset.equals("-1");
      handle = answer.handle();
      offset = answer.offset();
      for (Message message : answer.messages()) {
        if ("snapshot-end".equals(message.header("control"))) {
          moves += isInLog ? 1 : 0;
        } else if (message.json().containsKey("key")) {
          take(message);
        }
      }
    }

    private void take(Message message) {
      switch (message.operation()) {
        case "insert" -> {
          assertThat(rows).as("%s", message).doesNotContainKey(message.key());
          rows.put(message.key(), message.value());
        }
        case "update" -> {
          assertThat(rows).as("%s", message).containsKey(message.key());
          Map<String, @Nullable Object> next = new TreeMap<>(rows.get(message.key()));
          next.putAll(message.value());
          rows.put(message.key(), next);
        }
        default -> assertThat(rows.remove(message.key())).as("%s", message).isNotNull();
      }
    }

    synchronized String text() {
      return String.join(
          " ", rows.values().stream().map(row -> row.get("id") + ":" + row.get("n")).toList());
    }
  }

  // Protocol 7-11, 7-12.
  @Test
  void clientsAreToldWhatFitsWhateverHappensAtOnce(LocalPostgres postgres) throws Exception {
    long seed = Workload.seed();
    List<Follower> followers = new ArrayList<>();
    for (String clause : CLAUSES) {
      followers.add(new Follower(clause, "default"));
      followers.add(new Follower(clause, "full"));
    }
    try (SyncedDatabase database =
            SyncedDatabase.start(
                postgres, folder.resolve("server"), Map.of("MILLRACE_LONG_POLL_TIMEOUT", "1"));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      database.execute(
          "create table docs (id int primary key, team int, n int)",
          "create table members (team int, member text, rank int, primary key (team, member))",
          "insert into docs select i, i % 5, 0 from generate_series(1, 60) i");
      List<Future<?>> running = new ArrayList<>();
      for (Follower follower : followers) {
        running.add(threads.submit(follow(follower, database)));
      }
      for (int i = 0; i < WRITERS; i++) {
        SplittableRandom random = new SplittableRandom(seed + i);
        running.add(threads.submit(write(random, database)));
      }
      await().pollDelay(WRITING).until(() -> true);
      database.server().kill();
      database.server().restart();
      await().pollDelay(WRITING).until(() -> true);
      isOver.set(true);
      for (Future<?> one : running) {
        one.get(60, TimeUnit.SECONDS);
      }
      try (ShapeHttp http = new ShapeHttp(database.server().uri())) {
        for (Follower follower : followers) {
          String selected =
              database.query(
                  "select coalesce(string_agg(id || ':' || n, ' ' order by id::text), '') from docs where "
                      + follower.clause);
          await()
              .untilAsserted(() -> {
                follower.read(http, true);
                assertThat(follower.text())
                    .as("seed %d, %s", seed, follower.clause)
                    .isEqualTo(selected);
              });
        }
      }
    }
    int moves = followers.stream().mapToInt(one -> one.moves).sum();
    int beginnings = followers.stream().mapToInt(one -> one.beginnings).sum();
    assertThat(moves).as("moves, beside %d beginnings", beginnings).isGreaterThan(5);
  }

  private Callable<Void> follow(Follower follower, SyncedDatabase database) {
    return () -> {
      while (!isOver.get()) {
        try (ShapeHttp http = new ShapeHttp(database.server().uri())) {
          while (!isOver.get()) {
            follower.read(http, true);
          }
        } catch (IOException e) {
          // The server is being restarted.
          await().pollDelay(Duration.ofMillis(20)).until(() -> true);
        }
      }
      return null;
    };
  }

  private Callable<Void> write(SplittableRandom random, SyncedDatabase database) {
    return () -> {
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement()) {
        while (!isOver.get()) {
          connection.setAutoCommit(false);
          int changes = 1 + random.nextInt(3);
          List<String> sql = new ArrayList<>();
          for (int i = 0; i < changes; i++) {
            sql.add(change(random));
          }
          // In one order, so that they do not wait for each other in a circle.
          sql.sort(String::compareTo);
          try {
            for (String one : sql) {
              statement.execute(one);
            }
            statement.execute("select pg_sleep(%s)".formatted(random.nextInt(20) / 1000.0));
            connection.commit();
          } catch (SQLException e) {
            connection.rollback();
          }
        }
      }
      return null;
    };
  }

  private static String change(SplittableRandom random) {
    int id = 1 + random.nextInt(80);
    int team = random.nextInt(6);
    return switch (random.nextInt(10)) {
      case 0, 1 ->
          "insert into docs values (%d, %d, 0) on conflict (id) do update set n = docs.n + 1"
              .formatted(id, team);
      case 2, 3, 4 -> "update docs set n = n + 1, team = %d where id = %d".formatted(team, id);
      case 5 -> "update docs set n = n + 1 where team = " + team;
      case 6 -> "delete from docs where id = " + id;
      case 7 ->
          "insert into members values (%d, 'u%d', %d) on conflict (team, member) do update set rank = excluded.rank"
              .formatted(team, random.nextInt(3), random.nextInt(4));
      case 8 -> "update members set rank = %d where team = %d".formatted(random.nextInt(4), team);
      default -> "delete from members where member = 'u%d'".formatted(random.nextInt(3));
    };
  }
}
