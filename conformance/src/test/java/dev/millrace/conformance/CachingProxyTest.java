package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.CachingProxy.Request;
import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * An HTTP cache that knows nothing of shapes serves most of them, because of the headers of
 * protocol section 3.1, and never for longer than is right.
 */
@ExtendWith(OnePostgres.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CachingProxyTest {
  /** Catch-up answers grow old within a second, so that it can be seen what happens then. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "MILLRACE_CHUNK_BYTES", "10000",
          "MILLRACE_ENABLE_SHAPE_DELETION", "true",
          "MILLRACE_CACHE_MAX_AGE", "1");

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int CLIENTS = 10;

  private final SyncedDatabase database;
  private final CachingProxy proxy;
  private final ShapeHttp http;

  CachingProxyTest(LocalPostgres postgres, @TempDir Path folder) throws IOException {
    database =
        SyncedDatabase.start(postgres, Files.createDirectory(folder.resolve("data")), SETTINGS);
    proxy =
        CachingProxy.start(database.server().uri(), Files.createDirectory(folder.resolve("nginx")));
    http = new ShapeHttp(proxy.uri());
  }

  @AfterAll
  void close() throws SQLException {
    http.close();
    proxy.close();
    database.close();
  }

  @Test
  void chunksOfSnapshotAndLogComeFromTheCacheTheSecondTime() throws Exception {
    createTable("cached", 300);
    List<Answer> first = readAll("cached");
    insert("cached", 301, 500);
    awaitRows("cached", 500);
    String handle = first.getLast().handle();
    String end = first.getLast().offset();
    Answer log = catchUp("cached", handle, end);

    List<Answer> second = readAll("cached");
    Answer again = catchUp("cached", handle, end);

    assertThat(first).extracting(CachingProxyTest::cache).containsOnly("MISS");
    assertThat(first).hasSizeGreaterThan(3);
    // The last of the first reading was the end of the log then, and is old now.
    List<Answer> snapshot = second.subList(0, first.size() - 1);
    assertThat(snapshot.getFirst()).satisfies(answer -> assertThat(cache(answer)).isEqualTo("HIT"));
    assertThat(snapshot)
        .extracting(Answer::body)
        .isEqualTo(first.subList(0, first.size() - 1).stream().map(Answer::body).toList());
    assertThat(snapshot).extracting(CachingProxyTest::cache).isSubsetOf("HIT", "STALE", "UPDATING");
    assertThat(cache(log)).isEqualTo("MISS");
    assertThat(cache(again)).isIn("HIT", "STALE");
    assertThat(again.body()).isEqualTo(log.body());
  }

  /** Protocol section 6.3: they all ask with the same cursor. */
  @Test
  void tenClientsThatPollAtOnceShareOneRequest() throws Exception {
    createTable("shared", 1);
    Answer now = http.shape("table", "shared", "offset", "now");
    String[] poll = {
      "table",
      "shared",
      "offset",
      now.offset(),
      "handle",
      now.handle(),
      "live",
      "true",
      "cursor",
      ""
    };

    List<CompletableFuture<Answer>> polls =
        Stream.generate(() -> http.shapeLater(poll)).limit(CLIENTS).toList();
    await(() -> CachingProxy.unanswered(http.get("/status").body()) == CLIENTS + 1);
    insert("shared", 2, 2);
    List<Answer> answers = polls.stream().map(CompletableFuture::join).toList();

    assertThat(answers).extracting(Answer::status).containsOnly(200);
    assertThat(answers).extracting(Answer::body).containsOnly(answers.getFirst().body());
    assertThat(answers.getFirst().changes()).hasSize(1);
    assertThat(answers).extracting(CachingProxyTest::cache).filteredOn("MISS"::equals).hasSize(1);
    assertThat(answers)
        .extracting(CachingProxyTest::cache)
        .filteredOn("HIT"::equals)
        .hasSize(CLIENTS - 1);

    String cursor = answers.getFirst().header("electric-cursor");
    assertThat(answers)
        .allSatisfy(answer -> assertThat(answer.header("electric-cursor")).isEqualTo(cursor));
  }

  @Test
  void anOldAnswerIsGivenWhileTheCacheAsksWhetherItStillHolds() throws Exception {
    createTable("aging", 1);
    Answer first = readAll("aging").getLast();
    insert("aging", 2, 3);
    awaitRows("aging", 3);
    Answer log = catchUp("aging", first.handle(), first.offset());

    // Old after a second; then it comes from the cache, which asks in the background.
    await(() -> "STALE".equals(cache(catchUp("aging", first.handle(), first.offset()))));
    await(() -> proxy.requests().contains(revalidated("aging", first.handle(), first.offset())));
    Answer later = catchUp("aging", first.handle(), first.offset());

    assertThat(later.body()).isEqualTo(log.body());
    assertThat(later.header("electric-schema")).isEqualTo(log.header("electric-schema"));
    assertThat(later.header("electric-offset")).isEqualTo(log.header("electric-offset"));
  }

  @Test
  void whatHasChangedIsFetchedAnewInTheBackground() throws Exception {
    createTable("growing", 1);
    Answer first = readAll("growing").getLast();
    Answer none = catchUp("growing", first.handle(), first.offset());
    assertThat(none.changes()).isEmpty();

    insert("growing", 2, 2);

    await(() -> catchUp("growing", first.handle(), first.offset()).changes().size() == 1);
  }

  /** The core of the clients' suites, and what a cache adds to it. */
  @TestFactory
  List<DynamicNode> theOfficialClientWorksBehindIt(@TempDir Path folder) throws Exception {
    return NodeSuites.run(
        proxy.uri(),
        database,
        folder,
        "cached",
        "shape",
        "refetch",
        "chunks",
        "event-stream",
        "subsets",
        "filters");
  }

  /** What nginx logs of asking with If-None-Match and being answered 304. */
  private static Request revalidated(String table, String handle, String offset) {
    return new Request(
        ShapeHttp.path("table", table, "handle", handle, "offset", offset), "REVALIDATED", "304");
  }

  private void createTable(String name, int rows) throws SQLException {
    database.execute("create table %s (id int primary key, note text)".formatted(name));
    insert(name, 1, rows);
  }

  private void insert(String table, int from, int to) throws SQLException {
    database.execute(
        "insert into %s select i, repeat('x', 100) from generate_series(%d, %d) i"
            .formatted(table, from, to));
  }

  /** Through the cache, from the beginning until up-to-date. */
  private List<Answer> readAll(String table) throws IOException, InterruptedException {
    List<Answer> answers = new ArrayList<>();
    answers.add(http.shape("table", table, "offset", "-1"));
    while (!answers.getLast().isUpToDate()) {
      assertThat(answers.getLast().status()).isEqualTo(200);
      answers.add(catchUp(table, answers.getLast().handle(), answers.getLast().offset()));
    }
    return answers;
  }

  private Answer catchUp(String table, String handle, String offset)
      throws IOException, InterruptedException {
    return http.shape("table", table, "handle", handle, "offset", offset);
  }

  /** Past the cache: waits until the shape has so many rows. */
  private void awaitRows(String table, int rows) {
    try (ShapeHttp direct = new ShapeHttp(database.server().uri())) {
      await(() -> rows(direct, table) == rows);
    }
  }

  private static int rows(ShapeHttp direct, String table) throws IOException, InterruptedException {
    Answer answer = direct.shape("table", table, "offset", "-1");
    int rows = answer.changes().size();
    while (!answer.isUpToDate()) {
      answer = direct.shape("table", table, "handle", answer.handle(), "offset", answer.offset());
      rows += answer.changes().size();
    }
    return rows;
  }

  private static String cache(Answer answer) {
    return answer.header("x-cache");
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(condition);
  }
}
