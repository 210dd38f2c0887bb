package dev.millrace.conformance;

import static dev.millrace.conformance.ClientDevice.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.TokenSupplier;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.examples.library.desktop.DemoUser;
import dev.millrace.examples.library.desktop.Theme;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a person does in the Library's desktop window, with SQL or another window as the others. */
@ExtendWith(OnePostgres.class)
class LibraryDesktopTest {

  private static final URI NOWHERE = URI.create("http://127.0.0.1:9");
  private static final Path SCHEMA = Repository.root().resolve("examples/library/schema.sql");

  private static final String SHELF =
      """
      ('ADA', 'Ἰλιάς', 'Homer', null, 'grc')
      ('ADA', 'Naturalis historia', 'Pliny the Elder', 77, 'la')
      ('ADA', 'كتاب المناظر', 'Ibn al-Haytham', 1021, 'ar')
      ('ADA', 'Commedia', 'Dante Alighieri', 1321, 'it')
      ('ADA', 'De revolutionibus orbium coelestium', 'Nicolaus Copernicus', 1543, 'la')
      ('ADA', 'Hamlet', 'William Shakespeare', 1603, 'en')
      ('ADA', 'Micrographia', 'Robert Hooke', 1665, 'en')
      ('ADA', 'Pride and Prejudice', 'Jane Austen', 1813, 'en')
      ('ADA', 'Евгений Онегин', 'Alexander Pushkin', 1833, 'ru')
      ('ADA', 'Moby-Dick; or, The Whale', 'Herman Melville', 1851, 'en')
      ('ADA', 'Silas Marner', 'George Eliot', 1860, 'en')
      ('ADA', 'Middlemarch', 'George Eliot', 1871, 'en')
      ('ADA', 'Memórias Póstumas de Brás Cubas', 'Machado de Assis', 1881, 'pt')
      ('ADA', 'Invariante Variationsprobleme', 'Emmy Noether', 1918, 'de')
      """;

  private final LocalPostgres postgres;
  @TempDir private Path folder;
  private SyncedDatabase database;

  LibraryDesktopTest(LocalPostgres postgres) {
    this.postgres = postgres;
  }

  @BeforeAll
  static void useNoDisplay() {
    System.setProperty("java.awt.headless", "true");
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

  private DesktopWindow open(String device) {
    return open(device, database.server().uri());
  }

  private DesktopWindow open(String device, URI server) {
    return DesktopWindow.open(folder.resolve(device), server, LibraryDesktopTest::tokens);
  }

  private static TokenSupplier tokens(String user) {
    return isRefresh -> Optional.of(Tokens.OURS.of(user));
  }

  /** Postgres' own list of titles and years, by title. */
  private void awaitInPostgres(String works) {
    await("works in Postgres")
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(
                    database.query(
                        "select coalesce(string_agg(concat_ws(' ', title, year), ', ' order by title), '') from works"))
                .isEqualTo(works));
  }

  @Test
  void whatIsWrittenInOneWindowIsShownInTheOther() throws Exception {
    try (DesktopWindow desk = open("desk");
        DesktopWindow attic = open("attic")) {
      desk.signIn(DemoUser.ADA);
      attic.signIn(DemoUser.ADA);

      desk.create("Middlemarch", "1871");
      attic.awaitTitles("Middlemarch");
      awaitInPostgres("Middlemarch 1871");

      attic.choose("Middlemarch");
      attic.type("Author", "George Eliot");
      attic.enter("Author");
      desk.choose("Middlemarch");
      desk.awaitField("Author", "George Eliot");
      database.execute("update works set year = 1872");
      desk.awaitField("Year", "1872");

      desk.press("Delete");
      attic.awaitTitles();
      awaitInPostgres("");
    }
  }

  @Test
  void editsOfTwoSidesConvergeAndTheValueThatLostIsOffered() throws Exception {
    try (DesktopWindow desk = open("desk");
        DesktopWindow attic = open("attic")) {
      desk.signIn(DemoUser.ADA);
      attic.signIn(DemoUser.ADA);
      desk.create("Emma", "1815");
      attic.awaitTitles("Emma");
      awaitInPostgres("Emma 1815");
      desk.choose("Emma");
      attic.choose("Emma");

      // Offline here, meanwhile there.
      desk.press("Offline");
      desk.awaitBadge("offline");
      desk.awaitReason("switched off here");
      desk.type("Title", "Emma of the desk");
      desk.enter("Title");
      desk.awaitTitles("Emma of the desk");
      desk.awaitLine("Pending changes", "change in works: title “Emma of the desk”");
      desk.awaitBadge("offline", "1 pending");
      attic.type("Title", "Emma of the attic");
      attic.enter("Title");
      awaitInPostgres("Emma of the attic 1815");
      desk.press("Offline");

      // Both have what came last, and what it was put in the place of may still be chosen.
      attic.awaitTitles("Emma of the desk");
      desk.awaitLine(
          "Conflicts", "title: mine “Emma of the desk”, theirs “Emma of the attic”; mine stands");
      desk.awaitBadge("up to date", "1 in conflict");
      desk.awaitEmpty("Pending changes");
      desk.press("Use theirs");
      desk.awaitEmpty("Conflicts");
      attic.awaitTitles("Emma of the attic");
      desk.awaitTitles("Emma of the attic");
      awaitInPostgres("Emma of the attic 1815");

      // The same once more, and what stands is chosen.
      desk.press("Offline");
      attic.type("Year", "1816");
      attic.press("Save");
      awaitInPostgres("Emma of the attic 1816");
      desk.type("Year", "1817");
      desk.press("Save");
      desk.press("Offline");
      desk.awaitLine("Conflicts", "year: mine 1817, theirs 1816; mine stands");
      desk.press("Use mine");
      desk.awaitEmpty("Conflicts");
      awaitInPostgres("Emma of the attic 1817");
      attic.awaitField("Year", "1817");
      assertThat(desk.field("Year")).isEqualTo("1817");
    }
  }

