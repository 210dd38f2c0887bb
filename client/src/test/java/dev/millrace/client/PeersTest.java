package dev.millrace.client;

import static dev.millrace.client.SimulatedDevice.ITEMS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.store.Overlay;
import dev.millrace.client.stream.StreamStatus;
import dev.millrace.client.writebuffer.DeadLetter;
import dev.millrace.client.writebuffer.UploadStatus;
import dev.millrace.client.writebuffer.WriteHandle;
import dev.millrace.client.writebuffer.WriteState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has hurt the users of other systems, one test each; in simulated time. */
class PeersTest {

  @TempDir private Path folder;
  private OneDevice device;
  private ModelServer server;
  private FaultyNetwork network;
  private FaultyNetwork.Weather weather;
  private SyncManager sync;
  private Rows items;

  @BeforeEach
  void open() {
    device = new OneDevice(folder);
    server = device.server;
    network = device.network;
    weather = device.weather;
    sync = device.signIn(ITEMS);
    items = sync.rows(ITEMS);
  }

  @AfterEach
  void close() {
    sync.close();
  }

  private void pass(Duration duration) {
    device.pass(duration);
  }

  private WriteHandle write(UUID id, String a) {
    return items.create(Map.of("id", id, "a", a));
  }

  private List<String> shown() {
    return OneDevice.shown(items);
  }

  /** PowerSync by design: one bad write stops the queue and all reads. */
  @Test
  void aRejectedWriteStopsNeitherOtherWritesNorReads() {
    WriteHandle bad = write(UUID.randomUUID(), "bad");
    WriteHandle good = write(UUID.randomUUID(), "good");
    pass(Duration.ofSeconds(5));
    assertThat(shown()).containsExactly("bad", "good");

    server.edit("items", "ada");
    pass(Duration.ofSeconds(5));

    assertThat(bad.state()).isInstanceOf(WriteState.Rejected.class);
    assertThat(good.state()).isInstanceOf(WriteState.Confirmed.class);
    assertThat(shown()).contains("bad").isNotEqualTo(List.of("bad", "good"));
  }

  /** PowerSync: checkpoints that came during an upload were ignored. */
  @Test
  void readsGoOnWhileWritesWait() {
    pass(Duration.ofSeconds(5));
    server.retries = 100;
    write(UUID.randomUUID(), "waits");

    server.edit("items", "ada");
    pass(Duration.ofSeconds(30));

    assertThat(sync.status().writes().unsent()).isEqualTo(1);
    assertThat(shown()).hasSize(2);
  }

  /** powersync-native 15: a round that failed was not retried before the next local write. */
  @Test
  void aFailedRoundIsRetriedWithoutAnotherWrite() {
    weather.isOffline = true;
    WriteHandle handle = write(UUID.randomUUID(), "once");
    pass(Duration.ofSeconds(30));
    assertThat(handle.state().isSettled()).isFalse();

    weather.isOffline = false;
    pass(Duration.ofMinutes(3));

    assertThat(handle.state()).isInstanceOf(WriteState.Confirmed.class);
  }

  /** powersync-js 605: writes in a quick succession were lost. */
  @Test
  void aBurstArrivesWholeAndInOrder() {
    UUID id = UUID.randomUUID();
    write(id, "0");
    for (int i = 1; i < 300; i++) {
      items.update(Map.of("id", id, "a", Integer.toString(i)));
    }
    pass(Duration.ofMinutes(1));

    assertThat(sync.status().writes().unsent()).isZero();
    assertThat(server.rows("items", "ada").values())
        .singleElement()
        .satisfies(row -> assertThat(row.get("a")).isEqualTo("299"));
    assertThat(sync.writeBuffer().conflicts()).isEmpty();
  }

  /** RxDB 3622: documents were marked as pushed that had never been sent. */
  @Test
  void nothingLeavesTheQueueWithoutAnAnswerOfItsOwn() {
    weather.faults = 100;
    write(UUID.randomUUID(), "kept");
    pass(Duration.ofMinutes(10));

    boolean isThere = !server.rows("items", "ada").isEmpty();
    assertThat(sync.status().writes().unsent() == 1 || isThere).isTrue();
    assertThat(shown()).containsExactly("kept");
  }

  /** Firestore 6181: a write that had lost its permission meanwhile was dropped. */
  @Test
  void aRefusedWriteIsKeptWithWhatItSaid() {
    weather.isOffline = true;
    write(UUID.randomUUID(), "bad luck");
    pass(Duration.ofSeconds(30));
    weather.isOffline = false;
    pass(Duration.ofMinutes(3));

    DeadLetter letter = sync.writeBuffer().deadLetters().getFirst();

    assertThat(letter.payload().toString()).contains("bad luck");
    assertThat(shown()).containsExactly("bad luck");
  }

