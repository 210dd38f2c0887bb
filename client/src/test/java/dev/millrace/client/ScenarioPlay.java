package dev.millrace.client;

import static dev.millrace.client.ScenarioValues.entity;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.store.Entity;
import dev.millrace.client.writebuffer.EditConflict;
import dev.millrace.client.writebuffer.WriteHandle;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Plays one scenario on the real client, in simulated time. One thread. */
final class ScenarioPlay {

  /** For how long a batch is waited for, unless a step says otherwise: writes are gathered. */
  private static final long GATHERING = 100;

  /** Draws the middle of everything, so that pauses are known. */
  private static final class EvenRandom extends Random {
    private static final long serialVersionUID = 1L;

    @Override
    public double nextDouble() {
      return 0.5;
    }
  }

  private final Scenario scenario;
  private final Path folder;
  private final boolean mayStream;
  private final long crashAt;
  private final SimulatedTime time = new SimulatedTime();
  private final ScenarioValues values = new ScenarioValues();
  private final ScriptedServer server;
  private final ScriptedBatches batches;
  private final Random ids = new Random(1);
  private final ScenarioChecks checks;
  private SimulatedTime.Lane lane = time.lane();
  private CrashingSqlite sqlite = new CrashingSqlite(new JdbcSqlite());
  private @Nullable SyncManager sync;
  private Optional<String> user = Optional.empty();
  private boolean hasTokens = true;
  private int refreshes;
  private boolean hasCrashed;

  /**
   * Prepares a play.
   *
   * @param mayStream whether streams come as events rather than by long polls
   * @param crashAt at which statement the process ends in the step that is to crash
   */
  ScenarioPlay(Scenario scenario, Path folder, boolean mayStream, long crashAt) {
    this.scenario = scenario;
    this.folder = folder;
    this.mayStream = mayStream;
    this.crashAt = crashAt;
    this.server = new ScriptedServer(scenario.entities(), values);
    this.batches = new ScriptedBatches(server, values);
    this.checks = new ScenarioChecks(values);
  }

  /** Plays all steps; says whether the process has ended in the middle of one. */
  boolean play() {
    try {
      for (int i = 0; i < scenario.steps().size(); i++) {
        Script step = new Script(scenario.steps().get(i));
        try {
          play(step);
          step.end();
          settle();
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError(
              "%s, step %d %s: %s".formatted(scenario.name(), i + 1, step, e.getMessage()), e);
        }
      }
      batches.expectNone();
      return hasCrashed;
    } finally {
      kill();
    }
  }

  private void play(Script step) {
    if (step.find("within").isPresent() && !step.verb().equals("expectBatch")) {
      expectWithin(step);
    } else {
      play(step, step.verb());
    }
  }

  /** Lets as much time go by as it takes, and no more than that. */
  private void expectWithin(Script step) {
    long end = time.nanos() + Duration.ofMillis(step.number("within")).toNanos();
    while (true) {
      settle();
      try {
        play(step, step.verb());
        return;
      } catch (AssertionError e) {
        if (!time.step(end)) {
          throw e;
        }
        checks.observe(sync);
      }
    }
  }

  private void play(Script step, String verb) {
    switch (verb) {
      case "open" -> open(step.text("open"));
      case "signIn" -> crashing(step, this::signIn);
      case "signOut" -> signOut(step);
      case "restart" -> restart(step);
      case "tokens" -> hasTokens = step.text("tokens").equals("good");
      case "advance" -> advance(step.number("advance"), () -> false);
      case "flush" -> calls(step.flag("flush"), sync()::flush);
      case "reconnect" -> calls(step.flag("reconnect"), sync()::reconnect);
      case "create", "update", "delete" -> keep(step, write(step, new Single()));
      case "together" -> together(step);
      case "retry" -> assertThat(buffer().retry(id(step, "retry"))).isTrue();
      case "edit" -> edit(step);
      case "discard" -> discard(step);
      case "settleConflict" -> settleConflict(step);
      case "stream" -> server.shape(step.text("stream")).play(step);
      case "whenever" -> batches.whenever(step);
      case "answer" -> batches.answer(step.get("answer"));
      case "expectBatch" -> expectBatch(step);
      case "expectNoBatch" -> expectNoBatch(step);
      case "expectNoRequest" -> expectNoRequest(step);
      case "expectBeginnings" -> expectBeginnings(step);
      case "expectRows" -> checks.expectRows(sync(), step);
      case "follow" -> checks.follow(sync(), step.text("follow"));
      case "expectViews" -> checks.expectViews(sync(), step);
      case "expectStatus" -> checks.expectStatus(sync(), step.members("expectStatus"));
      case "expectWrite" -> checks.expectWrite(sync(), step);
      case "expectDeadLetters" -> checks.expectDeadLetters(sync(), step);
      case "expectConflicts" -> checks.expectConflicts(sync(), step);
      default -> throw new AssertionError("no such step");
    }
  }

