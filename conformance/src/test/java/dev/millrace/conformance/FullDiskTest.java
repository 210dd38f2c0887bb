package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.Follower.Live;
import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server's disk is full: nothing more is confirmed to Postgres, what is there is read on, the
 * health says why, and with room all goes on by itself.
 */
@ExtendWith(OnePostgres.class)
class FullDiskTest {

  private static final Map<String, String> SETTINGS = Map.of("MILLRACE_CHUNK_BYTES", "20000");
  private static final int LAST_ID = 1_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  @TempDir private Path folder;

  // Protocol 12-3.
  @Test
  void nothingIsLostOrDoubledWhileTheDiskIsFull(LocalPostgres postgres) throws Exception {
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), "24m");
        SyncedDatabase database = SyncedDatabase.start(postgres, disk.folder(), SETTINGS);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute(
          "create table t (id int primary key, n text)",
          "create table other (id int primary key, n text)",
          "insert into t select i, 'before' from generate_series(1, 500) i",
          "insert into other select i, repeat('y', 1000) from generate_series(1, 3000) i");
      ServerFiles files = new ServerFiles(disk.folder());
      try (Follower follower = Follower.start(database.server().uri(), "t", Live.SSE)) {
        follower.awaitUpToDate();
        ShapeCopy copy = ShapeCopy.of(http, "t");
        disk.fill();
        String before = database.query("select pg_current_wal_insert_lsn()");

        database.execute(
            "insert into t select i, repeat('x', 1000) from generate_series(1001, 1500) i",
            "delete from t where id < 100");

        awaitHealth(http, 202, "{\"status\":\"disk_full\"}");
        assertThat(http.shape(copy.next()).status()).isEqualTo(200);
        assertThat(ShapeCopy.of(http, "t").rows()).hasSize(500);
        assertThat(http.shape("table", "other", "offset", "-1").status()).isEqualTo(503);
        Awaitility.await()
            .untilAsserted(() -> assertThat(files.shapes()).containsExactly(copy.handle()));
        assertThat(isConfirmed(database, before)).isFalse();

        disk.makeRoom();
        database.execute("insert into t values (%d, 'last')".formatted(LAST_ID));

        awaitHealth(http, 200, "{\"status\":\"active\"}");
        follower.awaitChangeOf(Row.key("t", LAST_ID));
        follower.assertHasRows(database.select("t", "id"));
        follower.assertEachOperationCameOnce();
        assertThat(follower.handles()).containsExactly(copy.handle());
        assertThat(ShapeCopy.of(http, "other").rows()).hasSize(3000);
        String now = database.query("select pg_current_wal_insert_lsn()");
        Awaitility.await().atMost(PATIENCE).until(() -> isConfirmed(database, now));
      }
    }
  }

  private static void awaitHealth(ShapeHttp http, int status, String body) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          Answer health = http.get("/v1/health");
          assertThat(health.body()).isEqualTo(body);
          assertThat(health.status()).isEqualTo(status);
        });
  }

  /** Whether Postgres may forget what came before that position, and something after it. */
  private static boolean isConfirmed(SyncedDatabase database, String position) throws Exception {
    return database
        .query(
            "select confirmed_flush_lsn > '%s' from pg_replication_slots where database = current_database()"
                .formatted(position))
        .equals("t");
  }
}
