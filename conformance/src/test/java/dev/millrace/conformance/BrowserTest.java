package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The way of the README: {@code ./millrace up}, the Library page, {@code ./millrace sql}. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class BrowserTest {
  private static final String WORKS = "/v1/shape?table=works&offset=-1";

  @TempDir Path folder;

  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  @AfterEach
  void endWhatIsLeft() throws Exception {
    while (!started.isEmpty()) {
      started.pop().close();
    }
  }

  @Test
  void aRowInsertedWithSqlAppearsInTheOpenPage() throws Exception {
    UpProcess up = up();
    LibraryPage page = LibraryPage.open(up.uri());
    started.push(page);
    UUID work = UUID.randomUUID();

    insert(up, work);

    page.tell("expect " + work);
    assertThat(page.quit()).isZero();
  }

  @Test
  void sigtermEndsAllItStartedAndTheNextStartFindsTheData() throws Exception {
    UpProcess up = up();
    UUID work = UUID.randomUUID();
    insert(up, work);
    assertThat(up.processes()).as("up with a Postgres").hasSizeGreaterThan(1);

    up.terminate();
    Awaitility.await().untilAsserted(() -> assertThat(up.running()).isEmpty());
    assertThat(processesOnFolder()).isZero();
    UpProcess second = up();

    assertThat(up.output()).contains("made now").contains("stopping");
    assertThat(second.output()).contains("as found").doesNotContain("made now");
    assertThat(second.get(WORKS).body()).contains(work.toString());
  }

  @Test
  void afterAKillTheNextStartFindsTheData() throws Exception {
    UpProcess up = up();
    UUID work = UUID.randomUUID();
    insert(up, work);

    up.kill();
    UpProcess second = up();

    assertThat(second.output()).contains("as found").doesNotContain("made now");
    assertThat(second.get(WORKS).body()).contains(work.toString());
    Awaitility.await()
        .untilAsserted(() -> assertThat(up.running()).as("the Postgres of the killed").isEmpty());
  }

  @Test
  void aTakenPortIsToldInOneSentence() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      UpProcess up = UpProcess.launch(folder, taken.getLocalPort());
      started.push(up);

      int code = up.awaitEnd();

      assertThat(code).isEqualTo(1);
      assertThat(up.output())
          .hasLineCount(1)
          .isEqualToIgnoringNewLines(
              "Port %d is taken: end what listens on it or set MILLRACE_PORT to another."
                  .formatted(taken.getLocalPort()));
    }
  }

  private UpProcess up() throws IOException {
    UpProcess up = UpProcess.launch(folder, UpProcess.freePort());
    started.push(up);
    return up.awaitHealthy();
  }

  private static void insert(UpProcess up, UUID work) throws Exception {
    up.sql(
        "insert into works (id, owner_id, title)"
            + " values ('%s', 'ada00000-0000-4000-8000-000000000001', 'Middlemarch')"
                .formatted(work));
  }

  /** Those that name the data folder when they were called. */
  private long processesOnFolder() {
    return ProcessHandle.allProcesses()
        .filter(process ->
            process
                .info()
                .commandLine()
                .filter(line -> line.contains(folder.toString()))
                .isPresent())
        .count();
  }
}