  /** TanStack DB 1602: between the answer and the echo the row flickered. */
  @Test
  void aWriteIsShownWithoutAGapUntilTheStreamHasIt() {
    pass(Duration.ofSeconds(5));
    List<Integer> sizes = new ArrayList<>();
    var live = sync.live(items.query(), row -> row);
    live.onChange(changes -> sizes.add(changes.rows().size()));

    write(UUID.randomUUID(), "steady");
    pass(Duration.ofSeconds(10));

    assertThat(sizes).isNotEmpty().containsOnly(1);
    assertThat(sync.sessionOfNow().store().read(Overlay::list)).isEmpty();
  }

  /** TanStack DB 1783: a confirmed row that the server had changed crashed the client. */
  @Test
  void theServersDefaultsComeWithTheConfirmedRow() {
    write(UUID.randomUUID(), "plain");
    pass(Duration.ofSeconds(10));

    assertThat(items.all()).singleElement().satisfies(row -> assertThat(row.get("b")).isEqualTo(7));
  }

  /** TanStack DB 1323: what was pending was reverted by a refetch. */
  @Test
  void pendingChangesSurviveAMustRefetch() {
    write(UUID.randomUUID(), "old");
    pass(Duration.ofSeconds(10));
    server.retries = 100;
    write(UUID.randomUUID(), "pending");

    server.drop("items", "ada");
    network.wake();
    pass(Duration.ofMinutes(1));

    assertThat(shown()).containsExactly("old", "pending");
    assertThat(sync.status().streams())
        .allSatisfy(stream -> assertThat(stream.phase()).isEqualTo(StreamStatus.Phase.LIVE));
  }

  /** Electric 1552: the handle of a new shape was not kept, and it was fetched again for ever. */
  @Test
  void aMustRefetchIsFollowedByOneFetch() {
    pass(Duration.ofSeconds(10));
    server.drop("items", "ada");
    network.wake();
    pass(Duration.ofMinutes(2));

    assertThat(server.shapesMade()).isEqualTo(2);
  }

  /** Electric 1982, realm-java 6937: a token that expired in the middle ended the stream. */
  @Test
  void aTokenThatExpiresIsRefreshedAndTheStreamGoesOnWhereItWas() {
    pass(Duration.ofSeconds(10));
    device.isTokenGood = false;
    device.tokens =
        isRefresh -> {
          device.isTokenGood |= isRefresh;
          return Optional.of(OneDevice.token("ada"));
        };

    server.edit("items", "ada");
    pass(Duration.ofMinutes(1));

    assertThat(shown()).hasSize(1);
    assertThat(server.shapesMade()).isEqualTo(1);
  }

  /** powersync-kotlin 219: a supplier that threw, offline, ended the application. */
  @Test
  void aSupplierOfTokensThatThrowsIsAStatusAndTriedAgain() {
    device.tokens =
        isRefresh -> {
          throw new java.io.IOException("offline");
        };
    write(UUID.randomUUID(), "waits");
    pass(Duration.ofMinutes(2));
    assertThat(sync.status().needsAuth()).isTrue();
    assertThat(sync.status().reasons()).anyMatch(reason -> reason.contains("offline"));

    device.tokens = isRefresh -> Optional.of(OneDevice.token("ada"));
    pass(Duration.ofMinutes(3));

    assertThat(sync.status().isSynced()).isTrue();
  }

  /** A device with another user's tokens, as after a mistake in an application. */
  @Test
  void tokensOfSomebodyElseAreNotUsed() {
    device.tokens = isRefresh -> Optional.of(OneDevice.token("eve"));
    write(UUID.randomUUID(), "of ada");
    pass(Duration.ofMinutes(2));

    assertThat(sync.status().needsAuth()).isTrue();
    assertThat(server.rows("items", "ada")).isEmpty();
  }

  /** Mattermost 10960, nats 1368: all clients came back at the same moment. */
  @Test
  void theFirstRetryComesAfterARandomTime() {
    pass(Duration.ofSeconds(10));
    weather.isOffline = true;
    write(UUID.randomUUID(), "waits");
    pass(Duration.ofSeconds(1));

    assertThat(sync.status().upload().phase()).isEqualTo(UploadStatus.Phase.OFFLINE);
    assertThat(sync.status().isOffline()).isTrue();
  }
}
