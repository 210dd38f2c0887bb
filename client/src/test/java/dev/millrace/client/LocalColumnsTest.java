package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Entity;
import dev.millrace.client.writebuffer.WriteState;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns that never leave the device. */
class LocalColumnsTest {

  private static final UUID ID = UUID.fromString("00000000-0000-4000-8000-000000000001");
  private static final Entity NOTES =
      Entity.of("notes")
          .key("id", Scalar.UUID)
          .owner("owner", Scalar.TEXT)
          .column("title", Scalar.TEXT)
          .local("stars", Scalar.INT4)
          .build();
  private static final Column<Integer> STARS = new Column<>("stars", Scalar.INT4);

  @TempDir private Path folder;
  private SyncManager sync;

  @BeforeEach
  void open() {
    open(NOTES);
  }

  private void open(Entity notes) {
    URI nowhere = URI.create("http://127.0.0.1:9");
    sync = SyncManager.open(folder, ClientSettings.of(nowhere).entities(notes).build());
  }

  @AfterEach
  void close() {
    sync.close();
  }

  private void reopen(Entity notes) {
    sync.close();
    open(notes);
  }

  private void signIn() {
    sync.signIn("ada", isRefresh -> Optional.empty(), GuestData.ADOPT);
  }

  private @Nullable Object value(Entity notes, String column) {
    return sync.rows(notes).find(Map.of("id", ID)).orElseThrow().get(column);
  }

  @Test
  void theirValuesStandBesideTheOthersAndAreFound() {
    Rows notes = sync.rows(NOTES);
    notes.create(Map.of("id", ID, "title", "milk", "stars", 3));
    notes.create(Map.of("id", UUID.randomUUID(), "title", "bread"));

    assertThat(value(NOTES, "stars")).isEqualTo(3);
    assertThat(value(NOTES, "title")).isEqualTo("milk");
    assertThat(notes.list(notes.query().where(STARS.ge(2)))).hasSize(1);
    assertThat(notes.list(notes.query().where(STARS.isNull()))).hasSize(1);
    assertThat(notes.list(notes.query().orderBy(STARS.desc())).getFirst().get("title"))
        .isEqualTo("milk");
    assertThat(sync.sql("select stars from notes where title = 'milk'", 1).getFirst())
        .containsExactly(3L);
  }

  @Test
  void theyAreNotSent() {
    signIn();
    sync.rows(NOTES).create(Map.of("id", ID, "title", "milk", "stars", 3));

    assertThat(sync.writeBuffer().peek(10))
        .singleElement()
        .satisfies(change ->
            assertThat(change.payload().byName().keySet())
                .containsExactlyInAnyOrder("id", "title", "owner"));
  }

  @Test
  void aChangeOfThemAloneIsShownAndStaysHere() {
    signIn();
    sync.rows(NOTES).create(Map.of("id", ID, "title", "milk"));
    var live = sync.rows(NOTES).live(sync.rows(NOTES).query());

    var handle = sync.rows(NOTES).update(Map.of("id", ID, "stars", 5));

    assertThat(handle.state()).isInstanceOf(WriteState.Local.class);
    assertThat(sync.writeBuffer().size()).isEqualTo(1);
    assertThat(value(NOTES, "stars")).isEqualTo(5);
    org.awaitility.Awaitility.await()
        .untilAsserted(() -> assertThat(live.rows().getFirst().get("stars")).isEqualTo(5));
  }

  @Test
  void aGuestTakesThemAlong() {
    sync.rows(NOTES).create(Map.of("id", ID, "title", "milk", "stars", 3));

    signIn();

    assertThat(value(NOTES, "stars")).isEqualTo(3);
  }

  @Test
  void aGuestWhoseDataIsDiscardedHasThemInTheFile() throws IOException {
    sync.rows(NOTES).create(Map.of("id", ID, "title", "milk", "stars", 3));

    sync.signIn("ada", isRefresh -> Optional.empty(), GuestData.DISCARD);

    try (Stream<Path> files = Files.list(folder)) {
      Path export =
          files.filter(file -> file.toString().endsWith(".jsonl")).findFirst().orElseThrow();
      assertThat(Files.readAllLines(export))
          .last()
          .isEqualTo("{\"table\":\"notes\",\"local\":{\"id\":\"%s\",\"stars\":3}}".formatted(ID));
    }
  }

  @Test
  void theyStayWhenTheApplicationIsOpenedAgainWithOthers() {
    sync.rows(NOTES).create(Map.of("id", ID, "title", "milk", "stars", 3));
    Entity newer =
        Entity.of("notes")
            .key("id", Scalar.UUID)
            .owner("owner", Scalar.TEXT)
            .column("title", Scalar.TEXT)
            .column("body", Scalar.TEXT)
            .local("stars", Scalar.TEXT)
            .local("pinned", Scalar.BOOL)
            .build();

    reopen(newer);

    assertThat(value(newer, "stars")).isEqualTo("3");
    sync.rows(newer).update(Map.of("id", ID, "pinned", true));
    assertThat(value(newer, "pinned")).isEqualTo(true);
    Entity without = Entity.of("notes").key("id", Scalar.UUID).column("title", Scalar.TEXT).build();
    reopen(without);
    assertThat(value(without, "stars")).isNull();
    reopen(newer);
    assertThat(value(newer, "pinned")).isEqualTo(true);
  }

  @Test
  void aRowThatComesBackHasThemStill() {
    sync.rows(NOTES).create(Map.of("id", ID, "title", "milk", "stars", 3));
    sync.rows(NOTES).delete(Map.of("id", ID));
    assertThat(sync.rows(NOTES).all()).isEmpty();

    sync.rows(NOTES).create(Map.of("id", ID, "title", "milk again"));

    assertThat(value(NOTES, "stars")).isEqualTo(3);
  }
}
