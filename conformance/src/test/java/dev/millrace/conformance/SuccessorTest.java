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

/** A log that has outgrown its table is replaced for new clients (protocol section 10.2). */
@ExtendWith(OnePostgres.class)
class SuccessorTest {

  private static final int CHUNK_BYTES = 20_000;
  private static final Map<String, String> SETTINGS =
      Map.of("MILLRACE_CHUNK_BYTES", Integer.toString(CHUNK_BYTES));

  /** Four chunks are tolerated, and the one that crosses the threshold. */
  private static final int MOST_BYTES = 5 * CHUNK_BYTES;

  private static final int UPDATES = 5_000;

  @TempDir private Path folder;

  // Protocol 10.2-10.
  @Test
  void aNewClientIsSparedTheLogAndAnOldOneGoesOn(LocalPostgres postgres) throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, SETTINGS);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute(
          "create table t (id int primary key, n int)", "insert into t values (1, 0), (2, 0)");
      try (Follower follower = Follower.start(database.server().uri(), "t", Live.SSE)) {
        follower.awaitUpToDate();
        ShapeCopy old = ShapeCopy.of(http, "t");
        database.execute(
            "do $$ begin for i in 1..%d loop update t set n = n + 1 where id = 1; commit; end loop; end $$"
                .formatted(UPDATES));
        database.execute("insert into t values (3, 0)");
        follower.awaitChangeOf(Row.key("t", 3));

        ShapeCopy fresh = awaitOtherHandle(http, old.handle());

        assertThat(size(fresh)).isLessThan(MOST_BYTES);
        assertThat(fresh.rows()).hasSize(3);
        database.server().restart();
        assertThat(http.shape("table", "t", "offset", "-1").handle()).isEqualTo(fresh.handle());
        database.execute("insert into t values (4, 0)");
        follower.awaitChangeOf(Row.key("t", 4));
        old.readOn();
        fresh.readOn();
        assertThat(old.rows().getLast().key()).isEqualTo(Row.key("t", 4));
        assertThat(fresh.rows()).hasSize(4);
        follower.assertHasRows(database.select("t", "id"));
        follower.assertEachOperationCameOnce();
        assertThat(follower.handles()).containsExactly(old.handle());
      }
    }
  }

  @Test
  void aTableThatShrinksToNothingIsNotDownloadedByNewClients(LocalPostgres postgres)
      throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, SETTINGS);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute(
          "create table t (id int primary key, n text)",
          "insert into t select i, repeat('x', 2000) from generate_series(1, 200) i");
      ShapeCopy old = ShapeCopy.of(http, "t");
      assertThat(size(old)).isGreaterThan(MOST_BYTES);

      database.execute("delete from t");
      assertThat(old.awaitChanges()).isNotEmpty();

      ShapeCopy fresh = awaitOtherHandle(http, old.handle());
      assertThat(fresh.rows()).isEmpty();
      assertThat(size(fresh)).isLessThan(1_000);
      assertThat(ShapeCopy.of(http, "t").handle()).isEqualTo(fresh.handle());
    }
  }

  /** New clients get the old shape until the new one is there. */
  private static ShapeCopy awaitOtherHandle(ShapeHttp http, String old) throws Exception {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          Answer answer = http.shape("table", "t", "offset", "-1");
          assertThat(answer.status()).isEqualTo(200);
          return !answer.handle().equals(old);
        });
    return ShapeCopy.of(http, "t");
  }

  private static long size(ShapeCopy copy) {
    return copy.answers().stream().mapToLong(answer -> answer.body().length()).sum();
  }
}