  private static void calls(boolean isWanted, Runnable call) {
    if (isWanted) {
      call.run();
    }
  }

  // --- time

  /** What is due happens; time stands. */
  private void settle() {
    advance(0, () -> false);
  }

  private void advance(long millis, java.util.function.BooleanSupplier isEnough) {
    long end = time.nanos() + Duration.ofMillis(millis).toNanos();
    int tasks = 0;
    while (!isEnough.getAsBoolean() && time.step(end)) {
      batches.look();
      checks.observe(sync);
      if (++tasks > 100_000) {
        throw new AssertionError("it never comes to rest");
      }
    }
  }

  // --- the device

  private SyncManager sync() {
    if (sync == null) {
      throw new AssertionError("nothing is open");
    }
    return sync;
  }

  private dev.millrace.client.writebuffer.WriteBuffer buffer() {
    return sync().writeBuffer();
  }

  private void open(String as) {
    start();
    if (!as.equals("guest")) {
      signIn(as, GuestData.ADOPT);
    }
  }

  private void start() {
    if (!folder.toFile().isDirectory() && !folder.toFile().mkdirs()) {
      throw new AssertionError("cannot make " + folder);
    }
    Entity[] entities = scenario.entities().toArray(Entity[]::new);
    var way = server.wayOn(lane);
    ClientSettings settings =
        ClientSettings.of(URI.create("http://scripted"))
            .entities(entities)
            .schemaVersion(1)
            .eventStreams(mayStream)
            .sqlite(sqlite)
            .transport(() -> way)
            .build();
    sync =
        SyncManager.open(
            folder,
            settings,
            new SyncManager.Environment(
                lane,
                lane,
                lane,
                way,
                () -> Instant.ofEpochSecond(1_800_000_000).plusNanos(time.nanos()),
                time::nanos,
                new EvenRandom(),
                () -> new UUID(ids.nextLong(), ids.nextLong()).toString(),
                false),
            () -> {});
  }

  private void signIn(Script step) {
    GuestData guest =
        GuestData.valueOf(step.text("guest").toUpperCase(Locale.ROOT).replace('-', '_'));
    signIn(step.text("signIn"), guest);
  }

  private void signIn(String as, GuestData guest) {
    user = Optional.of(as);
    sync().signIn(as, isRefresh -> token(as, isRefresh), guest);
  }

  private Optional<String> token(String as, boolean isRefresh) {
    if (!hasTokens) {
      return Optional.empty();
    }
    refreshes += isRefresh ? 1 : 0;
    String payload = "{\"sub\":\"%s\",\"n\":%d}".formatted(as, refreshes);
    return Optional.of(
        "h."
            + Base64.getUrlEncoder().withoutPadding().encodeToString(payload.getBytes(UTF_8))
            + ".s");
  }

  /** Does a step in whose middle the process may have to end. */
  private void crashing(Script step, java.util.function.Consumer<Script> work) {
    if (step.findText("crash").isEmpty()) {
      work.accept(step);
      return;
    }
    sqlite.crashAt(crashAt, true);
    try {
      work.accept(step);
      settle();
      sqlite.crashAt(Long.MAX_VALUE, true);
    } catch (CrashingSqlite.Crash crash) {
      hasCrashed = true;
    }
  }

  private void signOut(Script step) {
    if (step.flag("signOut")) {
      user = Optional.empty();
      sync().signOut();
    }
  }

  private void kill() {
    sqlite.kill();
    lane.close();
    server.forgetRequests();
    batches.forget();
    checks.forgetHandles();
    sync = null;
  }

  private void restart(Script step) {
    if (!step.flag("restart")) {
      return;
    }
    kill();
    lane = time.lane();
    sqlite = new CrashingSqlite(new JdbcSqlite());
    start();
    user = sync().user();
    user.ifPresent(as -> signIn(as, GuestData.ADOPT));
  }

