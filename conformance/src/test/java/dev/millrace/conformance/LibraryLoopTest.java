package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.examples.library.desktop.DemoUser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole loop: Ada in two browsers and at the desktop, on one {@code ./millrace up}. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class LibraryLoopTest {

  @TempDir private static Path data;
  private static final Deque<UpProcess> ups = new ArrayDeque<>();

  @TempDir private Path device;
  private LibraryPage one;
  private LibraryPage two;
  private DesktopWindow desk;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  @BeforeAll
  static void start() throws IOException {
    System.setProperty("java.awt.headless", "true");
    start(UpProcess.launch(data, UpProcess.freePort()));
  }

  private static void start(UpProcess up) {
    ups.push(up);
    up.awaitHealthy();
  }

  @AfterAll
  static void stop() throws IOException {
    while (!ups.isEmpty()) {
      ups.pop().close();
    }
  }

  private static UpProcess up() {
    return ups.getFirst();
  }

  @BeforeEach
  void open() throws IOException {
    one = page();
    two = page();
    desk = DesktopWindow.open(device, up().uri());
    opened.push(desk);
    desk.signIn(DemoUser.ADA);
  }

  private LibraryPage page() throws IOException {
    LibraryPage page = LibraryPage.open(up().uri());
    opened.push(page);
    return page;
  }

  @AfterEach
  void close() throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }

  @Test
  void whatIsMadeChangedAndDeletedInOneIsSoInAll() throws Exception {
    one.tell("add Adam Bede");
    two.tell("see Adam Bede");
    desk.choose("Adam Bede");

    desk.type("Title", "Adam Bede, a Novel");
    desk.type("Author", "George Eliot");
    desk.press("Save");
    one.tell("see Adam Bede, a Novel -> George Eliot");
    two.tell("see Adam Bede, a Novel -> George Eliot");
    one.tell("gone Adam Bede");
    assertThat(inPostgres("title like 'Adam Bede%'"))
        .contains("[Adam Bede, a Novel by George Eliot]");

    two.tell("remove Adam Bede, a Novel");
    one.tell("gone Adam Bede, a Novel");
    desk.awaitNoTitle("Adam Bede, a Novel");
    assertThat(inPostgres("title like 'Adam Bede%'")).contains("[]");
    assertNoErrors();
  }

  @Test
  void theDesktopThatComesBackLastIsOfferedWhatTheBrowserWrote() throws Exception {
    editOfflineInTheBrowserAndAtTheDesktop("Emma");

    one.tell("offline off");
    one.tell("synced");
    desk.press("Offline");

    desk.awaitLine("Conflicts", "author: mine “Miss Austen”, theirs “Jane Austen”; mine stands");
    assertAllShow("Emma", "Miss Austen");
    desk.press("Use theirs");
    assertAllShow("Emma", "Jane Austen");
    desk.awaitEmpty("Conflicts");
    assertNoErrors();
  }

  @Test
  void theBrowserThatComesBackLastIsOfferedWhatTheDesktopWrote() throws Exception {
    editOfflineInTheBrowserAndAtTheDesktop("Persuasion");

    desk.press("Offline");
    two.tell("see Persuasion -> Miss Austen");
    one.tell("offline off");

    one.tell("conflict Miss Austen");
    assertAllShow("Persuasion", "Jane Austen");
    one.tell("take Miss Austen");
    assertAllShow("Persuasion", "Miss Austen");
    assertNoErrors();
  }

  /** The browser writes Jane, the desktop Miss Austen; neither hears of the other. */
  private void editOfflineInTheBrowserAndAtTheDesktop(String title) throws Exception {
    one.tell("add %s -> J. Austen".formatted(title));
    desk.choose(title);
    assertAllShow(title, "J. Austen");
    one.tell("offline on");
    desk.press("Offline");
    desk.awaitBadge("offline");
    one.tell("author %s -> Jane Austen".formatted(title));
    desk.type("Author", "Miss Austen");
    desk.press("Save");
    desk.awaitBadge("offline", "1 pending");
    one.tell("see %s -> Jane Austen".formatted(title));
    assertThat(inPostgres("title = '%s'".formatted(title)))
        .contains("[%s by J. Austen]".formatted(title));
  }

  @Test
  void whatIsWrittenWhileTheServerIsDeadArrivesOnce() throws Exception {
    up().kill();
    one.tell("state offline");
    two.tell("state offline");
    desk.awaitBadge("offline");
    one.tell("add Romola -> George Eliot");
    desk.create("Felix Holt", "1866");
    desk.awaitBadge("1 pending");

    start(up().again());

    one.tell("state live");
    two.tell("state live");
    desk.awaitEmpty("Pending changes");
    one.tell("see Felix Holt");
    two.tell("see Felix Holt");
    two.tell("see Romola");
    desk.awaitTitle("Romola");
    assertThat(inPostgres("title in ('Felix Holt', 'Romola')"))
        .contains("[Felix Holt by nobody, Romola by George Eliot]");
    assertNoErrors();
  }

  /** Both browsers, the desktop, where the work is chosen, and Postgres. */
  private void assertAllShow(String title, String author) throws Exception {
    one.tell("see %s -> %s".formatted(title, author));
    two.tell("see %s -> %s".formatted(title, author));
    desk.awaitField("Author", author);
    assertThat(inPostgres("title = '%s'".formatted(title)))
        .contains("[%s by %s]".formatted(title, author));
  }

  /** Those works, by title. */
  private static String inPostgres(String condition) throws Exception {
    return up().sql(
            """
            select concat('[', string_agg(title || ' by ' || coalesce(author, 'nobody'), ', ' order by title), ']')
            from works where %s\
            """
                .formatted(condition));
  }

  private void assertNoErrors() throws Exception {
    assertThat(one.quit()).isZero();
    assertThat(two.quit()).isZero();
  }
}