  @Test
  void aRejectedWriteIsKeptAndMendedByAnEdit() throws Exception {
    try (DesktopWindow desk = open("desk")) {
      desk.signIn(DemoUser.ADA);

      desk.create("Of the year nought", "0");

      desk.awaitLine("Rejected changes", "title “Of the year nought”, year 0");
      assertThat(desk.field("Why it was rejected")).contains("works_year_check");
      desk.awaitBadge("up to date", "1 rejected");
      desk.awaitReason("writes: 1 rejected");
      desk.awaitTitles("Of the year nought");
      awaitInPostgres("");
      desk.type("Year", "1");
      desk.enter("Year");
      desk.awaitEmpty("Rejected changes");
      awaitInPostgres("Of the year nought 1");
    }
  }

  @Test
  void aRejectedChangeIsSentAgainOrGivenUp() throws Exception {
    try (DesktopWindow desk = open("desk")) {
      desk.signIn(DemoUser.ADA);
      desk.create("Dubliners", "1914");
      awaitInPostgres("Dubliners 1914");
      database.execute("alter table works add constraint short check (length(title) < 12)");
      desk.choose("Dubliners");
      desk.type("Title", "Dubliners, all of them");
      desk.press("Save");
      desk.awaitLine("Rejected changes", "change in works: title “Dubliners, all of them”");

      // What was wrong is wrong no more.
      database.execute("alter table works drop constraint short");
      desk.press("Retry");
      desk.awaitEmpty("Rejected changes");
      awaitInPostgres("Dubliners, all of them 1914");

      desk.type("Year", "0");
      desk.press("Save");
      desk.awaitLine("Rejected changes", "change in works: year 0");
      desk.press("Discard");
      desk.awaitEmpty("Rejected changes");
      desk.awaitField("Year", "1914");
      desk.awaitBadge("up to date");
      assertThat(desk.badge()).doesNotContain("rejected");
    }
  }

  @Test
  void whatAGuestWroteIsTheUsersAndNobodyElsesSees() throws Exception {
    try (DesktopWindow desk = open("desk")) {
      desk.awaitBadge("Guest");
      desk.create("Iliad", "");
      desk.create("Odyssey", "");
      desk.awaitTitles("Iliad", "Odyssey");
      awaitInPostgres("");

      desk.signIn(DemoUser.GRACE);

      awaitInPostgres("Iliad, Odyssey");
      assertThat(database.query("select string_agg(distinct owner_id::text, ',') from works"))
          .isEqualTo(DemoUser.GRACE.id());
      desk.awaitTitles("Iliad", "Odyssey");
      desk.signIn(DemoUser.ADA);
      desk.awaitTitles();
      desk.press("Sign out");
      desk.awaitBadge("Guest");
      desk.awaitTitles();
      desk.signIn(DemoUser.GRACE);
      desk.awaitTitles("Iliad", "Odyssey");
    }
  }

  @Test
  void whatIsWrittenWhileTheServerIsDeadIsSentByTheNextWindowToTheNextServer() throws Exception {
    try (DesktopWindow desk = open("desk")) {
      desk.signIn(DemoUser.ADA);
      desk.create("Emma", "1815");
      awaitInPostgres("Emma 1815");

      database.server().kill();

      desk.awaitBadge("Signed in as Ada", "offline", "last up to date at");
      desk.awaitReason(": java.");
      desk.create("Persuasion", "1817");
      desk.awaitTitles("Emma", "Persuasion");
      desk.awaitBadge("1 pending");
    }
    try (DesktopWindow again = open("desk")) {
      again.awaitTitles("Emma", "Persuasion");
      again.awaitBadge("Signed in as Ada", "offline", "1 pending");

      database.server().restart();

      awaitInPostgres("Emma 1815, Persuasion 1817");
      again.awaitBadge("Signed in as Ada", "up to date");
      assertThat(again.badge()).doesNotContain("pending");
    }
  }

