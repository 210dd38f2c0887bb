package dev.millrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.sqlite.Sqlite;
import dev.millrace.client.store.Entity;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/** A client of a user, {@code ada}, and the model server, in simulated time. One thread. */
final class OneDevice implements AutoCloseable {

  final SimulatedTime time = new SimulatedTime();
  final SimulatedTime.Lane lane = time.lane();
  final Random random = new Random(1);
  final ModelServer server = new ModelServer(random);
  final FaultyNetwork.Weather weather = new FaultyNetwork.Weather();
  final FaultyNetwork network;
  boolean isTokenGood = true;
  boolean mayStream;
  TokenSupplier tokens = isRefresh -> Optional.of(token("ada"));
  Sqlite sqlite = new JdbcSqlite();

  /** Whether what is committed shows in streams. */
  boolean isShowing = true;

  private final Path folder;

  OneDevice(Path folder) {
    this.folder = folder;
    this.network =
        new FaultyNetwork(
            lane,
            server,
            weather,
            random,
            new HashMap<>(),
            authorization ->
                isTokenGood && authorization.equals("Bearer " + token("ada"))
                    ? Optional.of("ada")
                    : Optional.empty());
  }

  static String token(String user) {
    String payload = "{\"sub\":\"" + user + "\"}";
    return "h."
        + Base64.getUrlEncoder().withoutPadding().encodeToString(payload.getBytes(UTF_8))
        + ".s";
  }

  /** Opens the folder, as a guest unless somebody was signed in. */
  SyncManager open(Entity... entities) {
    ClientSettings settings =
        ClientSettings.of(URI.create("http://model"))
            .entities(entities)
            .eventStreams(mayStream)
            .sqlite(sqlite)
            .transport(() -> network)
            .build();
    return SyncManager.open(
        folder,
        settings,
        new SyncManager.Environment(
            lane,
            lane,
            lane,
            network,
            () -> Instant.ofEpochSecond(1_800_000_000).plusNanos(time.nanos()),
            time::nanos,
            random,
            () -> new UUID(random.nextLong(), random.nextLong()).toString(),
            false),
        () -> {});
  }

  /** The same with the user signed in. */
  SyncManager signIn(Entity... entities) {
    SyncManager sync = open(entities);
    sync.signIn("ada", isRefresh -> tokens.token(isRefresh), GuestData.ADOPT);
    return sync;
  }

  /** Time goes on; what is committed shows at once, unless it is told otherwise. */
  void pass(Duration duration) {
    long end = time.nanos() + duration.toNanos();
    do {
      if (isShowing && server.hasToShow()) {
        server.show();
        network.wake();
      }
    } while (time.step(end));
  }

  static List<String> shown(Rows rows) {
    return rows.all().stream().map(row -> String.valueOf(row.get("a"))).sorted().toList();
  }

  @Override
  public void close() {
    lane.close();
  }
}
