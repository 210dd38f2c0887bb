package dev.millrace.conformance;

import static dev.millrace.conformance.ClientDevice.PATIENCE;
import static dev.millrace.examples.library.Annotations.ANNOTATION;
import static dev.millrace.examples.library.Works.WORK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.ClientSettings;
import dev.millrace.client.GuestData;
import dev.millrace.client.SyncManager;
import dev.millrace.client.query.ChangeSet;
import dev.millrace.client.query.LiveQuery;
import dev.millrace.client.writebuffer.WriteHandle;
import dev.millrace.client.writebuffer.WriteState;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.examples.library.Annotation;
import dev.millrace.examples.library.Annotations;
import dev.millrace.examples.library.AnnotationsLocal;
import dev.millrace.examples.library.Asset;
import dev.millrace.examples.library.Assets;
import dev.millrace.examples.library.AssetsLocal;
import dev.millrace.examples.library.Work;
import dev.millrace.examples.library.Works;
import dev.millrace.examples.library.WorksLocal;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
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

/**
 * The whole loop with the classes that the compiler wrote for the Library's records: read and write
 * on the device, up through the gateway, down by the streams, signed in or not.
 */
@ExtendWith(OnePostgres.class)
class EntitiesSyncTest {

  private static final String ADA = "ada00000-0000-4000-8000-000000000001";
  private static final URI NOWHERE = URI.create("http://127.0.0.1:9");
  private static final Path SCHEMA = Repository.root().resolve("examples/library/schema.sql");

  private final LocalPostgres postgres;
  @TempDir private Path folder;
  private SyncedDatabase database;

  EntitiesSyncTest(LocalPostgres postgres) {
    this.postgres = postgres;
  }

  @BeforeEach
  void start() throws SQLException, IOException {
    database = SyncedDatabase.startForUsers(postgres, folder.resolve("server"), Map.of());
    database.execute(Files.readString(SCHEMA));
  }

  @AfterEach
  void stop() throws SQLException {
    database.close();
  }

  private SyncManager open(String device) {
    return open(device, database.server().uri());
  }

  private SyncManager open(String device, URI server) {
    return SyncManager.open(
        folder.resolve(device),
        ClientSettings.of(server)
            .entities(Works.ENTITY, Assets.ENTITY, Annotations.ENTITY)
            .build());
  }

  private static void signIn(SyncManager sync) {
    sync.signIn(ADA, isRefresh -> Optional.of(Tokens.OURS.of(ADA)), GuestData.ADOPT);
  }

  private static List<String> titles(List<Work> works) {
    return works.stream().map(Work::title).sorted().toList();
  }

  private static Asset textOf(Work work) {
    return new Asset(
        UUID.randomUUID(),
        null,
        work.id(),
        "opening.txt",
        "text/plain",
        16,
        "ab".repeat(32),
        null,
        null);
  }

  private static Annotation noteOn(Work work, String note) {
    return new Annotation(UUID.randomUUID(), null, work.id(), "chapter 1", null, note, null, null);
  }

  @Test
  void theLoopGoesRoundThroughGeneratedClassesAlone() throws Exception {
    Work whale = Work.of("Moby-Dick", 1851);
    Work recent = Work.of("Babel", 2022);
    try (SyncManager phone = open("phone");
        SyncManager desk = open("desk")) {
      Works onPhone = new Works(phone);
      Works onDesk = new Works(desk);
      signIn(desk);
      // As a guest: at once, on this device alone.
      onPhone.create(whale);
      onPhone.edit(whale.id()).openedAt(Instant.EPOCH).save();
      assertThat(onPhone.find(whale.id()).orElseThrow().openedAt()).isEqualTo(Instant.EPOCH);
      List<ChangeSet<Work>> told = new CopyOnWriteArrayList<>();
      try (LiveQuery<Work> live =
          onDesk.where(WORK.YEAR.gt(1800)).orderBy(WORK.TITLE.asc()).live()) {
        live.onChange(told::add);

        // Signed in: the guest's row goes up, becomes the user's, and comes down elsewhere.
        signIn(phone);
        await().atMost(PATIENCE).until(() -> titles(live.rows()).equals(List.of("Moby-Dick")));
        Work arrived = live.rows().getFirst();
        assertThat(arrived.ownerId()).isEqualTo(UUID.fromString(ADA));
        assertThat(arrived.createdAt()).isNotNull();
        assertThat(arrived.openedAt()).as("never leaves the device").isNull();

        // Edits of both devices to one row meet, column by column.
        onPhone.edit(whale.id()).author("Herman Melville").save();
        WriteHandle handle =
            onDesk.update(
                arrived,
                new Work(
                    arrived.id(),
                    arrived.ownerId(),
                    "Moby-Dick; or, The Whale",
                    arrived.author(),
                    arrived.year(),
                    "en",
                    arrived.createdAt(),
                    arrived.updatedAt(),
                    null));
        assertThat(handle.await(PATIENCE)).isInstanceOf(WriteState.Confirmed.class);
        await()
            .atMost(PATIENCE)
            .until(() ->
                onPhone
                    .find(whale.id())
                    .filter(work -> "Moby-Dick; or, The Whale".equals(work.title()))
                    .filter(work -> "Herman Melville".equals(work.author()))
                    .filter(work -> "en".equals(work.language()))
                    .filter(work -> Instant.EPOCH.equals(work.openedAt()))
                    .isPresent());

        // What Postgres itself says comes too, and a row that goes is told.
        database.execute("update works set year = 1790");
        await().atMost(PATIENCE).until(() -> live.rows().isEmpty());
        onDesk.create(recent);
        await().atMost(PATIENCE).until(() -> onPhone.find(recent.id()).isPresent());
        onPhone.delete(recent.id());
        await().atMost(PATIENCE).until(() -> onDesk.find(recent.id()).isEmpty());
      }
      assertThat(told.stream().mapToInt(changes -> changes.added().size()).sum()).isEqualTo(2);
      await().atMost(PATIENCE).until(() -> onPhone.cleanup().waiting() == 0);
      onPhone.cleanup().run();
      await().atMost(PATIENCE).until(() -> onPhone.electric().isUpToDate());
      assertThat(phone.status().reasons()).isEmpty();
      assertThat(database.query("select string_agg(title || ' ' || author, ',') from works"))
          .isEqualTo("Moby-Dick; or, The Whale Herman Melville");
    }
  }

