package dev.millrace.client;

import static dev.millrace.client.SimulatedDevice.ITEMS;
import static dev.millrace.client.SimulatedDevice.TAGS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.stream.StreamStatus;
import dev.millrace.client.writebuffer.WriteHandle;
import dev.millrace.client.writebuffer.WriteState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has hurt the users of other systems on their way to the server: tokens, sockets, loops. */
class PeersConnectionTest {

  @TempDir private Path folder;
  private OneDevice device;

  @BeforeEach
  void make() {
    device = new OneDevice(folder);
  }

  private static WriteHandle write(SyncManager sync, String a) {
    return sync.rows(ITEMS).create(Map.of("id", UUID.randomUUID(), "a", a));
  }

  private void edits(int count) {
    for (int i = 0; i < count; i++) {
      device.server.edit("items", "ada");
    }
  }

  private static Optional<StreamStatus> stream(SyncManager sync, String entity) {
    return sync.status().streams().stream()
        .filter(stream -> stream.entity().equals(entity))
        .findFirst();
  }

  private static boolean isLive(SyncManager sync, String entity) {
    return stream(sync, entity)
        .filter(stream -> stream.phase() == StreamStatus.Phase.LIVE)
        .isPresent();
  }

  /** thunderbolt 914: an application waited for everything before it could begin. */
  @Test
  void whatHasPriorityIsThereBeforeTheRestIsAskedFor() {
    edits(30);
    try (SyncManager sync = device.signIn(TAGS, ITEMS)) {
      List<StreamStatus.Phase> others = new ArrayList<>();
      while (!isLive(sync, "items")) {
        stream(sync, "tags").ifPresent(stream -> others.add(stream.phase()));
        device.pass(Duration.ofMillis(1));
      }

      device.pass(Duration.ofSeconds(5));

      assertThat(others).isNotEmpty().containsOnly(StreamStatus.Phase.STOPPED);
      assertThat(isLive(sync, "tags")).isTrue();
    }
  }

  /** Electric 1365: synced was said before the data was there. */
  @Test
  void syncedIsSaidWhenTheRowsAreThere() {
    edits(30);
    try (SyncManager sync = device.signIn(ITEMS)) {
      while (!sync.status().isSynced()) {
        assertThat(stream(sync, "items").flatMap(StreamStatus::lastUpToDate)).isEmpty();
        device.pass(Duration.ofMillis(1));
      }

      assertThat(sync.rows(ITEMS).all()).hasSameSizeAs(device.server.rows("items", "ada").keySet());
    }
  }

  /** owncloud 4116, fhircore 2958: a token that expired in the middle of a snapshot. */
  @Test
  void aTokenThatExpiresInTheMiddleOfASnapshotLosesNoRow() {
    edits(60);
    device.tokens =
        isRefresh -> {
          device.isTokenGood |= isRefresh;
          return Optional.of(OneDevice.token("ada"));
        };
    try (SyncManager sync = device.signIn(ITEMS)) {
      device.pass(Duration.ofMillis(200));
      assertThat(sync.status().isSynced()).isFalse();

      device.isTokenGood = false;
      device.pass(Duration.ofSeconds(30));

      assertThat(sync.rows(ITEMS).all()).hasSameSizeAs(device.server.rows("items", "ada").keySet());
      assertThat(device.server.shapesMade()).isEqualTo(1);
    }
  }

  /** The same in the middle of sending. */
  @Test
  void aTokenThatExpiresWhileWritesAreSentCostsNoWrite() {
    try (SyncManager sync = device.signIn(ITEMS)) {
      device.pass(Duration.ofSeconds(5));
      device.isTokenGood = false;
      device.tokens =
          isRefresh -> {
            device.isTokenGood |= isRefresh;
            return Optional.of(OneDevice.token("ada"));
          };

      WriteHandle handle = write(sync, "once");
      device.pass(Duration.ofSeconds(10));

      assertThat(handle.state()).isInstanceOf(WriteState.Confirmed.class);
      assertThat(device.server.rows("items", "ada")).hasSize(1);
    }
  }

