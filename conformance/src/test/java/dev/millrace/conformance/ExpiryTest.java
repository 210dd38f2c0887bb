package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** MILLRACE_MAX_SHAPES: what nobody uses goes first (protocol section 10.2). */
@ExtendWith(OnePostgres.class)
class ExpiryTest {

  private static final Map<String, String> AT_MOST_TWO = Map.of("ELECTRIC_MAX_SHAPES", "2");

  @TempDir private Path folder;

  // Protocol 10.2-8.
  @Test
  void aboveTheMaximumTheLeastRecentlyUsedShapeGoesAlsoAfterARestart(LocalPostgres postgres)
      throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, AT_MOST_TWO);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute(
          "create table t (id int primary key, a int, b int)", "insert into t values (1, 2, 3)");
      ShapeCopy first = ShapeCopy.of(http, "t");
      ShapeCopy second = ShapeCopy.of(http, "t", "columns", "id");
      first.readOn();
      database.server().restart();

      ShapeCopy third = ShapeCopy.of(http, "t", "columns", "id,a");

      awaitShapes(first, third);
      first.readOn();
      Answer refused = http.shape(second.next());
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.handle()).isNotEmpty().isNotEqualTo(second.handle());
    }
  }

  @Test
  void aShapeThatAClientWaitsForStays(LocalPostgres postgres) throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, AT_MOST_TWO);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute("create table t (id int primary key, a int, b int)");
      ShapeCopy waiting = ShapeCopy.of(http, "t");
      CompletableFuture<Answer> live = http.shapeLater(waiting.next("live", "true"));
      ShapeCopy idle = ShapeCopy.of(http, "t", "columns", "id");

      ShapeCopy latest = ShapeCopy.of(http, "t", "columns", "id,a");

      awaitShapes(waiting, latest);
      database.execute("insert into t values (1, 2, 3)");
      assertThat(live.get().changes()).hasSize(1);
      assertThat(http.shape(idle.next()).status()).isEqualTo(409);
    }
  }

  private void awaitShapes(ShapeCopy... kept) {
    String[] handles = Arrays.stream(kept).map(ShapeCopy::handle).toArray(String[]::new);
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(new ServerFiles(folder).shapes()).containsExactlyInAnyOrder(handles));
  }
}