  @Test
  void aWorkItsFileAndANoteAreWrittenTogetherOrNotAtAll() throws Exception {
    try (SyncManager phone = open("phone")) {
      signIn(phone);
      Work work = Work.of("Emma", 1815);
      Work impossible = Work.of("Of the year nought", 0);

      WriteHandle written =
          phone.together(tx -> {
            new WorksLocal(tx).create(work);
            new AssetsLocal(tx).create(textOf(work));
            return new AnnotationsLocal(tx).create(noteOn(work, "handsome, clever, and rich"));
          });
      WriteHandle refused =
          phone.together(tx -> {
            new AssetsLocal(tx).create(textOf(work));
            return new WorksLocal(tx).create(impossible);
          });

      assertThat(written.await(PATIENCE)).isInstanceOf(WriteState.Confirmed.class);
      assertThat(refused.await(PATIENCE)).isInstanceOf(WriteState.Rejected.class);
      assertThat(new Works(phone).find(impossible.id())).as("nothing is lost").isPresent();
      assertThat(
              database.query(
                  "select count(*) || ' ' || (select count(*) from assets) || ' ' || (select count(*) from annotations) from works"))
          .isEqualTo("1 1 1");
      assertThat(
              new Annotations(phone)
                  .where(ANNOTATION.WORK_ID.eq(work.id()).and(ANNOTATION.NOTE.contains("clever")))
                  .first())
          .isPresent();
    }
  }

  @Test
  void offlineAnApplicationReadsWritesAndSearches() {
    try (SyncManager phone = open("phone", NOWHERE)) {
      Works works = new Works(phone);
      List<Work> all =
          List.of(Work.of("Ulysses", 1922), Work.of("Emma", 1815), Work.of("Iliad", null));
      all.forEach(works::create);

      assertThat(titles(works.all())).containsExactly("Emma", "Iliad", "Ulysses");
      assertThat(works.orderBy(WORK.YEAR.desc()).limit(1).list())
          .extracting(Work::title)
          .containsExactly("Ulysses");
      assertThat(works.where(WORK.YEAR.isNull()).count()).isEqualTo(1);
      assertThat(works.electric().status()).isEmpty();
      assertThat(works.cleanup().waiting()).isEqualTo(3);
    }
    try (SyncManager phone = open("phone", NOWHERE)) {
      assertThat(titles(new Works(phone).all())).containsExactly("Emma", "Iliad", "Ulysses");
    }
  }

  @Test
  void whereTheServerHasItOtherwiseTheFirstConnectionSaysSo() throws Exception {
    database.execute(
        "alter table works drop column language, alter column title drop not null",
        "alter table works drop constraint works_year_check",
        "alter table works alter column year type text, alter column author set not null");
    try (SyncManager phone = open("phone")) {
      signIn(phone);

      await().atMost(PATIENCE).until(() -> new Works(phone).electric().isUpToDate());

      assertThat(phone.status().reasons())
          .containsExactlyInAnyOrder(
              "works: the server has no column language",
              "works: title may be null on the server, and never is here",
              "works: year is text on the server, and INT4 here",
              "works: author is never null on the server, and may be here");
    }
  }
}
