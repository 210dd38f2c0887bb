package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.client.sqlite.SqliteException;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.ErrorCode;
import dev.millrace.client.store.SyncClientException;
import dev.millrace.protocol.WriteChange;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a guest's data, without a server. */
class GuestTest {

  private static final Entity NOTES =
      Entity.of("notes")
          .key("id", Scalar.UUID)
          .owner("owner", Scalar.TEXT)
          .column("title", Scalar.TEXT)
          .build();
  private static final URI NOWHERE = URI.create("http://127.0.0.1:9");

  @TempDir private Path folder;
  private final RefusingSqlite disk = new RefusingSqlite();
  private SyncManager sync;

  @BeforeEach
  void open() {
    open(NOTES);
  }

  private void open(Entity entity) {
    sync =
        SyncManager.open(folder, ClientSettings.of(NOWHERE).entities(entity).sqlite(disk).build());
  }

  @AfterEach
  void close() {
    sync.close();
  }

  private void reopen() {
    sync.close();
    open();
  }

  private UUID write(String title) {
    UUID id = UUID.randomUUID();
    sync.rows(NOTES).create(Map.of("id", id, "title", title));
    return id;
  }

  private void signIn(String user, GuestData guestData) {
    sync.signIn(user, isRefresh -> Optional.empty(), guestData);
  }

  private List<String> titles() {
    return sync.rows(NOTES).all().stream()
        .map(row -> String.valueOf(row.get("title")))
        .sorted()
        .toList();
  }

  private List<WriteChange> queue() {
    return sync.writeBuffer().peek(100);
  }

  @Test
  void anAdoptedGuestsRowsAreTheUsersAndAreQueuedInTheirOrder() {
    UUID id = write("draft");
    sync.rows(NOTES).update(Map.of("id", id, "title", "final"));
    String guest = String.valueOf(sync.rows(NOTES).all().getFirst().get("owner"));

    signIn("ada", GuestData.ADOPT);

    assertThat(titles()).containsExactly("final");
    assertThat(queue())
        .extracting(WriteChange::op)
        .containsExactly(WriteChange.Op.INSERT, WriteChange.Op.UPDATE);
    assertThat(queue().getFirst().payload().toString())
        .contains("\"owner\":\"ada\"", id.toString())
        .doesNotContain(guest);
    sync.signOut();
    assertThat(titles()).isEmpty();
    write("of the next guest");
    signIn("grace", GuestData.ADOPT);
    assertThat(titles()).containsExactly("of the next guest");
  }

  @Test
  void whatAGuestWroteAfterASignInThatFailedIsAdoptedToo() {
    write("before");
    disk.refuse("user");
    assertThatThrownBy(() -> signIn("ada", GuestData.ADOPT)).isInstanceOf(SqliteException.class);
    disk.refuse("");
    assertThat(sync.user()).isEmpty();
    assertThat(titles()).containsExactly("before");
    write("after");

    signIn("ada", GuestData.ADOPT);

    assertThat(titles()).containsExactly("after", "before");
    assertThat(queue()).hasSize(2);
  }

  @Test
  void aSignInThatFailedDoesNotAdoptForAnotherUser() {
    write("of a guest");
    disk.refuse("user");
    assertThatThrownBy(() -> signIn("ada", GuestData.ADOPT)).isInstanceOf(SqliteException.class);
    disk.refuse("");

    signIn("bob", GuestData.KEEP_SEPARATE);
    reopen();

    assertThat(sync.user()).contains("bob");
    assertThat(titles()).isEmpty();
    sync.signOut();
    assertThat(titles()).containsExactly("of a guest");
  }

  @Test
  void aGuestsChangesThatTheApplicationCannotReadAnyMoreAreAdoptedAsTheyAre() {
    UUID id = write("kept");
    Entity other = Entity.of("others").key("id", Scalar.UUID).build();
    sync.close();
    open(other);

    signIn("ada", GuestData.ADOPT);

    assertThat(queue())
        .singleElement()
        .satisfies(change -> {
          assertThat(change.table()).isEqualTo("notes");
          assertThat(change.payload().toString())
              .contains(id.toString(), "kept", "\"owner\":\"ada\"");
        });
    reopen();
    assertThat(titles()).containsExactly("kept");
  }

  @Test
  void whatAGuestWroteTogetherIsAppliedTogether() {
    UUID id = UUID.randomUUID();
    sync.together(group -> {
      group.create(NOTES, Map.of("id", id, "title", "draft"));
      return group.update(NOTES, Map.of("id", id, "title", "final"));
    });
    write("by itself");

    signIn("ada", GuestData.ADOPT);

    assertThat(queue().get(0).tx()).isPresent().isEqualTo(queue().get(1).tx());
    assertThat(queue().get(2).tx()).isEmpty();
  }

  @Test
  void whatIsKeptSeparateIsThereAgainAfterTheSignOut() {
    write("of a guest");

    signIn("ada", GuestData.KEEP_SEPARATE);

    assertThat(titles()).isEmpty();
    write("of ada");
    sync.signOut();
    assertThat(titles()).containsExactly("of a guest");
    signIn("ada", GuestData.KEEP_SEPARATE);
    assertThat(titles()).containsExactly("of ada");
  }

  @Test
  void whatIsDiscardedCanBeReadInAFile() throws IOException {
    write("of a guest");

    signIn("ada", GuestData.DISCARD);
    sync.signOut();

    assertThat(titles()).isEmpty();
    try (Stream<Path> files = Files.list(folder)) {
      Path export =
          files.filter(file -> file.toString().endsWith(".jsonl")).findFirst().orElseThrow();
      assertThat(Files.readAllLines(export))
          .singleElement()
          .asString()
          .contains("\"op\":\"insert\"", "\"title\":\"of a guest\"");
    }
  }

  @Test
  void whoWasSignedInIsSoAgainWithoutNetworkAndUnsentWorkIsKept() {
    signIn("ada", GuestData.ADOPT);
    write("unsent");

    reopen();

    assertThat(sync.user()).contains("ada");
    assertThat(titles()).containsExactly("unsent");
    sync.signOut();
    reopen();
    assertThat(sync.user()).isEmpty();
    assertThat(titles()).isEmpty();
    signIn("ada", GuestData.ADOPT);
    assertThat(titles()).containsExactly("unsent");
    assertThat(queue()).hasSize(1);
  }

  @Test
  void aTokenThatNamesNobodySignsNobodyIn() {
    write("of a guest");

    assertThatThrownBy(() -> sync.signIn(isRefresh -> Optional.empty(), GuestData.DISCARD))
        .isInstanceOfSatisfying(
            SyncClientException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NO_USER));

    assertThat(titles()).containsExactly("of a guest");
  }

  @Test
  void severalWritesAreMadeTogetherOrNotAtAll() {
    signIn("ada", GuestData.ADOPT);

    assertThatThrownBy(() ->
            sync.together(group -> {
              group.create(NOTES, Map.of("id", UUID.randomUUID(), "title", "one"));
              return group.create(NOTES, Map.of("title", "without a key"));
            }))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(titles()).isEmpty();
    assertThat(queue()).isEmpty();
  }

  @Test
  void aDumpTellsNothingOfWhatRowsSay() {
    signIn("ada", GuestData.ADOPT);
    write("a secret");

    assertThat(sync.dump()).contains("notes", "pending=1").doesNotContain("secret");
  }
}
