package dev.millrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Overlay;
import dev.millrace.client.store.Store;
import dev.millrace.client.store.StreamPosition;
import dev.millrace.client.store.SyncedTable;
import dev.millrace.client.writebuffer.DeadLetter;
import dev.millrace.client.writebuffer.WriteHandle;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.WriteChange;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
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

  /** A change that the client has acknowledged. */
  record Promise(String id, String entity, String row) {}

  private final String name;
  private final String user;
  private final Path folder;
  private final SimulatedTime time;
  private final ModelServer server;
  private final Random random;
  private final Map<String, ModelServer.Answer> cache;
  private final FaultyNetwork.Weather weather = new FaultyNetwork.Weather();
  private final Map<String, Promise> promises = new LinkedHashMap<>();
  private final Set<String> discarded = new HashSet<>();
  private final Map<String, Long> newest = new HashMap<>();
  private Duration clockError = Duration.ZERO;
  private long tokenNumber;
  private long goodTokens;
  private boolean mayStream;
  private CrashingSqlite sqlite = new CrashingSqlite();
  private SimulatedTime.Lane lane;
  private FaultyNetwork network;
  private @Nullable SyncManager sync;
  private boolean isGuest = true;
  private long checkedCommits = -1;

  SimulatedDevice(
      String name,
      String user,
      Path folder,
      SimulatedTime time,
      ModelServer server,
      Random random,
      Map<String, ModelServer.Answer> cache) {
    this.name = name;
    this.user = user;
    this.folder = folder;
    this.time = time;
    this.server = server;
    this.random = random;
    this.cache = cache;
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
    sqlite = new CrashingSqlite();
    checkedCommits = -1;
    lane = time.lane();
    network = newNetwork();
    ClientSettings settings =
        ClientSettings.of(URI.create("http://model"))
            .entities(ITEMS, TAGS)
            .sqlite(sqlite)
            .eventStreams(mayStream)
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
      case 0, 1 ->
          promised(sync -> List.of(sync.rows(entity).create(edited(fresh))), entity, fresh);
      case 2, 3 -> onSomeRow(entity, (sync, id) -> sync.rows(entity).update(edited(id)));
      case 4 -> onSomeRow(entity, (sync, id) -> sync.rows(entity).delete(Map.of("id", id)));
      default ->
          promised(
              sync ->
                  sync.together(group ->
                      List.of(
                          group.create(entity, edited(fresh)),
                          group.update(entity, edited(fresh)))),
              entity,
              fresh);
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

  private interface OnRow {
    WriteHandle write(SyncManager sync, UUID id);
  }

  private void onSomeRow(Entity entity, OnRow work) {
    guarded(() -> {
      List<UUID> ids =
          open().rows(entity).all().stream()
              .map(row -> UUID.fromString(String.valueOf(row.get("id"))))
              .toList();
      if (!ids.isEmpty()) {
        UUID id = ids.get(random.nextInt(ids.size()));
        promised(sync -> List.of(work.write(sync, id)), entity, id);
      }
      return true;
    });
  }

  /** What returns is promised; what crashes is if it was on the disk. */
  private void promised(Function<SyncManager, List<WriteHandle>> work, Entity entity, UUID row) {
    guarded(() -> {
      for (WriteHandle handle : work.apply(open())) {
        promises.put(handle.id(), new Promise(handle.id(), entity.name(), row.toString()));
      }
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
    maybeGone.addAll(gone);
    open().writeBuffer().discard(letter.id()).forEach(change -> discarded.add(change.id()));
    maybeGone.clear();
  }

  private final Set<String> maybeGone = new HashSet<>();

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
    maybeGone.add(letter.id());
    open()
        .writeBuffer()
        .edit(letter.id(), values)
        .ifPresent(fresh -> {
          discarded.add(letter.id());
          promises.put(fresh, new Promise(fresh, letter.entity(), ""));
        });
    maybeGone.clear();
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
    checkAll();
    sqlite.observe(false);
  }

  private void checkAll() {
    Store store = session().store();
    boolean guest = open().user().isEmpty();
    List<Overlay.Pending> overlay = store.read(Overlay::list);
    Set<String> pending = new HashSet<>();
    overlay.forEach(change -> pending.add(change.id()));
    for (Entity entity : List.of(ITEMS, TAGS)) {
      SyncedTable table = new SyncedTable(store, entity);
      StreamPosition shown = table.shown();
      Map<String, Map<String, @Nullable String>> synced = rows(store, entity.name() + "__synced");
      if (!guest) {
        syncedRowsAreThoseOfTheServerAtTheirOffset(entity, shown, synced);
        rowsDoNotGoBack(entity, shown);
      }
      mergedRowsAreSyncedOnesWithTheChangesOnTop(store, entity, synced, overlay);
      if (!guest) {
        noPromiseIsBroken(entity, shown, pending);
      }
    }
    ordersAreKept();
  }

  private Session session() {
    return open().sessionOfNow();
  }

  private static Map<String, Map<String, @Nullable String>> rows(Store store, String from) {
    Map<String, Map<String, @Nullable String>> rows = new TreeMap<>();
    store
        .read(tx ->
            tx.query(
                "select id, owner, a, b from \"" + from + "\"",
                List.of(),
                row -> {
                  Map<String, @Nullable String> values = new LinkedHashMap<>();
                  values.put("id", row.text(0));
                  values.put("owner", row.text(1));
                  values.put("a", row.text(2));
                  values.put("b", row.text(3));
                  return values;
                }))
        .forEach(row -> rows.put(String.valueOf(row.get("id")), row));
    return rows;
  }

  private void syncedRowsAreThoseOfTheServerAtTheirOffset(
      Entity entity, StreamPosition shown, Map<String, Map<String, @Nullable String>> synced) {
    assertThat(synced.values()).allSatisfy(row -> assertThat(row.get("owner")).isEqualTo(user));
    boolean isWhole = shown.offset().tx() > 0 || shown.offset().equals(Offset.SNAPSHOT_END);
    if (isWhole) {
      ModelServer.Shape shape = server.shape(shown.handle().orElse("")).orElseThrow();
      assertThat(shape.table).isEqualTo(entity.name());
      assertThat(synced)
          .as("%s on %s", entity.name(), name)
          .isEqualTo(server.rowsAt(shape, shown.offset()));
    }
  }

  /** Nothing that is shown was newer before, through restarts and new shapes. */
  private void rowsDoNotGoBack(Entity entity, StreamPosition shown) {
    long version = version(shown);
    Long before = newest.put(entity.name(), version);
    assertThat(version).isGreaterThanOrEqualTo(before == null ? 0 : before);
  }

  private long version(StreamPosition shown) {
    long snapshot =
        shown.snapshot().isEmpty()
            ? 0
            : server.shape(shown.handle().orElse("")).map(shape -> shape.snapshotLsn).orElse(0L);
    return Math.max(snapshot, Math.max(shown.offset().tx(), shown.lsn().value()));
  }

  private void mergedRowsAreSyncedOnesWithTheChangesOnTop(
      Store store,
      Entity entity,
      Map<String, Map<String, @Nullable String>> synced,
      List<Overlay.Pending> overlay) {
    Map<String, Map<String, @Nullable String>> expected = new TreeMap<>();
    synced.forEach((id, row) -> expected.put(id, new LinkedHashMap<>(row)));
    for (Overlay.Pending change : overlay) {
      if (!change.entity().equals(entity.name())) {
        continue;
      }
      Map<String, @Nullable String> set = new LinkedHashMap<>();
      change.payload().byName().forEach((column, json) -> set.put(column, ModelServer.text(json)));
      String id = String.valueOf(set.get("id"));
      switch (change.op()) {
        case INSERT -> expected.computeIfAbsent(id, unused -> emptyRow()).putAll(set);
        case UPDATE -> {
          Map<String, @Nullable String> row = expected.get(id);
          if (row != null) {
            row.putAll(set);
          }
        }
        case DELETE -> expected.remove(id);
      }
    }
    assertThat(rows(store, entity.name())).as("merged on %s", name).isEqualTo(expected);
  }

  private static Map<String, @Nullable String> emptyRow() {
    Map<String, @Nullable String> row = new LinkedHashMap<>();
    row.put("id", null);
    row.put("owner", null);
    row.put("a", null);
    row.put("b", null);
    return row;
  }

  private void noPromiseIsBroken(Entity entity, StreamPosition shown, Set<String> pending) {
    for (Promise promise : promises.values()) {
      boolean isElsewhere =
          !promise.entity().equals(entity.name())
              || discarded.contains(promise.id())
              || pending.contains(promise.id());
      if (isElsewhere) {
        continue;
      }
      Optional<ModelServer.Applied> applied = server.applied(promise.id());
      if (applied.isEmpty() && maybeGone.contains(promise.id())) {
        continue;
      }
      assertThat(applied).as("%s: %s is neither here nor there", name, promise).isPresent();
      assertThat(version(shown))
          .as("%s: %s is gone before it is shown", name, promise)
          .isGreaterThanOrEqualTo(applied.get().lsn() - 3);
    }
  }

  /** Of rows on which nothing was rejected: changes were applied in the order they were made. */
  private void ordersAreKept() {
    Map<String, List<Promise>> byRow = new LinkedHashMap<>();
    Set<String> unclear = new HashSet<>();
    for (Promise promise : promises.values()) {
      byRow.computeIfAbsent(promise.row(), unused -> new ArrayList<>()).add(promise);
      if (server.hasRejected(promise.id())) {
        unclear.add(promise.row());
      }
    }
    unclear.add(""); // Of edited ones.
    byRow.keySet().removeAll(unclear);
    byRow
        .values()
        .forEach(changes -> {
          int last = -1;
          boolean isMissing = false;
          for (Promise change : changes) {
            Optional<ModelServer.Applied> applied = server.applied(change.id());
            int order = applied.map(ModelServer.Applied::order).orElse(last);
            assertThat(applied.isPresent() && (isMissing || order < last))
                .as("%s: %s was applied out of its order", name, change)
                .isFalse();
            isMissing |= applied.isEmpty() && !discarded.contains(change.id());
            last = order;
          }
        });
  }

  /** Whether nothing is left to do. */
  boolean isQuiet() {
    return sync != null
        && !isGuest
        && open().status().isSynced()
        && open().status().writes().errors() == 0
        && session().store().read(Overlay::list).isEmpty();
  }

  /** When all is over: what the server has, and every promise kept. */
  void checkEnd() {
    for (Entity entity : List.of(ITEMS, TAGS)) {
      assertThat(rows(session().store(), entity.name()))
          .as("%s on %s", entity.name(), name)
          .isEqualTo(server.rows(entity.name(), user));
    }
    for (Promise promise : promises.values()) {
      if (!discarded.contains(promise.id()) && !maybeGone.contains(promise.id())) {
        assertThat(server.applied(promise.id())).as("%s of %s", promise, name).isPresent();
      }
    }
  }

  String describe() {
    return sync == null ? name + " is down" : name + "\n" + open().dump();
  }
}
