package dev.millrace.conformance;

import static dev.millrace.conformance.ClientDevice.NOTES;
import static dev.millrace.conformance.ClientDevice.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ClientSettings;
import dev.millrace.client.GuestData;
import dev.millrace.client.SyncManager;
import dev.millrace.client.query.ChangeSet;
import dev.millrace.client.query.Query;
import dev.millrace.client.store.ErrorCode;
import dev.millrace.client.store.Row;
import dev.millrace.client.store.SyncClientException;
import dev.millrace.client.stream.StreamStatus;
import dev.millrace.client.writebuffer.DeadLetter;
import dev.millrace.client.writebuffer.WriteHandle;
import dev.millrace.client.writebuffer.WriteState;
import dev.millrace.dev.LocalPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The Java client and the server: what a user writes on one device is on the other. */
@ExtendWith(OnePostgres.class)
class ClientSyncTest {

  private static final URI NOWHERE = URI.create("http://127.0.0.1:9");

  private final LocalPostgres postgres;
  @TempDir private Path folder;
  private WriteServer server;

  ClientSyncTest(LocalPostgres postgres) {
    this.postgres = postgres;
  }

  @BeforeEach
  void start() throws SQLException {
    server = WriteServer.start(postgres, folder.resolve("server"));
  }

  @AfterEach
  void stop() throws SQLException {
    server.close();
  }

  private ClientDevice device(String name) {
    return ClientDevice.open(folder.resolve(name), server.database().server().uri());
  }

  private ClientDevice device(String name, String user) {
    ClientDevice device = device(name);
    device.signIn(user, GuestData.ADOPT);
    return device;
  }