  @Test
  void withoutAServerAPersonSignsInAllTheSameAndIsToldWhatIsMissing() {
    try (DesktopWindow desk =
        DesktopWindow.open(
            folder.resolve("desk"),
            NOWHERE,
            user ->
                isRefresh -> {
                  throw new IOException("nobody signs tokens here");
                })) {
      desk.create("Walden", "1854");
      desk.awaitTitles("Walden");

      desk.press("Sign in as Ada");

      desk.awaitBadge("Signed in as Ada", "no token to be had", "1 pending");
      desk.awaitReason("nobody signs tokens here");
      desk.awaitTitles("Walden");
    }
  }

  @Test
  void whatAPersonIsTypingStaysWhenTheWorkChangesElsewhere() throws Exception {
    try (DesktopWindow desk = open("desk")) {
      desk.signIn(DemoUser.ADA);
      desk.create("Emma", "1815");
      awaitInPostgres("Emma 1815");
      desk.choose("Emma");
      desk.type("Author", "Jane Au");

      database.execute("update works set language = 'en', title = 'Emma, a novel'");

      desk.awaitField("Title", "Emma, a novel");
      assertThat(desk.field("Language")).isEqualTo("en");
      assertThat(desk.field("Author")).isEqualTo("Jane Au");
      desk.type("Author", "Jane Austen");
      desk.press("Save");
      await()
          .atMost(PATIENCE)
          .until(() ->
              database
                  .query("select concat_ws(' ', title, author, language) from works")
                  .equals("Emma, a novel Jane Austen en"));
      desk.press("New");
      desk.type("Title", " ");
      desk.press("Save");
      assertThat(desk.label("Editor")).isEqualTo("A work needs a title.");
    }
  }

  @Test
  void tenThousandWorksAreSearchedAsFastAsAPersonTypes() throws Exception {
    database.execute(
        """
        insert into works (owner_id, title, author, year, language)
        select '%s', 'Work number ' || n, 'Author ' || n %% 97, 1 + n %% 2000, 'en'
        from generate_series(1, 10000) n\
        """
            .formatted(DemoUser.ADA.id()));
    try (DesktopWindow desk = open("desk")) {
      desk.signIn(DemoUser.ADA);
      await().atMost(PATIENCE).until(() -> desk.titles().size() == 10_000);
      desk.paint(1100, 720);
      desk.sortBy(2);
      await().atMost(PATIENCE).until(() -> desk.titles().getFirst().equals("Work number 10000"));
      List<Duration> busy = new ArrayList<>();

      for (int round = 0; round < 3; round++) {
        for (char key : "999".toCharArray()) {
          busy.add(desk.press(key));
        }
        assertThat(desk.titles()).hasSize(28);
        for (char key : "\b\b\b".toCharArray()) {
          busy.add(desk.press(key));
        }
        assertThat(desk.titles()).hasSize(10_000);
      }

      Duration middle = busy.stream().sorted().toList().get(busy.size() / 2);
      assertThat(middle).as("of %s", busy).isLessThan(Duration.ofMillis(50));
    }
  }

  @ParameterizedTest
  @EnumSource(Theme.class)
  void theWindowIsPaintedWithAllItHasToSay(Theme theme) throws Exception {
    database.execute(
        "insert into works (owner_id, title, author, year, language) values "
            + SHELF.lines().collect(Collectors.joining(", ")).replace("ADA", DemoUser.ADA.id()));
    try (DesktopWindow desk = DesktopWindow.with(theme, () -> open("desk"))) {
      desk.signIn(DemoUser.ADA);
      desk.create("The Library of Babel", "0");
      desk.awaitLine("Rejected changes", "title “The Library of Babel”");
      desk.press("Offline");
      desk.awaitBadge("offline");
      desk.choose("Middlemarch");
      desk.type("Author", "Mary Ann Evans");
      desk.press("Save");
      database.execute("update works set author = 'G. Eliot' where title = 'Middlemarch'");
      desk.press("Offline");
      desk.awaitLine("Conflicts", "author: mine “Mary Ann Evans”, theirs “G. Eliot”");
      desk.press("Offline");
      desk.choose("Silas Marner");
      desk.type("Year", "1861");
      desk.press("Save");
      desk.awaitBadge("offline", "1 pending", "1 rejected", "1 in conflict");

      BufferedImage image = desk.paint(1100, 720);

      String name = "library-desktop-%s.png".formatted(theme.name().toLowerCase(Locale.ROOT));
      ImageIO.write(
          image, "png", Repository.root().resolve("conformance/target").resolve(name).toFile());
      boolean isDark = brightness(image) < 0.5;
      assertThat(isDark).isEqualTo(theme == Theme.DARK);
    }
  }

  /** Of the middle pixel of all, by brightness: 0 is black. */
  private static double brightness(BufferedImage image) {
    int[] pixels =
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    double[] all =
        IntStream.of(pixels)
            .mapToDouble(
                pixel -> ((pixel >> 16 & 255) + (pixel >> 8 & 255) + (pixel & 255)) / 765.0)
            .sorted()
            .toArray();
    return all[all.length / 2];
  }
}
