package dev.millrace.client;

import static dev.millrace.client.SimulatedDevice.ITEMS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.client.query.Query;
import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.sqlite.SqliteException;
import dev.millrace.client.store.ErrorCode;
import dev.millrace.client.store.FollowedStore;
import dev.millrace.client.store.Store;
import dev.millrace.client.store.SyncClientException;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder has one owner on the whole machine. */
class SecondProcessTest {

  /** Takes the lock as another process of the application would, and keeps it until it is ended. */
  private static final String OTHER =
      """
      import java.nio.channels.FileChannel;
      import java.nio.file.Path;
      import java.nio.file.StandardOpenOption;

      class Other {
        public static void main(String[] arguments) throws Exception {
          FileChannel lock =
              FileChannel.open(
                  Path.of(arguments[0], "lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          System.out.println(lock.tryLock() == null ? "refused" : "taken");
          System.in.read();
        }
      }
      """;

  @TempDir private Path folder;

  private static SyncManager open(Path folder) {
    return SyncManager.open(
        folder, ClientSettings.of(URI.create("http://localhost:1")).entities(ITEMS).build());
  }

  private Process other() throws IOException {
    Path source = Files.writeString(folder.resolve("Other.java"), OTHER);
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            source.toString(),
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static String said(Process process) throws IOException {
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      return String.valueOf(lines.readLine());
    }
  }

  @Test
  void aSecondProcessIsRefusedAndSoAreWeWhileItHasTheFolder() throws Exception {
    UUID id = UUID.randomUUID();
    try (SyncManager sync = open(folder)) {
      sync.rows(ITEMS).create(Map.of("id", id, "a", "ours"));
      // Nor do we give it away by trying to have it twice.
      assertThatThrownBy(() -> open(folder)).isInstanceOf(SyncClientException.class);
      Process refused = other();
      assertThat(said(refused)).isEqualTo("refused");
      refused.destroyForcibly().waitFor();
    }

    Process owner = other();
    assertThat(said(owner)).isEqualTo("taken");
    assertThatThrownBy(() -> open(folder))
        .isInstanceOfSatisfying(
            SyncClientException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.STORE_IN_USE))
        .hasMessageContaining(folder.toString());
    owner.destroyForcibly().waitFor();

    // What a process that was killed had taken is free again, and what was written is there.
    try (SyncManager sync = open(folder)) {
      assertThat(OneDevice.shown(sync.rows(ITEMS))).containsExactly("ours");
    }
  }

  @Test
  void whoFollowsReadOnlySeesWhatTheOwnerWritesAndWhoeverSignsInThere() {
    SimulatedTime time = new SimulatedTime();
    ClientSettings settings =
        ClientSettings.of(URI.create("http://localhost:1")).entities(ITEMS).build();
    assertThatThrownBy(() -> Follower.open(folder, settings, time.lane()))
        .isInstanceOf(SyncClientException.class)
        .hasMessageContaining("no store yet");
    try (SyncManager owner = open(folder)) {
      owner.rows(ITEMS).create(Map.of("id", UUID.randomUUID(), "a", "first"));
      try (Follower follower = Follower.open(folder, settings, time.lane())) {
        var live = follower.live(Query.of(ITEMS), row -> String.valueOf(row.get("a")));
        assertThat(live.rows()).containsExactly("first");

        owner.rows(ITEMS).create(Map.of("id", UUID.randomUUID(), "a", "second"));
        pass(time);
        assertThat(live.rows()).containsExactlyInAnyOrder("first", "second");

        owner.signIn("ada", isRefresh -> Optional.empty(), GuestData.KEEP_SEPARATE);
        pass(time);
        assertThat(live.rows()).isEmpty();
        assertThat(follower.user()).contains("ada");

        owner.rows(ITEMS).create(Map.of("id", UUID.randomUUID(), "a", "of ada"));
        pass(time);
        assertThat(live.rows()).containsExactly("of ada");
        assertThat(follower.count(Query.of(ITEMS))).isEqualTo(1);
      }
    }
  }

  @Test
  void whoFollowsComesToTheNextUserThoughItsStoreIsMadeLater() {
    SimulatedTime time = new SimulatedTime();
    ClientSettings settings =
        ClientSettings.of(URI.create("http://localhost:1")).entities(ITEMS).build();
    try (SyncManager owner = open(folder)) {
      owner.rows(ITEMS).create(Map.of("id", UUID.randomUUID(), "a", "the guest's"));
    }
    try (Device device = Device.open(folder, new JdbcSqlite(), () -> "id", true);
        Follower follower = Follower.open(folder, settings, time.lane())) {
      var live = follower.live(Query.of(ITEMS), row -> String.valueOf(row.get("a")));
      assertThat(live.rows()).containsExactly("the guest's");

      device.signedIn("bob");
      pass(time);
      Store.open(new JdbcSqlite(), device.userFile("bob"), settings.entities(), true).close();
      pass(time);

      assertThat(live.rows()).isEmpty();
      assertThat(follower.list(Query.of(ITEMS))).isEmpty();
    }
  }

  @Test
  void whoReadsWhileTheStoreIsChangedReadsTheNextOne() {
    SimulatedTime time = new SimulatedTime();
    List<Runnable> beforeReading = new ArrayList<>();
    FailingSqlite sqlite = new FailingSqlite();
    ClientSettings settings =
        ClientSettings.of(URI.create("http://localhost:1")).entities(ITEMS).sqlite(sqlite).build();
    try (SyncManager owner = open(folder);
        Follower follower = Follower.open(folder, settings, time.lane())) {
      owner.signIn("ada", isRefresh -> Optional.empty(), GuestData.KEEP_SEPARATE);
      owner.rows(ITEMS).create(Map.of("id", UUID.randomUUID(), "a", "of ada"));
      beforeReading.add(() -> pass(time));
      sqlite.refuse(sql -> {
        if (sql.equals("begin") && !beforeReading.isEmpty()) {
          beforeReading.removeFirst().run();
        }
        return false;
      });

      assertThat(follower.count(Query.of(ITEMS))).isEqualTo(1);
    }
  }

  private static void pass(SimulatedTime time) {
    long end = time.nanos() + 1_000_000_000L;
    while (time.step(end)) {
      // The next one.
    }
  }

  @Test
  void whoFollowsCannotWrite() {
    open(folder).close();
    try (FollowedStore store = FollowedStore.open(new JdbcSqlite(), Device.file(folder))) {
      assertThatThrownBy(() -> store.read(tx -> tx.run("delete from meta")))
          .isInstanceOf(SqliteException.class);
    }
  }
}
