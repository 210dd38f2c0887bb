package dev.millrace.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalPostgresTest {
  @TempDir private Path folder;

  @Test
  void dataSurvivesARestart() throws Exception {
    try (LocalPostgres postgres = LocalPostgres.persistent(folder, 0)) {
      execute(postgres, "create table kept (id int); insert into kept values (7)");
    }

    try (LocalPostgres postgres = LocalPostgres.persistent(folder, 0)) {
      assertThat(query(postgres, "select id from kept")).isEqualTo("7");
      assertThat(query(postgres, "show fsync")).isEqualTo("on");
      assertThat(folder.resolve("port")).content().isEqualTo(postgres.port() + "\n");
    }
  }

  @Test
  void committedDataSurvivesAKillAndThePortStays() throws Exception {
    try (LocalPostgres postgres = LocalPostgres.persistent(folder, 0)) {
      int port = postgres.port();
      execute(postgres, "create table kept (id int); insert into kept values (7)");

      postgres.kill();

      assertThatThrownBy(postgres::connect).isInstanceOf(SQLException.class);
      postgres.restart();
      assertThat(postgres.port()).isEqualTo(port);
      assertThat(query(postgres, "select id from kept")).isEqualTo("7");
    }
  }

  @Test
  void thePostgresOfAKilledJvmIsTakenOver() throws Exception {
    try (JavaProgram holder = holder(folder.toString())) {
      holder.awaitOutput("holding");
      holder.kill();
    }

    try (LocalPostgres postgres = LocalPostgres.persistent(folder, 0)) {
      assertThat(query(postgres, "select count(*) from seen")).isEqualTo("1");
    }
  }

  @Test
  void aFolderInUseIsRefusedAndLeftAlone() throws Exception {
    try (JavaProgram holder = holder(folder.toString())) {
      holder.awaitOutput("holding");

      assertThatThrownBy(() -> LocalPostgres.persistent(folder, 0))
          .hasMessage("The folder %s is in use by process %d.", folder.toRealPath(), holder.pid());

      assertThat(new ClusterProcesses(folder.resolve("data")).all()).isNotEmpty();
      holder.kill();
    }
    LocalPostgres.persistent(folder, 0).close();
  }

  @Test
  void anInterruptedInitdbIsMended() throws Exception {
    try (JavaProgram holder = holder(folder.toString())) {
      await().until(() -> Files.exists(folder.resolve("data.unfinished")));
      holder.kill();
    }

    try (LocalPostgres postgres = LocalPostgres.persistent(folder, 0)) {
      assertThat(query(postgres, "select 1")).isEqualTo("1");
    }
  }

  @Test
  void aProcessIdThatBelongsToAnotherProgramNowDoesNotBlock() throws Exception {
    LocalPostgres.persistent(folder, 0).close();
    Files.writeString(
        folder.resolve("data/postmaster.pid"), ProcessHandle.current().pid() + "\n/elsewhere\n");

    try (LocalPostgres postgres = LocalPostgres.persistent(folder, 0)) {
      assertThat(query(postgres, "select 1")).isEqualTo("1");
    }
  }

  @Test
  void aPortInUseIsAPlainSentence() {
    try (LocalPostgres other = LocalPostgres.temporary()) {
      assertThatThrownBy(() -> LocalPostgres.persistent(folder, other.port()))
          .isInstanceOf(DevException.class)
          .hasMessageStartingWith("Postgres did not start: ");
    }
  }

  @Test
  void aTemporaryPostgresEndsWithItsJvm() throws Exception {
    try (JavaProgram holder = holder()) {
      holder.awaitOutput("holding");
      Path data = Path.of(holder.output().strip().substring("holding ".length()));
      assertThat(data).isDirectory();

      holder.kill();

      await().atMost(Duration.ofSeconds(30)).until(() -> Files.notExists(data.getParent()));
      assertThat(new ClusterProcesses(data).all()).isEmpty();
    }
  }

  @Test
  void eachDatabaseIsNewAndReadyForLogicalReplication() throws Exception {
    try (LocalPostgres postgres = LocalPostgres.temporary(Map.of("work_mem", "5MB"))) {
      String first = postgres.createDatabase("shop");
      String second = postgres.createDatabase("shop");

      assertThat(first).startsWith("postgresql://postgres@127.0.0.1:").isNotEqualTo(second);
      assertThat(query(postgres, "show wal_level")).isEqualTo("logical");
      assertThat(query(postgres, "show work_mem")).isEqualTo("5MB");
      assertThat(query(postgres, "show server_encoding")).isEqualTo("UTF8");
      assertThat(query(postgres, "select upper('ψ')")).isEqualTo("Ψ");
    }
  }

  private static JavaProgram holder(String... arguments) throws IOException {
    return JavaProgram.start(
        new JavaProgram.Call(Map.of(), List.of(), PostgresHolder.class, List.of(arguments)));
  }

  static String dataFolder(Connection connection) throws SQLException {
    return query(connection, "show data_directory");
  }

  private static void execute(LocalPostgres postgres, String sql) throws SQLException {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String query(LocalPostgres postgres, String sql) throws SQLException {
    try (Connection connection = postgres.connect()) {
      return query(connection, sql);
    }
  }

  private static String query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