  @Test
  void whatIsWrittenOnOneDeviceIsShownOnTheOther() throws Exception {
    try (ClientDevice phone = device("phone", "ada");
        ClientDevice desk = device("desk", "ada")) {
      WriteHandle handle = phone.notes().create(Map.of("id", UUID.randomUUID(), "title", "milk"));
      assertThat(phone.titles()).containsExactly("milk");

      await().atMost(PATIENCE).until(() -> desk.titles().equals(List.of("milk")));

      assertThat(handle.await(PATIENCE)).isInstanceOf(WriteState.Confirmed.class);
      assertThat(phone.sync().awaitSynced(PATIENCE)).isTrue();
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(phone.sync().dump()).contains("overlay 0"));
      assertThat(phone.titles()).containsExactly("milk");
      UUID id = desk.ids().getFirst();
      desk.retitle(id, "bread");
      await().atMost(PATIENCE).until(() -> phone.titles().equals(List.of("bread")));
      phone.notes().delete(Map.of("id", id));
      await().atMost(PATIENCE).until(() -> desk.titles().isEmpty());
    }
  }

  @Test
  void aLiveQueryTellsOfBothKindsOfChange() throws Exception {
    try (ClientDevice phone = device("phone", "ada");
        ClientDevice desk = device("desk", "ada")) {
      List<ChangeSet<Row>> told = new CopyOnWriteArrayList<>();
      var live = phone.notes().live(Query.of(NOTES));
      live.onChange(told::add);

      phone.write("local");
      await().atMost(PATIENCE).until(() -> ClientDevice.titles(live.rows()).contains("local"));
      desk.write("remote");
      await().atMost(PATIENCE).until(() -> ClientDevice.titles(live.rows()).contains("remote"));

      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(told.stream().mapToInt(changes -> changes.added().size()).sum())
                  .isEqualTo(2));
      assertThat(told).allSatisfy(changes -> assertThat(changes.removed()).isEmpty());
      live.close();
    }
  }

  @Test
  void aGuestWithoutNetworkWritesAndReads() {
    try (ClientDevice phone = ClientDevice.open(folder.resolve("phone"), NOWHERE)) {
      phone.write("alone");

      assertThat(phone.titles()).containsExactly("alone");
      assertThat(phone.sync().writeBuffer().size()).isZero();
    }
    try (ClientDevice again = ClientDevice.open(folder.resolve("phone"), NOWHERE)) {
      assertThat(again.titles()).containsExactly("alone");
    }
  }

  @Test
  void whatAGuestWroteBecomesTheUsers() throws Exception {
    try (ClientDevice phone = device("phone")) {
      UUID id = phone.write("draft");
      phone.retitle(id, "final");

      phone.signIn("ada", GuestData.ADOPT);

      assertThat(phone.titles()).containsExactly("final");
      assertThat(phone.sync().awaitSynced(PATIENCE)).isTrue();
      assertThat(server.database().query("select owner || ' ' || title from notes"))
          .isEqualTo("ada final");
      phone.sync().signOut();
      assertThat(phone.titles()).isEmpty();
    }
  }

  @Test
  void whatIsWrittenOfflineIsSentWhenTheServerIsBack() throws Exception {
    try (ClientDevice phone = device("phone", "ada")) {
      phone.write("before");
      assertThat(phone.sync().awaitSynced(PATIENCE)).isTrue();
      server.database().server().kill();
      UUID id = phone.write("meanwhile");
      phone.retitle(id, "meanwhile, twice");
      assertThat(phone.titles()).containsExactly("before", "meanwhile, twice");

      server.database().server().restart();
      phone.sync().reconnect();

      await().atMost(PATIENCE).until(() -> server.title(id.toString()).equals("meanwhile, twice"));
      assertThat(phone.sync().awaitSynced(PATIENCE)).isTrue();
    }
  }

  @Test
  void aRejectedChangeIsKeptAndStopsNoOther() throws Exception {
    server.database().execute("alter table notes add check (title <> 'forbidden')");
    try (ClientDevice phone = device("phone", "ada")) {
      WriteHandle refused =
          phone.notes().create(Map.of("id", UUID.randomUUID(), "title", "forbidden"));
      UUID other = phone.write("allowed");

      assertThat(refused.await(PATIENCE)).isInstanceOf(WriteState.Rejected.class);
      await().atMost(PATIENCE).until(() -> server.title(other.toString()).equals("allowed"));

      DeadLetter letter = phone.sync().writeBuffer().deadLetters().getFirst();
      assertThat(letter.code()).isEqualTo("check_violation");
      assertThat(phone.titles()).containsExactly("allowed", "forbidden");
      phone
          .sync()
          .writeBuffer()
          .edit(
              letter.id(),
              Map.of("id", UUID.fromString(idOf(letter)), "owner", "ada", "title", "mended"));
      await().atMost(PATIENCE).until(() -> server.title(idOf(letter)).equals("mended"));
      assertThat(phone.sync().awaitSynced(PATIENCE)).isTrue();
      assertThat(phone.titles()).containsExactly("allowed", "mended");
    }
  }

  private static String idOf(DeadLetter letter) {
    return letter.payload().member("id").orElseThrow().toString().replace("\"", "");
  }

  @Test
  void twoUsersOfADeviceSeeNothingOfEachOther() throws Exception {
    try (ClientDevice phone = device("phone", "ada")) {
      phone.write("of ada");
      assertThat(phone.sync().awaitSynced(PATIENCE)).isTrue();

      phone.signIn("grace", GuestData.ADOPT);

      assertThat(phone.titles()).isEmpty();
      phone.write("of grace");
      assertThat(phone.sync().awaitSynced(PATIENCE)).isTrue();
      assertThat(phone.titles()).containsExactly("of grace");
      phone.signIn("ada", GuestData.ADOPT);
      assertThat(phone.titles()).containsExactly("of ada");
    }
  }

  @Test
  void anExpiredTokenIsAskedForAnewAndNothingIsLost() throws Exception {
    try (ClientDevice phone = device("phone")) {
      phone
          .sync()
          .signIn(
              "ada",
              isRefresh ->
                  Optional.of(
                      isRefresh
                          ? Tokens.OURS.of("ada")
                          : Tokens.OURS.signed(
                              Tokens.payload(
                                  "ada", java.time.Instant.now().minusSeconds(600), ""))),
              GuestData.ADOPT);

      UUID id = phone.write("late");

      await().atMost(PATIENCE).until(() -> server.title(id.toString()).equals("late"));
    }
  }

  @Test
  void withoutATokenTheStatusSaysSoAndWritesWait() {
    try (ClientDevice phone = device("phone")) {
      phone.sync().signIn("ada", isRefresh -> Optional.empty(), GuestData.ADOPT);
      phone.write("waits");

      await().atMost(PATIENCE).until(() -> phone.sync().status().needsAuth());

      assertThat(phone.titles()).containsExactly("waits");
      assertThat(phone.sync().status().writes().unsent()).isEqualTo(1);
      assertThat(phone.sync().status().reasons())
          .anySatisfy(reason -> assertThat(reason).contains("there is no token"));
      phone.signIn("ada", GuestData.ADOPT);
      await().atMost(PATIENCE).until(() -> phone.sync().status().isSynced());
    }
  }

  @Test
  void aFolderIsOneManagersAtATime() {
    try (ClientDevice phone = device("phone")) {
      phone.write("mine");

      assertThatThrownBy(() ->
              SyncManager.open(
                  folder.resolve("phone"), ClientSettings.of(NOWHERE).entities(NOTES).build()))
          .isInstanceOfSatisfying(
              SyncClientException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_IN_USE));
    }
  }

  @Test
  void aShapeThatIsMadeAnewNeverShowsAnEmptyList() throws Exception {
    try (ClientDevice phone = device("phone", "ada")) {
      phone.write("one");
      phone.write("two");
      assertThat(phone.sync().awaitSynced(PATIENCE)).isTrue();
      List<Integer> sizes = new CopyOnWriteArrayList<>();
      var live = phone.notes().live(Query.of(NOTES));
      live.onChange(changes -> sizes.add(changes.rows().size()));

      server.database().execute("alter table notes add column more text default 'x'");
      server.database().execute("insert into notes (owner, title) values ('ada', 'three')");

      await().atMost(PATIENCE).until(() -> phone.titles().size() == 3);
      assertThat(sizes).isNotEmpty().doesNotContain(0, 1);
    }
  }

  @Test
  void longPollsDoWhatEventStreamsDo() throws Exception {
    try (ClientDevice phone =
        ClientDevice.open(folder.resolve("phone"), server.database().server().uri(), false)) {
      phone.signIn("ada", GuestData.ADOPT);
      phone.write("mine");
      assertThat(phone.sync().awaitSynced(PATIENCE)).isTrue();

      server.database().execute("insert into notes (owner, title) values ('ada', 'theirs')");

      await().atMost(PATIENCE).until(() -> phone.titles().equals(List.of("mine", "theirs")));
      assertThat(phone.sync().status().streams())
          .allSatisfy(stream -> assertThat(stream.phase()).isEqualTo(StreamStatus.Phase.LIVE));
    }
  }
}
