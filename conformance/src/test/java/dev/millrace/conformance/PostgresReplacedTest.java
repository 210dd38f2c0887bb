package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.dev.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Behind the same address there is another Postgres than before, or an older state of the same one:
 * what was made of the former is not continued with the latter.
 */
@ExtendWith(OnePostgres.class)
class PostgresReplacedTest {

  private static final String NAME = "replaced";

  @TempDir private Path folder;

  @Test
  void anotherClusterBehindTheSameAddressMakesAllShapesBeginAnew(LocalPostgres postgres)
      throws Exception {
    try (LocalPostgres other = LocalPostgres.temporary();
        PostgresProxy proxy = PostgresProxy.to(postgres)) {
      prepare(postgres, "insert into items values (1)");
      prepare(other, "insert into items values (8), (9)");
      // All is there as the server left it elsewhere: only the cluster's own number tells.
      execute(
          other,
          "create publication millrace_publication_replaced for table items",
          "select pg_create_logical_replication_slot('millrace_slot_replaced', 'pgoutput')");
      try (ServerProcess server = start(proxy.url("postgres", NAME));
          ShapeHttp http = new ShapeHttp(server.uri())) {
        ShapeCopy copy = ShapeCopy.of(http, "items");
        assertThat(copy.rows()).hasSize(1);
        awaitKept(copy);

        proxy.leadTo(other);

        assertBeginsAnew(http, copy, 2);
        assertThat(server.log()).contains("another database or history answers");
      } finally {
        execute(
            postgres,
            "select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = 'millrace_slot_replaced'",
            "select pg_drop_replication_slot('millrace_slot_replaced')");
        try (Connection connection = postgres.connect();
            Statement statement = connection.createStatement()) {
          statement.execute("drop database %s with (force)".formatted(NAME));
        }
      }
    }
  }

  /** The copy is of a Postgres at rest, slot and all, as a file system's snapshot would be. */
  // Protocol 10.2-9.
  @Test
  void aRestoredBackupMakesAllShapesBeginAnew() throws Exception {
    Path live = folder.resolve("postgres");
    Path backup = folder.resolve("backup");
    LocalPostgres postgres = LocalPostgres.persistent(live, 0);
    int port = postgres.port();
    try {
      prepare(postgres, "insert into items values (1)");
      try (ServerProcess server = start(postgres.url(NAME));
          ShapeHttp http = new ShapeHttp(server.uri())) {
        ShapeCopy copy = ShapeCopy.of(http, "items");
        postgres.close();
        PostgresFolder.copy(live.resolve("data"), backup);
        postgres = LocalPostgres.persistent(live, port);
        execute(postgres, "insert into items select generate_series(2, 5000)");
        assertThat(copy.awaitChanges()).hasSize(4999);

        postgres.close();
        Files.move(live.resolve("data"), folder.resolve("lost"));
        Files.move(backup, live.resolve("data"));
        postgres = LocalPostgres.persistent(live, port);

        assertBeginsAnew(http, copy, 1);
        assertThat(server.log()).contains("the database is at ", ", before our ");
      }
    } finally {
      postgres.close();
    }
  }

  /** A shape whose rows can be read already may still be lost with the connection. */
  private void awaitKept(ShapeCopy copy) {
    Path file = folder.resolve("server/server/shapes").resolve(copy.handle()).resolve("shape");
    await().untilAsserted(() -> assertThat(file).exists());
  }

  /**
   * What the old primary has written since the standby was promoted is lost, and clients see it.
   */
  // Protocol 10.2-9.
  @Test
  void aStandbyThatIsPromotedMakesAllShapesBeginAnew() throws Exception {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    LocalPostgres primary = LocalPostgres.persistent(first, 0);
    prepare(primary, "insert into items values (1)");
    try (PostgresProxy proxy = PostgresProxy.to(primary);
        ServerProcess server = start(proxy.url("postgres", NAME));
        ShapeHttp http = new ShapeHttp(server.uri())) {
      ShapeCopy copy = ShapeCopy.of(http, "items");
      int port = primary.port();
      primary.close();
      PostgresFolder.makeStandby(first, second, port);
      primary = LocalPostgres.persistent(first, port);
      try (LocalPostgres standby = LocalPostgres.persistent(second, 0)) {
        execute(primary, "insert into items values (2)");
        await().until(() -> count(standby) == 2);
        execute(standby, "select pg_promote()");
        execute(primary, "insert into items values (3)");
        while (copy.rows().size() < 3) {
          copy.awaitChanges();
        }

        proxy.leadTo(standby);
        await()
            .ignoreExceptions()
            .until(() -> {
              execute(standby, "insert into items values (4)");
              return true;
            });

        assertBeginsAnew(http, copy, 3);
        assertThat(ShapeCopy.of(http, "items").rows())
            .extracting(row -> row.value("id"))
            .containsExactlyInAnyOrder("1", "2", "4");
        assertThat(server.log()).contains("another database or history answers");
      }
    } finally {
      primary.close();
    }
  }

  private static int count(LocalPostgres postgres) throws SQLException {
    try (Connection connection = postgres.connect(NAME);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from items")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static void assertBeginsAnew(ShapeHttp http, ShapeCopy copy, int rows)
      throws IOException, InterruptedException {
    Answer refusal = awaitRefusal(http, copy);

    assertThat(refusal.status()).isEqualTo(409);
    assertThat(refusal.handle()).isNotEqualTo(copy.handle());
    assertThat(ShapeCopy.of(http, "items").rows()).hasSize(rows);
  }

  /** It may be told before that the server follows nothing for now. */
  private static Answer awaitRefusal(ShapeHttp http, ShapeCopy copy)
      throws IOException, InterruptedException {
    Answer answer = copy.awaitRefusal();
    for (int i = 0; i < 20 && answer.status() == 503; i++) {
      answer = http.shape(copy.next("live", "true"));
    }
    return answer;
  }

  private ServerProcess start(String url) {
    return ServerProcess.start(
        Map.of(
            "DATABASE_URL",
            url,
            "MILLRACE_DATA_DIR",
            folder.resolve("server").toString(),
            "MILLRACE_REPLICATION_STREAM_ID",
            NAME,
            "MILLRACE_LONG_POLL_TIMEOUT",
            "3",
            "MILLRACE_INSECURE",
            "true"),
        List.of("-Xmx128m"));
  }

  private static void prepare(LocalPostgres postgres, String insert) throws SQLException {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + NAME);
    }
    execute(postgres, "create table items (id int primary key)", insert);
  }

  private static void execute(LocalPostgres postgres, String... statements) throws SQLException {
    try (Connection connection = postgres.connect(NAME);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