  /** zero: without a good token writes were rejected until the application connected anew. */
  @Test
  void withATokenThatIsRefusedWritesAreKeptAndNothingIsAskedInALoop() {
    try (SyncManager sync = device.signIn(ITEMS)) {
      device.pass(Duration.ofSeconds(5));
      device.isTokenGood = false;
      WriteHandle handle = write(sync, "kept");
      int before = device.network.requests;
      device.pass(Duration.ofMinutes(10));

      assertThat(sync.status().needsAuth()).isTrue();
      assertThat(handle.state()).isNotInstanceOf(WriteState.Rejected.class);
      assertThat(OneDevice.shown(sync.rows(ITEMS))).containsExactly("kept");
      assertThat(device.network.requests - before).isLessThan(100);

      device.isTokenGood = true;
      device.pass(Duration.ofMinutes(3));
      assertThat(handle.state()).isInstanceOf(WriteState.Confirmed.class);
      assertThat(sync.status().isSynced()).isTrue();
    }
  }

  /** Offline is not guest. */
  @Test
  void offlineAnExpiredTokenChangesNothing() {
    try (SyncManager sync = device.signIn(ITEMS)) {
      write(sync, "before");
      device.pass(Duration.ofSeconds(10));
    }
    device.weather.isOffline = true;
    device.isTokenGood = false;
    device.tokens =
        isRefresh -> {
          throw new IOException("no network");
        };

    try (SyncManager sync = device.open(ITEMS)) {
      sync.signIn("ada", isRefresh -> device.tokens.token(isRefresh), GuestData.ADOPT);
      write(sync, "meanwhile");
      device.pass(Duration.ofDays(3));

      assertThat(sync.user()).contains("ada");
      assertThat(OneDevice.shown(sync.rows(ITEMS))).containsExactly("before", "meanwhile");
      assertThat(sync.status().writes().unsent()).isEqualTo(1);

      device.weather.isOffline = false;
      device.isTokenGood = true;
      device.tokens = isRefresh -> Optional.of(OneDevice.token("ada"));
      device.pass(Duration.ofMinutes(3));
      assertThat(sync.status().isSynced()).isTrue();
    }
  }

  /** powersync-kotlin 1.11.1: a socket that was dead and did not say so stalled the client. */
  @Test
  void aSocketThatFallsSilentIsGivenUp() {
    try (SyncManager sync = device.signIn(ITEMS)) {
      device.pass(Duration.ofSeconds(5));
      device.weather.isSilent = true;
      WriteHandle handle = write(sync, "waits");
      device.pass(Duration.ofSeconds(60));

      device.weather.isSilent = false;
      edits(1);
      device.pass(Duration.ofMinutes(4));

      assertThat(handle.state()).isInstanceOf(WriteState.Confirmed.class);
      assertThat(sync.rows(ITEMS).all()).hasSize(2);
    }
  }

  /** Electric 3364, 4137: event streams that a proxy closes at once were asked for in a loop. */
  @Test
  void eventStreamsThatEndAtOnceGiveWayToLongPolls() {
    device.mayStream = true;
    device.weather.endsStreams = true;
    try (SyncManager sync = device.signIn(ITEMS)) {
      device.pass(Duration.ofMinutes(1));
      int before = device.network.requests;
      device.pass(Duration.ofMinutes(5));
      assertThat(device.network.requests - before).isLessThan(30);

      edits(1);
      device.pass(Duration.ofSeconds(2));

      assertThat(sync.rows(ITEMS).all()).hasSize(1);
    }
  }

  /** Electric 2657, and every corporate proxy: an event stream that is told when it is over. */
  @Test
  void eventStreamsThatAreHeldBackGiveWayToLongPolls() {
    device.mayStream = true;
    device.weather.holdsStreams = true;
    try (SyncManager sync = device.signIn(ITEMS)) {
      device.pass(Duration.ofSeconds(330));

      edits(1);
      device.pass(Duration.ofSeconds(2));

      assertThat(sync.rows(ITEMS).all()).hasSize(1);
    }
  }

  /** The same, where the head comes at once. */
  @Test
  void eventStreamsWhoseEventsAreHeldBackGiveWayToLongPolls() {
    device.mayStream = true;
    device.weather.holdsBodies = true;
    try (SyncManager sync = device.signIn(ITEMS)) {
      device.pass(Duration.ofSeconds(330));

      edits(1);
      device.pass(Duration.ofSeconds(2));

      assertThat(sync.rows(ITEMS).all()).hasSize(1);
    }
  }

