package dev.millrace.client;

import static dev.millrace.client.SimulatedDevice.ITEMS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  /** TanStack DB 1602: a write waited for the echo of the one before, ten seconds each. */
  @Test
  void writesDoNotWaitForTheEchoOfEarlierOnes() {
    pass(Duration.ofSeconds(5));
    device.isShowing = false;
    List<WriteHandle> handles = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      handles.add(write(UUID.randomUUID(), "w" + i));
      pass(Duration.ofMillis(200));
    }
    pass(Duration.ofSeconds(1));

    assertThat(handles)
        .allSatisfy(handle -> assertThat(handle.state()).isInstanceOf(WriteState.Confirmed.class));
    assertThat(sync.sessionOfNow().store().read(Overlay::list)).hasSize(20);
    assertThat(shown()).hasSize(20);

    device.isShowing = true;
    pass(Duration.ofMinutes(1));
    assertThat(sync.sessionOfNow().store().read(Overlay::list)).isEmpty();
    assertThat(shown()).hasSize(20);
  }

  /** RxDB 5843, TanStack DB 1625: a second edit was lost when the first came back. */
  @Test
  void anEchoTakesAwayItsOwnChangeAlone() {
    UUID id = UUID.randomUUID();
    write(id, "first");
    device.isShowing = false;
    pass(Duration.ofSeconds(5));
    server.retries = 100;
    items.update(Map.of("id", id, "a", "second"));

    device.isShowing = true;
    pass(Duration.ofSeconds(5));

    assertThat(shown()).containsExactly("second");
    assertThat(items.all().getFirst().get("b")).isEqualTo(7);
    assertThat(sync.sessionOfNow().store().read(Overlay::list)).hasSize(1);
  }

  /** TanStack DB 1323: what was pending was gone after a reload. */
  @Test
  void whatIsPendingIsShownAfterARestart() {
    weather.isOffline = true;
    write(UUID.randomUUID(), "pending");
    sync.close();

    sync = device.signIn(ITEMS);
    items = sync.rows(ITEMS);

    assertThat(shown()).containsExactly("pending");
    weather.isOffline = false;
    pass(Duration.ofMinutes(2));
    assertThat(sync.status().isSynced()).isTrue();
  }

  /**
   * TanStack DB 1442: a row of another key than the one that was made stayed beside it for ever.
   */
  @Test
  void aRowIsShownOnceWithTheKeyItWasMadeWith() {
    UUID id = UUID.randomUUID();
    write(id, "one");
    pass(Duration.ofSeconds(10));

    assertThat(server.rows("items", "ada")).containsOnlyKeys(id.toString());
    assertThat(items.all()).extracting(row -> row.get("id")).containsExactly(id);
  }

  /** A key that changes on the server comes as an end and a beginning. */
  @Test
  void aRowWhoseKeyChangesMovesAndWhatWasWrittenToTheOldOneIsKept() {
    UUID id = UUID.randomUUID();
    write(id, "row");
    pass(Duration.ofSeconds(10));
    server.retries = 100;
    items.update(Map.of("id", id, "a", "mine"));
    UUID fresh = UUID.randomUUID();

    server.rekey("items", "ada", id.toString(), fresh.toString());
    pass(Duration.ofSeconds(10));

    assertThat(items.all())
        .singleElement()
        .satisfies(row -> {
          assertThat(row.get("id")).isEqualTo(fresh);
          assertThat(row.get("a")).isEqualTo("row");
        });
    server.retries = 0;
    pass(Duration.ofMinutes(2));
    DeadLetter letter = sync.writeBuffer().deadLetters().getFirst();
    assertThat(letter.code()).isEqualTo("row_deleted");
    assertThat(letter.payload().toString()).contains("mine", id.toString());

    sync.writeBuffer().discard(letter.id());
    items.update(Map.of("id", fresh, "a", "mine"));
    pass(Duration.ofMinutes(2));
    assertThat(sync.status().isSynced()).isTrue();
    assertThat(shown()).containsExactly("mine");
  }

  /** The same while the row's own insert has not been sent. */
  @Test
  void anInsertOfAKeyThatIsTakenElsewhereMeanwhileIsMergedOrKept() {
    UUID id = UUID.randomUUID();
    write(id, "row");
    pass(Duration.ofSeconds(10));
    UUID fresh = UUID.randomUUID();
    weather.isOffline = true;
    write(fresh, "made offline");

    server.rekey("items", "ada", id.toString(), fresh.toString());
    weather.isOffline = false;
    pass(Duration.ofMinutes(3));

    assertThat(shown()).containsExactly("made offline");
    assertThat(sync.status().isSynced()).isTrue();
  }

  /** Firestore 2985: nobody could see what waited, or take it back. */
  @Test
  void whatWaitsIsListedAndWhatWasRejectedCanBeTakenBack() {
    weather.isOffline = true;
    write(UUID.randomUUID(), "bad idea");
    assertThat(sync.writeBuffer().peek(10)).hasSize(1);
    assertThat(sync.status().writes().oldest()).isPresent();
    weather.isOffline = false;
    pass(Duration.ofMinutes(3));

    DeadLetter letter = sync.writeBuffer().deadLetters().getFirst();
    sync.writeBuffer().edit(letter.id(), Map.of("id", items.all().getFirst().get("id"), "a", "ok"));
    pass(Duration.ofMinutes(1));

    assertThat(shown()).containsExactly("ok");
    assertThat(sync.status().isSynced()).isTrue();
  }

  /** RxDB 8632: accepted and rejected could not be told apart. */
  @Test
  void aHandleSaysWhatBecameOfItsWrite() throws Exception {
    WriteHandle good = write(UUID.randomUUID(), "good");
    WriteHandle bad = write(UUID.randomUUID(), "bad");
    assertThat(good.state()).isInstanceOf(WriteState.Local.class);
    pass(Duration.ofSeconds(10));

    assertThat(good.state())
        .isInstanceOfSatisfying(
            WriteState.Confirmed.class, state -> assertThat(state.txid()).isPresent());
    assertThat(bad.state())
        .isInstanceOfSatisfying(
            WriteState.Rejected.class,
            state -> assertThat(state.code()).isEqualTo("check_violation"));
  }

  /** TanStack DB 337: a transaction over two collections was awaited in one of them. */
  @Test
  void aTransactionOverTwoEntitiesIsConfirmedInEach() {
    sync.close();
    sync = device.signIn(ITEMS, SimulatedDevice.TAGS);
    items = sync.rows(ITEMS);
    pass(Duration.ofSeconds(10));
    sync.together(group -> {
      group.create(ITEMS, Map.of("id", UUID.randomUUID(), "a", "item"));
      return group.create(SimulatedDevice.TAGS, Map.of("id", UUID.randomUUID(), "a", "tag"));
    });
    pass(Duration.ofSeconds(10));

    assertThat(sync.sessionOfNow().store().read(Overlay::list)).isEmpty();
    assertThat(shown()).containsExactly("item");
    assertThat(OneDevice.shown(sync.rows(SimulatedDevice.TAGS))).containsExactly("tag");
  }

  /** powersync.dart 326: users were told of a checkpoint when their own writes were in the way. */
  @Test
  void aStatusSaysWhyWhatIsShownIsNotFresh() {
    pass(Duration.ofSeconds(10));
    assertThat(sync.status().reasons()).isEmpty();
    weather.isOffline = true;
    write(UUID.randomUUID(), "waits");
    pass(Duration.ofMinutes(1));

    assertThat(sync.status().isSynced()).isFalse();
    assertThat(sync.status().reasons()).anyMatch(reason -> reason.contains("no network"));
    assertThat(sync.status().writes().unsent()).isEqualTo(1);
  }

  /** A hotel's network answers everything itself, and knows nothing of the writes. */
  @Test
  void whatAProxyRefusesIsNoFaultOfAWrite() {
    for (int status : List.of(400, 413)) {
      weather.proxy = Optional.of(new ModelServer.Answer(status, Map.of(), "<html>no"));
      write(UUID.randomUUID(), "waits " + status);
      write(UUID.randomUUID(), "waits too " + status);
      pass(Duration.ofMinutes(2));
      assertThat(sync.writeBuffer().deadLetters()).isEmpty();
      assertThat(sync.status().upload().phase()).isEqualTo(UploadStatus.Phase.OFFLINE);

      weather.proxy = Optional.empty();
      pass(Duration.ofMinutes(3));

      assertThat(sync.status().writes().unsent()).isZero();
    }
    assertThat(server.rows("items", "ada")).hasSize(4);
  }

  /** One write that no proxy lets through must not keep the others. */
  @Test
  void aWriteThatIsTooLargeForAProxyIsADeadLetter() {
    weather.proxy = Optional.of(new ModelServer.Answer(413, Map.of(), "<html>too large"));
    write(UUID.randomUUID(), "x".repeat(200_000));
    pass(Duration.ofMinutes(2));

    assertThat(sync.writeBuffer().deadLetters()).hasSize(1);
  }

  @Test
  void whatTheServerSaysIsNoBatchIsADeadLetter() {
    weather.proxy =
        Optional.of(
            new ModelServer.Answer(
                400, Map.of(), "{\"code\":\"invalid_batch\",\"error\":\"What stands there\"}"));
    write(UUID.randomUUID(), "odd");
    pass(Duration.ofMinutes(2));

    assertThat(sync.writeBuffer().deadLetters().getFirst().code()).isEqualTo("invalid_batch");
  }

  @Test
  void noMoreBelongsTogetherThanTheServerTakes() {
    assertThatThrownBy(() ->
            sync.together(group -> {
              for (int i = 0; i <= 1000; i++) {
                group.create(ITEMS, Map.of("id", UUID.randomUUID(), "a", "many"));
              }
              return true;
            }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1000");

    assertThat(shown()).isEmpty();
  }
}
