package dev.millrace.conformance;

import dev.millrace.conformance.Follower.Live;
import dev.millrace.dev.LocalPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shapes are made while others write: what the snapshot has seen is not in the log, and what it has
 * not seen is.
 */
@ExtendWith(OnePostgres.class)
class SnapshotSeamTest {

  private static final Map<String, String> SETTINGS = Map.of("MILLRACE_CHUNK_BYTES", "20000");
  private static final int LAST_ID = 1_000_000;

  /** Each a definition of its own, so each makes a snapshot. */
  private static final List<List<String>> DEFINITIONS =
      List.of(
          List.of(),
          List.of("--replica", "full"),
          List.of("--columns", "id,n"),
          List.of("--columns", "id,note"),
          List.of("--columns", "id,n", "--replica", "full"),
          List.of("--columns", "id,note", "--replica", "full"),
          List.of("--columns", "id"),
          List.of("--columns", "id,n,note"));

  @Test
  void shapesMadeAmongConcurrentWritersHaveEachRowOnce(LocalPostgres postgres, @TempDir Path folder)
      throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, SETTINGS)) {
      Workload.createTable(database, "busy");
      long seed = Workload.seed();
      List<Follower> followers = new ArrayList<>();
      try {
        try (Workload one = Workload.start(database, "busy", seed);
            Workload two = Workload.start(database, "busy", seed + 1)) {
          one.awaitCommits(20);
          two.awaitCommits(20);
          for (List<String> definition : DEFINITIONS) {
            followers.add(follow(database, "busy", definition));
            one.awaitCommits(15);
          }
        }
        insertLast(database, "busy");

        for (int i = 0; i < followers.size(); i++) {
          followers.get(i).awaitChangeOf(Row.key("busy", LAST_ID));
          followers.get(i).assertHasRows(expected(database, "busy", DEFINITIONS.get(i)));
          followers.get(i).assertEachOperationCameOnce();
        }
      } finally {
        close(followers);
      }
    }
  }

  @Test
  void aTransactionThatWasOpenWhileTheShapeWasMadeArrivesByTheLog(
      LocalPostgres postgres, @TempDir Path folder) throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder, SETTINGS)) {
      Workload.createTable(database, "quiet");
      database.execute("insert into quiet values (1, 0, 'before'), (2, 0, 'before')");
      List<Follower> followers = new ArrayList<>();
      followers.add(follow(database, "quiet", DEFINITIONS.get(0)));
      followers.getFirst().awaitUpToDate();

      try (Connection open = database.connect();
          Statement statement = open.createStatement()) {
        open.setAutoCommit(false);
        statement.execute("update quiet set n = 7 where id = 1");
        statement.execute("savepoint s");
        statement.execute("insert into quiet values (3, 0, 'in a subtransaction')");
        for (List<String> definition : DEFINITIONS.subList(1, DEFINITIONS.size())) {
          Follower follower = follow(database, "quiet", definition);
          followers.add(follower);
          follower.awaitUpToDate();
        }
        database.execute("insert into quiet values (4, 0, 'meanwhile')");
        statement.execute("delete from quiet where id = 2");
        open.commit();
        insertLast(database, "quiet");

        for (int i = 0; i < followers.size(); i++) {
          followers.get(i).awaitChangeOf(Row.key("quiet", LAST_ID));
          followers.get(i).assertHasRows(expected(database, "quiet", DEFINITIONS.get(i)));
          followers.get(i).assertEachOperationCameOnce();
        }
      } finally {
        close(followers);
      }
    }
  }

  private static Follower follow(SyncedDatabase database, String table, List<String> definition)
      throws IOException {
    return Follower.start(
        database.server().uri(), table, Live.SSE, definition.toArray(String[]::new));
  }

  private static void close(List<Follower> followers) throws IOException {
    for (Follower follower : followers) {
      follower.close();
    }
  }

  private static List<Row> expected(SyncedDatabase database, String table, List<String> definition)
      throws SQLException {
    int columns = definition.indexOf("--columns");
    List<String> names =
        columns < 0 ? database.columns(table) : List.of(definition.get(columns + 1).split(",", -1));
    return database.select(table, names, List.of("id"));
  }

  private static void insertLast(SyncedDatabase database, String table) throws SQLException {
    database.execute("insert into %s values (%d, 0, 'last')".formatted(table, LAST_ID));
  }
}
