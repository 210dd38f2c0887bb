package dev.millrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Overlay;
import dev.millrace.client.writebuffer.BatchLimits;
import dev.millrace.client.writebuffer.DeadLetter;
import dev.millrace.client.writebuffer.WriteHandle;
import dev.millrace.protocol.WriteChange;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A device of a simulation with its application and its user; knows what it was promised, and holds
 * the client to it. One thread.
 */
final class SimulatedDevice {

  static final Entity ITEMS = entity("items", 0);
  static final Entity TAGS = entity("tags", 1);

  private static Entity entity(String name, int priority) {
    return Entity.of(name)
        .key("id", Scalar.UUID)
        .owner("owner", Scalar.TEXT)
        .column("a", Scalar.TEXT)
        .column("b", Scalar.INT4)
        .index("a")
        .priority(priority)
        .build();
  }

  private final String name;
  private final String user;
  private final Path folder;
  private final SimulatedTime time;
  private final ModelServer server;
  private final Random random;
  private final Map<String, ModelServer.Answer> cache;
  private final FaultyNetwork.Weather weather = new FaultyNetwork.Weather();
  private final Promises promises;
  private final Invariants invariants;
  private Duration clockError = Duration.ZERO;
  private long tokenNumber;
  private long goodTokens;
  private boolean mayStream;
  private final SimulatedDisk disk;
  private CrashingSqlite sqlite;
  private SimulatedTime.Lane lane;
  private FaultyNetwork network;
  private @Nullable SyncManager sync;
  private boolean isGuest = true;
  private long checkedCommits = -1;

  SimulatedDevice(
      String name,
      String user,
      Path folder,
      SimulatedDisk disk,
      SimulatedTime time,
      ModelServer server,
      Random random,
      Map<String, ModelServer.Answer> cache) {
    this.name = name;
    this.user = user;
    this.folder = folder;
    this.disk = disk;
    this.sqlite = new CrashingSqlite(disk);
    this.time = time;
    this.server = server;
    this.random = random;
    this.cache = cache;
    this.promises = new Promises(name, server);
    this.invariants = new Invariants(name, user, server, List.of(ITEMS, TAGS), promises);
    this.lane = time.lane();
    this.mayStream = random.nextBoolean();
    this.network = newNetwork();
  }

  private FaultyNetwork newNetwork() {
    return new FaultyNetwork(lane, server, weather, random, cache, this::userOf);
  }

  FaultyNetwork.Weather weather() {
    return weather;
  }

  FaultyNetwork network() {
    return network;
  }

  String user() {
    return user;
  }

  boolean isRunning() {
    return sync != null;
  }

  // --- its life

  /** Starts the process; a crash in the middle of it leaves none. */
  void start() {
    sqlite = new CrashingSqlite(disk);
    checkedCommits = -1;
    lane = time.lane();
    network = newNetwork();
    ClientSettings settings =
        ClientSettings.of(URI.create("http://model"))
            .entities(ITEMS, TAGS)
            .sqlite(sqlite)
            .eventStreams(mayStream)
            .batchLimits(new BatchLimits(7, 2_000))
            .transport(() -> network)
            .build();
    SyncManager.Environment environment =
        new SyncManager.Environment(
            lane,
            lane,
            lane,
            network,
            () -> Instant.ofEpochSecond(1_800_000_000).plusNanos(time.nanos()).plus(clockError),
            time::nanos,
            random,
            this::newId,
            false);
    guarded(() -> {
      sync = SyncManager.open(folder, settings, environment, () -> {});
      // A crash in the middle of signing in may have left either.
      isGuest = open().user().isEmpty();
      if (!isGuest) {
        signIn();
      }
      return true;
    });
  }

  private SyncManager open() {
    return Objects.requireNonNull(sync);
  }

  private String newId() {
    return new UUID(random.nextLong(), random.nextLong()).toString();
  }

