package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What was dropped takes no room: no folder, no journal, no descriptor, no mapping. */
@ExtendWith(OnePostgres.class)
class DeletionTest {

  private static final Map<String, String> SETTINGS = Map.of("MILLRACE_CHUNK_BYTES", "100000");

  /** Makes a log of several megabytes. */
  private static final String GROW =
      "insert into t select i, repeat('x', 1000) from generate_series(%d, %d) i";

  private static final int ROWS = 3_000;
  private static final long LITTLE = 200_000;
  private static final long MUCH = 3_000_000;

  @TempDir private Path folder;

  @Test
  void aDroppedShapeFreesItsDisk(LocalPostgres postgres) throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, SETTINGS);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute("create table t (id int primary key, n text)");
      ServerFiles files = new ServerFiles(folder);
      ShapeCopy copy = ShapeCopy.of(http, "t");
      database.execute(GROW.formatted(1, ROWS));
      awaitRows(copy, ROWS);
      assertThat(files.size()).isGreaterThan(MUCH);

      database.execute("truncate t");

      awaitFreed(files, database.server().pid());
      assertThat(files.open(database.server().pid())).hasSizeLessThan(4);
      assertThat(http.shape(copy.next()).status()).isEqualTo(409);
    }
  }

  @Test
  void whatACrashLeftIsRemovedAtTheStart(LocalPostgres postgres) throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, SETTINGS);
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      database.execute("create table t (id int primary key, n text)");
      ServerFiles files = new ServerFiles(folder);
      ShapeCopy copy = ShapeCopy.of(http, "t");
      database.execute(GROW.formatted(1, ROWS));
      awaitRows(copy, ROWS);
      database.server().kill();
      Path shapes = folder.resolve("server/shapes");
      Files.createDirectories(shapes.resolve("77-88/snapshot"));
      Files.write(shapes.resolve("77-88/snapshot/0.chunk"), new byte[1_000]);
      Path unfinished = shapes.resolve(copy.handle()).resolve("log/1_0-2_0-9-9-+9.chunk.tmp");
      Files.write(unfinished, new byte[1_000]);

      database.server().restart();

      assertThat(files.shapes()).containsExactly(copy.handle());
      assertThat(unfinished).doesNotExist();
      copy.readOn();
      assertThat(files.held(database.server().pid())).isEmpty();
      database.execute("truncate t");
      awaitFreed(files, database.server().pid());
    }
  }

  private static void awaitRows(ShapeCopy copy, int rows) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (copy.rows().size() < rows && System.nanoTime() < deadline) {
      copy.awaitChanges();
    }
    assertThat(copy.rows()).hasSize(rows);
  }

  private static void awaitFreed(ServerFiles files, long pid) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> {
          assertThat(files.shapes()).isEmpty();
          assertThat(files.journal()).hasSizeLessThan(3);
          assertThat(files.size()).isLessThan(LITTLE);
          assertThat(files.held(pid)).isEmpty();
        });
  }
}