  // --- writes

  private interface Writer {
    WriteHandle create(Entity entity, Map<String, ? extends @Nullable Object> row);

    WriteHandle update(Entity entity, Map<String, ? extends @Nullable Object> row);

    WriteHandle delete(Entity entity, Map<String, ? extends @Nullable Object> key);
  }

  private final class Single implements Writer {
    @Override
    public WriteHandle create(Entity entity, Map<String, ? extends @Nullable Object> row) {
      return sync().rows(entity).create(row);
    }

    @Override
    public WriteHandle update(Entity entity, Map<String, ? extends @Nullable Object> row) {
      return sync().rows(entity).update(row);
    }

    @Override
    public WriteHandle delete(Entity entity, Map<String, ? extends @Nullable Object> key) {
      return sync().rows(entity).delete(key);
    }
  }

  private record Joined(SyncManager.Together all) implements Writer {
    @Override
    public WriteHandle create(Entity entity, Map<String, ? extends @Nullable Object> row) {
      return all.create(entity, row);
    }

    @Override
    public WriteHandle update(Entity entity, Map<String, ? extends @Nullable Object> row) {
      return all.update(entity, row);
    }

    @Override
    public WriteHandle delete(Entity entity, Map<String, ? extends @Nullable Object> key) {
      return all.delete(entity, key);
    }
  }

  private WriteHandle write(Script step, Writer writer) {
    Entity entity = entity(step.text(step.verb()));
    Map<String, @Nullable Object> row = values.java(entity, step.members("row"));
    return switch (step.verb()) {
      case "create" -> writer.create(entity, row);
      case "update" -> writer.update(entity, row);
      default -> writer.delete(entity, row);
    };
  }

  private void keep(Script step, WriteHandle handle) {
    step.findText("as")
        .ifPresent(name -> {
          values.name(name, handle.id());
          checks.followed(name, handle);
        });
    checks.observe(sync);
  }

  private void together(Script step) {
    List<Script> writes = step.scripts("together");
    List<WriteHandle> made =
        sync()
            .together(all -> {
              Joined writer = new Joined(all);
              return writes.stream().map(write -> write(write, writer)).toList();
            });
    for (int i = 0; i < made.size(); i++) {
      keep(writes.get(i), made.get(i));
      writes.get(i).end();
    }
  }

  private String id(Script step, String member) {
    return values.named(step.text(member));
  }

  private void edit(Script step) {
    String id = id(step, "edit");
    Entity entity = entity(step.findText("entity").orElse("notes"));
    Optional<String> fresh = buffer().edit(id, values.java(entity, step.members("values")));
    assertThat(fresh).isPresent();
    values.name(step.text("as"), fresh.orElseThrow());
  }

  private void discard(Script step) {
    List<String> gone =
        buffer().discard(id(step, "discard")).stream().map(WriteChange::id).toList();
    List<String> expected = step.texts("gone").stream().map(values::named).toList();
    assertThat(gone).containsExactlyInAnyOrderElementsOf(expected);
  }

  private void settleConflict(Script step) {
    Entity entity = entity(step.text("settleConflict"));
    Json.Members key = values.plain(entity, step.members("row"));
    String column = step.text("column");
    List<EditConflict> found =
        buffer().conflicts().stream()
            .filter(one -> one.key().equals(key) && one.column().equals(column))
            .toList();
    assertThat(found).hasSize(1);
    buffer().settleConflict(found.getFirst().id());
  }

  // --- what is expected of requests

  private void expectBatch(Script step) {
    settle();
    advance(step.number("within", GATHERING), batches::hasArrived);
    batches.expect(step, user, refreshes);
    step.find("answer").ifPresent(batches::answer);
  }

  private void expectNoBatch(Script step) {
    advance(step.number("expectNoBatch"), batches::hasArrived);
    batches.expectNone();
  }

  private void expectNoRequest(Script step) {
    settle();
    int before = server.requests;
    advance(step.number("expectNoRequest"), () -> false);
    assertThat(server.requests).isEqualTo(before);
  }

  private void expectBeginnings(Script step) {
    Json.Members expected = step.members("expectBeginnings");
    expected
        .byName()
        .forEach((name, count) ->
            assertThat(Json.Numeral.of(server.shape(name).beginnings)).isEqualTo(count));
  }
}