  @Test
  void whoCannotBeginBecauseOfTheDiskBeginsLaterAndSaysWhy() {
    FailingSqlite sqlite = new FailingSqlite();
    device.sqlite = sqlite;
    edits(1);
    try (SyncManager sync = device.signIn(ITEMS)) {
      sqlite.refuse(sql -> true);
      device.pass(Duration.ofSeconds(5));
      sqlite.heal();
      assertThat(sync.status().reasons()).anyMatch(reason -> reason.contains("the disk refuses"));

      device.pass(Duration.ofMinutes(2));

      assertThat(sync.status().isSynced()).isTrue();
      assertThat(sync.status().reasons()).isEmpty();
      assertThat(sync.rows(ITEMS).all()).hasSize(1);
    }
  }

  @Test
  void whoCannotBeginBecauseOfTheDiskMaySignOut() {
    FailingSqlite sqlite = new FailingSqlite();
    device.sqlite = sqlite;
    try (SyncManager sync = device.signIn(ITEMS)) {
      sqlite.refuse(sql -> true);
      device.pass(Duration.ofSeconds(5));
      sqlite.heal();

      sync.signOut();
      device.pass(Duration.ofMinutes(2));

      assertThat(sync.status().reasons()).isEmpty();
      assertThat(device.network.requests).isZero();
    }
  }

  /** Electric has 503 and Retry-After; clients that ignore it keep a server down. */
  @Test
  void aServerThatAsksForTimeIsGivenIt() {
    device.weather.isBusyForReaders = true;
    try (SyncManager sync = device.signIn(ITEMS)) {
      device.pass(Duration.ofMinutes(10));

      assertThat(device.network.requests).isBetween(5, 20);
      assertThat(sync.status().reasons()).anyMatch(reason -> reason.contains("503"));
    }
  }

  /** powersync-js 1058: what had been sent was sent again for ever once reading failed. */
  @Test
  void writesAreSettledWhileNothingCanBeRead() {
    device.weather.isBusyForReaders = true;
    try (SyncManager sync = device.signIn(ITEMS)) {
      WriteHandle handle = write(sync, "through");
      device.pass(Duration.ofSeconds(10));
      assertThat(handle.state()).isInstanceOf(WriteState.Confirmed.class);
      assertThat(sync.status().writes().unsent()).isZero();
      assertThat(OneDevice.shown(sync.rows(ITEMS))).containsExactly("through");

      device.weather.isBusyForReaders = false;
      device.pass(Duration.ofMinutes(10));

      assertThat(OneDevice.shown(sync.rows(ITEMS))).containsExactly("through");
      assertThat(sync.rows(ITEMS).all().getFirst().get("b")).isEqualTo(7);
    }
  }

  /** supabase realtime 1010: what had happened between two connections was missed. */
  @Test
  void whatHappenedWhileOfflineComesWithTheNextConnection() {
    try (SyncManager sync = device.signIn(ITEMS)) {
      device.pass(Duration.ofSeconds(5));
      device.weather.isOffline = true;
      device.pass(Duration.ofMinutes(1));
      edits(40);
      device.weather.isOffline = false;
      sync.reconnect();
      device.pass(Duration.ofSeconds(10));

      assertThat(sync.rows(ITEMS).all()).hasSameSizeAs(device.server.rows("items", "ada").keySet());
      assertThat(device.server.shapesMade()).isEqualTo(1);
    }
  }

  /** teleport 6889, nats 1368: those who had lost the server together came back together. */
  @Test
  void clientsThatLostTheServerTogetherComeBackApart() throws IOException {
    List<Long> returned = new ArrayList<>();
    for (int seed = 0; seed < 8; seed++) {
      OneDevice one = new OneDevice(Files.createDirectory(folder.resolve("device" + seed)));
      one.random.setSeed(seed);
      try (SyncManager sync = one.signIn(ITEMS)) {
        one.pass(Duration.ofSeconds(5));
        one.weather.isOffline = true;
        write(sync, "waits");
        while (!sync.status().isOffline()) {
          one.pass(Duration.ofMillis(1));
        }
        long lost = one.time.nanos();
        int before = one.network.requests;
        while (one.network.requests == before) {
          one.pass(Duration.ofMillis(1));
        }
        returned.add((one.time.nanos() - lost) / 1_000_000);
      }
    }

    assertThat(returned).allMatch(millis -> millis <= 1_100).doesNotHaveDuplicates();
    assertThat(
            returned.stream().mapToLong(Long::longValue).max().orElseThrow()
                - returned.stream().mapToLong(Long::longValue).min().orElseThrow())
        .isGreaterThan(200);
  }
}