  /** Does something that may end the process; says whether it came to its end. */
  private <T> Optional<T> guarded(java.util.concurrent.Callable<T> work) {
    try {
      return Optional.of(work.call());
    } catch (CrashingSqlite.Crash crash) {
      lane.close();
      sync = null;
      return Optional.empty();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  void kill() {
    sqlite.kill();
    lane.close();
    sync = null;
  }

  /** Whether it ended in the middle of a task; then it is down from now on. */
  boolean hasCrashed() {
    if (sync == null || !sqlite.isDead()) {
      return false;
    }
    lane.close();
    sync = null;
    return true;
  }

  void crashSoon() {
    sqlite.crashAt(1 + random.nextInt(60), random.nextBoolean());
  }

  void closeCleanly() {
    guarded(() -> {
      open().close();
      return true;
    });
    kill();
  }

  void jumpClock() {
    clockError = clockError.plusSeconds(random.nextInt(200_000) - 100_000);
  }

  void expireToken() {
    goodTokens = tokenNumber + 1;
  }

  void signIn() {
    guarded(() -> {
      open().signIn(user, this::token, GuestData.ADOPT);
      isGuest = false;
      return true;
    });
  }

  void signOut() {
    guarded(() -> {
      open().signOut();
      isGuest = true;
      return true;
    });
  }

  boolean isGuest() {
    return isGuest;
  }

  private Optional<String> token(boolean isRefresh) {
    if (weather.faults > 0 && random.nextInt(20) == 0) {
      throw new IllegalStateException("the issuer is away");
    }
    if (isRefresh) {
      tokenNumber = goodTokens;
    }
    String payload = "{\"sub\":\"%s\",\"n\":%d}".formatted(user, tokenNumber);
    return Optional.of(
        "h."
            + Base64.getUrlEncoder().withoutPadding().encodeToString(payload.getBytes(UTF_8))
            + ".s");
  }

  private Optional<String> userOf(String authorization) {
    if (!authorization.startsWith("Bearer h.")) {
      return Optional.empty();
    }
    String payload =
        new String(Base64.getUrlDecoder().decode(authorization.split("\\.", -1)[1]), UTF_8);
    long number =
        Long.parseLong(payload.substring(payload.indexOf("\"n\":") + 4, payload.length() - 1));
    return number >= goodTokens ? Tokens.subject(authorization.substring(7)) : Optional.empty();
  }

  // --- its application

  void write() {
    Entity entity = random.nextInt(3) == 0 ? TAGS : ITEMS;
    UUID fresh = new UUID(random.nextLong(), random.nextLong());
    switch (random.nextInt(6)) {
      case 0, 1 -> promised(entity, edited(fresh), Rows::create);
      case 2, 3 -> onSomeRow(entity, id -> promised(entity, edited(id), Rows::update));
      case 4 -> onSomeRow(entity, id -> promised(entity, Map.of("id", id), Rows::delete));
      default -> createAndUpdate(entity, edited(fresh), edited(fresh));
    }
  }

  private Map<String, Object> edited(UUID id) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("id", id);
    values.put("a", (random.nextInt(12) == 0 ? "bad" : name) + random.nextInt(1000));
    if (random.nextBoolean()) {
      values.put("b", random.nextInt(100));
    }
    return values;
  }

  private void onSomeRow(Entity entity, Consumer<UUID> work) {
    guarded(() -> {
      List<UUID> ids =
          open().rows(entity).all().stream()
              .map(row -> UUID.fromString(String.valueOf(row.get("id"))))
              .toList();
      if (!ids.isEmpty()) {
        work.accept(ids.get(random.nextInt(ids.size())));
      }
      return true;
    });
  }

  /** What returns is promised; what crashes is if it was on the disk. */
  private void promised(
      Entity entity,
      Map<String, Object> values,
      BiFunction<Rows, Map<String, Object>, WriteHandle> write) {
    guarded(() -> {
      made(entity, write.apply(open().rows(entity), values), Optional.empty(), values);
      return true;
    });
  }

  private void made(
      Entity entity, WriteHandle handle, Optional<String> group, Map<String, Object> values) {
    promises.made(handle, entity.name(), String.valueOf(values.get("id")), group, values);
  }

  private void createAndUpdate(Entity entity, Map<String, Object> row, Map<String, Object> more) {
    guarded(() -> {
      List<WriteHandle> handles =
          open().together(group -> List.of(group.create(entity, row), group.update(entity, more)));
      Optional<String> group = Optional.of(handles.get(0).id());
      made(entity, handles.get(0), group, row);
      made(entity, handles.get(1), group, more);
      return true;
    });
  }

  /** Does something about what was rejected. */
  void attendToDeadLetters(boolean discardAll) {
    guarded(() -> {
      for (DeadLetter letter : open().writeBuffer().deadLetters()) {
        int choice = discardAll ? 0 : random.nextInt(6);
        if (choice == 0) {
          discard(letter);
        } else if (choice == 1) {
          open().writeBuffer().retry(letter.id());
        } else if (choice == 2) {
          edit(letter);
        }
        break;
      }
      return true;
    });
  }

  private void discard(DeadLetter letter) {
    List<String> gone = new ArrayList<>();
    // Known before it is done: a crash may come between.
    open().writeBuffer().peek(1000).forEach(change -> gone.add(change.id()));
    open().writeBuffer().deadLetters().forEach(other -> gone.add(other.id()));
    promises.perhapsDiscarded(gone);
    promises.discarded(
        open().writeBuffer().discard(letter.id()).stream().map(WriteChange::id).toList());
    promises.discardedAsTold();
  }

  private void edit(DeadLetter letter) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    letter
        .payload()
        .byName()
        .forEach((column, json) -> {
          String text = ModelServer.text(json);
          Object value =
              switch (column) {
                case "id" -> UUID.fromString(String.valueOf(text));
                case "b" -> text == null ? null : Integer.valueOf(text);
                default -> text;
              };
          values.put(column, value);
        });
    if (letter.op() != WriteChange.Op.DELETE) {
      values.put("a", "mended" + random.nextInt(1000));
    }
    promises.perhapsDiscarded(List.of(letter.id()));
    open()
        .writeBuffer()
        .edit(letter.id(), values)
        .ifPresent(fresh -> promises.edited(letter.id(), fresh, values));
    promises.discardedAsTold();
  }

  boolean owns(SimulatedTime.Lane other) {
    return lane == other;
  }

  // --- what must hold

  /** Every invariant, after a step that has changed what is stored. */
  void check() {
    if (sync == null || sqlite.isDead() || sqlite.commits() == checkedCommits) {
      return;
    }
    checkedCommits = sqlite.commits();
    sqlite.observe(true);
    invariants.check(session().store(), open().user().isEmpty(), sqlite.takeWritten());
    sqlite.observe(false);
  }

  private Session session() {
    return open().sessionOfNow();
  }

  /** Whether nothing is left to do. */
  boolean isQuiet() {
    return sync != null
        && !isGuest
        && open().status().isSynced()
        && open().status().writes().errors() == 0
        && session().store().read(Overlay::list).isEmpty();
  }

  void checkEnd() {
    invariants.checkEnd(session().store());
  }

  String describe() {
    return sync == null ? name + " is down" : name + "\n" + open().dump();
  }
}
