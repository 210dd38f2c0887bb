package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Postgres sends a transaction to us once it is in its log, and shows it to others only when the
 * synchronous standby has it too: meanwhile a snapshot misses what the stream has brought already.
 */
class StalledStandbyTest {

  /** A standby that never comes, for those who wait for one. */
  private static final Map<String, String> NO_STANDBY =
      Map.of("synchronous_standby_names", "nobody", "synchronous_commit", "local");

  @Test
  void aShapeMadeAfterARestartWaitsForWhatWasStreamedBefore(@TempDir Path folder) throws Exception {
    try (LocalPostgres postgres = LocalPostgres.temporary(NO_STANDBY);
        SyncedDatabase database = SyncedDatabase.start(postgres, folder);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute("create table t (id int primary key, n int)", "insert into t values (1, 0)");
      ShapeCopy old = ShapeCopy.of(http, "t");
      CompletableFuture<Void> commit = CompletableFuture.runAsync(() -> insertAndWait(database));
      assertThat(old.awaitChanges()).hasSize(1);
      assertThat(database.query("select count(*) from t")).isEqualTo("1");

      database.server().kill();
      database.server().restart();

      assertThat(http.shape("table", "t", "offset", "-1", "columns", "id").status()).isEqualTo(503);
      database.query(
          "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'");
      commit.join();
      assertThat(ShapeCopy.of(http, "t", "columns", "id").rows()).hasSize(2);
      old.readOn();
      assertThat(old.rows()).hasSize(2);
    }
  }

  private static void insertAndWait(SyncedDatabase database) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("set synchronous_commit = on");
      statement.execute("insert into t values (2, 0)");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
