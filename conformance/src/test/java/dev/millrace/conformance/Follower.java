package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.Offset;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * The official client in a process of its own, following one shape (see {@code
 * clients/src/follow.ts}). Keeps all it tells. One thread calls the methods; another, {@code
 * follower}, reads.
 */
final class Follower implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Process process;
  private final Path warnings;
  private final List<FollowEvent> events = new ArrayList<>();

  /** How the client waits for changes. */
  enum Live {
    LONG_POLL("long-poll", "application/json; charset=utf-8"),
    SSE("sse", "text/event-stream");

    private final String option;
    private final String contentType;

    Live(String option, String contentType) {
      this.option = option;
      this.contentType = contentType;
    }
  }

  private Follower(Process process, Path warnings) {
    this.process = process;
    this.warnings = warnings;
  }

  /**
   * Starts to follow a table.
   *
   * @param options further ones of {@code follow.ts}
   */
  static Follower start(URI server, String table, Live live, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("node", NodeClients.program("follow").toString()));
    command.addAll(List.of("--url", server.resolve("/v1/shape").toString()));
    command.addAll(List.of("--table", table, "--live", live.option));
    command.addAll(List.of(options));
    Path warnings = Files.createTempFile("follower-", ".log");
    Process process = new ProcessBuilder(command).redirectError(warnings.toFile()).start();
    Follower follower = new Follower(process, warnings);
    Thread.ofPlatform().daemon().name("follower").start(follower::read);
    return follower;
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        FollowEvent event = FollowEvent.parse(line);
        synchronized (events) {
          events.add(event);
        }
      }
    } catch (IOException e) {
      synchronized (events) {
        events.add(new FollowEvent.Failed("its output broke off: " + e));
      }
    }
  }

  /** What it has told so far. */
  List<FollowEvent> events() {
    synchronized (events) {
      return List.copyOf(events);
    }
  }

  private <E extends FollowEvent> Stream<E> events(Class<E> type) {
    return events().stream().filter(type::isInstance).map(type::cast);
  }

  List<FollowEvent.Change> changes() {
    return events(FollowEvent.Change.class).toList();
  }

  /** The operations that came for each key, in order. */
  Map<String, List<String>> operations() {
    return changes().stream()
        .collect(
            groupingBy(
                FollowEvent.Change::key,
                TreeMap::new,
                mapping(FollowEvent.Change::operation, toList())));
  }

  /** The handles it has followed, in order. */
  List<String> handles() {
    return events(FollowEvent.UpToDate.class).map(FollowEvent.UpToDate::handle).distinct().toList();
  }

  /** The schema of the first answer. */
  Map<String, ?> schema() {
    return events(FollowEvent.Response.class)
        .flatMap(response -> response.schema().stream())
        .findFirst()
        .orElseThrow();
  }

  boolean hasUsed(Live live) {
    return events(FollowEvent.Response.class)
        .anyMatch(response ->
            response.schema().isEmpty() && response.contentType().equals(live.contentType));
  }

  void awaitUpToDate() {
    await("up-to-date", () -> events(FollowEvent.UpToDate.class).findAny().isPresent());
  }

  /** Waits for a change of that key and the end of what came with it. */
  void awaitChangeOf(String key) {
    await(
        "a change of " + key,
        () ->
            events().stream()
                .dropWhile(event -> !isChangeOf(key, event))
                .anyMatch(FollowEvent.UpToDate.class::isInstance));
  }

  private static boolean isChangeOf(String key, FollowEvent event) {
    return event instanceof FollowEvent.Change change && change.key().equals(key);
  }

  /** Waits until it has begun anew and caught up. */
  void awaitRefetch() {
    await(
        "must-refetch",
        () ->
            events().stream()
                .dropWhile(event -> !(event instanceof FollowEvent.MustRefetch))
                .anyMatch(FollowEvent.UpToDate.class::isInstance));
  }

  /** The rows it has, of which its two ways to keep them must say the same. */
  List<Row> rows() throws IOException {
    long before = events(FollowEvent.Rows.class).count();
    tell("rows");
    await("rows", () -> events(FollowEvent.Rows.class).count() > before);
    FollowEvent.Rows rows = events(FollowEvent.Rows.class).toList().getLast();
    assertThat(rows.shape()).isEqualTo(rows.messages());
    return rows.messages();
  }

  private void await(String what, BooleanSupplier condition) {
    try {
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> condition.getAsBoolean() || hasFailed());
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("It did not get " + what + "." + lastWords(), e);
    }
    if (hasFailed()) {
      throw new AssertionError("It gave up." + lastWords());
    }
  }

  private boolean hasFailed() {
    return events(FollowEvent.Failed.class).findAny().isPresent();
  }

  /** What it told and wrote last, for the message of a failure. */
  String lastWords() {
    List<FollowEvent> told = events();
    return told.subList(Math.max(0, told.size() - 10), told.size()).stream()
        .map(FollowEvent::toString)
        .collect(joining("\n", " Its last events:\n", "\n" + warnings()));
  }

  /** That it ends with exactly these rows; a failure tells the first few that differ. */
  void assertHasRows(List<Row> expected) throws IOException {
    List<Row> found = rows();
    List<Row> missing = expected.stream().filter(row -> !found.contains(row)).limit(5).toList();
    List<Row> unexpected = found.stream().filter(row -> !expected.contains(row)).limit(5).toList();
    assertThat(unexpected).as("rows beside those of SELECT").isEmpty();
    assertThat(missing).as("rows of SELECT that it has not").isEmpty();
    assertThat(Row.keys(found)).isEqualTo(Row.keys(expected));
  }

  /** That each operation came once and in order, and none that contradicts those before it. */
  void assertEachOperationCameOnce() {
    assertThat(events(FollowEvent.Contradiction.class)).isEmpty();
    Map<String, List<Offset>> offsets =
        changes().stream()
            .filter(change -> change.offset().isPresent())
            .collect(
                groupingBy(
                    FollowEvent.Change::handle,
                    mapping(change -> offset(change.offset().orElseThrow()), toList())));
    assertThat(offsets.values())
        .allSatisfy(each -> assertThat(each).isSorted().doesNotHaveDuplicates());
  }

  private static Offset offset(String text) {
    return Offset.parse(text).orElseThrow();
  }

  /** What the client wrote to its console. */
  String warnings() {
    try {
      return Files.readString(warnings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops it for a while, as a laptop that sleeps. */
  void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start().waitFor();
  }

  private void tell(String command) throws IOException {
    Writer commands = process.outputWriter(UTF_8);
    commands.write(command + "\n");
    commands.flush();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly().onExit().join();
    Files.delete(warnings);
  }
}
