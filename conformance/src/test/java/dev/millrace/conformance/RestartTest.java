package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.Follower.Live;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The official client follows while the server, or Postgres, is ended in the middle of a stream of
 * transactions: nothing is lost, nothing comes twice, and the handle stays.
 */
@ExtendWith(OnePostgres.class)
class RestartTest {

  private static final Map<String, String> SETTINGS = Map.of("MILLRACE_CHUNK_BYTES", "20000");
  private static final int ENDINGS = 4;

  /** The client waits longer after each failure in a row, up to half a minute. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String TABLE = "busy";
  private static final int LAST_ID = 1_000_000;

  @TempDir private Path folder;

  /** Something that happens to a running system. */
  @FunctionalInterface
  private interface Blow {
    void strike();
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatIsKilledLosesAndRepeatsNothing(Live live, LocalPostgres postgres)
      throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, SETTINGS)) {
      followThrough(
          database,
          live,
          () -> {
            database.server().kill();
            database.server().restart();
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatIsStoppedLosesAndRepeatsNothing(Live live, LocalPostgres postgres)
      throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, SETTINGS)) {
      followThrough(
          database,
          live,
          () -> {
            database.server().stop();
            database.server().restart();
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPostgresThatIsKilledLosesAndRepeatsNothing(Live live) throws Exception {
    try (LocalPostgres postgres = LocalPostgres.temporary();
        SyncedDatabase database = SyncedDatabase.start(postgres, folder, SETTINGS)) {
      followThrough(
          database,
          live,
          () -> {
            postgres.kill();
            postgres.restart();
          });
    }
  }

  private static void followThrough(SyncedDatabase database, Live live, Blow blow)
      throws Exception {
    long seed = Workload.seed();
    Random random = new Random(seed);
    Workload.createTable(database, TABLE);

    try (Follower follower = Follower.start(database.server().uri(), TABLE, live)) {
      follower.awaitUpToDate();
      try (Workload workload = Workload.start(database, TABLE, seed)) {
        for (int i = 0; i < ENDINGS; i++) {
          workload.awaitCommits(1 + random.nextInt(150));
          blow.strike();
        }
        workload.awaitCommits(1 + random.nextInt(50));
      }
      insertLast(database);
      awaitLast(follower);

      follower.assertHasRows(database.select(TABLE, "id"));
      follower.assertEachOperationCameOnce();
      assertThat(follower.handles()).hasSize(1);
    }
  }

  private static void insertLast(SyncedDatabase database) throws SQLException {
    database.execute("insert into %s values (%d, 0, 'last')".formatted(TABLE, LAST_ID));
  }

  private static void awaitLast(Follower follower) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> follower.operations().containsKey(Row.key(TABLE, LAST_ID)));
    follower.awaitChangeOf(Row.key(TABLE, LAST_ID));
  }
}
