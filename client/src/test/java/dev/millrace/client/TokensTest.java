package dev.millrace.client;

import static dev.millrace.client.SimulatedDevice.ITEMS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.transport.TokenSource.Asked;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Suppliers of tokens that take their time. */
class TokensTest {

  @TempDir private Path folder;
  private final SimulatedTime time = new SimulatedTime();
  private final List<Boolean> calls = new ArrayList<>();
  private final List<Asked> answers = new ArrayList<>();

  private void pass() {
    while (time.step(time.nanos())) {
      // The next one.
    }
  }

  private Tokens tokens(TokenSupplier supplier) {
    return new Tokens(supplier, "ada", time.lane(), time.lane());
  }

  @Test
  void aSupplierThatBlocksKeepsNobodyElseFromSyncing() throws Exception {
    CountDownLatch adasIsAsked = new CountDownLatch(1);
    CountDownLatch isOver = new CountDownLatch(1);
    CountDownLatch bobsIsAsked = new CountDownLatch(1);
    TokenSupplier blocking =
        isRefresh -> {
          adasIsAsked.countDown();
          boolean isGivenUp = false;
          while (!isGivenUp) {
            try {
              isOver.await();
              isGivenUp = true;
            } catch (InterruptedException e) {
              // A dialogue that knows nothing of interrupts.
            }
          }
          return Optional.empty();
        };
    ClientSettings settings =
        ClientSettings.of(URI.create("http://localhost:1")).entities(ITEMS).build();
    try (SyncManager sync = SyncManager.open(folder, settings)) {
      sync.signIn("ada", blocking, GuestData.KEEP_SEPARATE);
      assertThat(adasIsAsked.await(30, TimeUnit.SECONDS)).isTrue();

      sync.signOut();
      sync.signIn(
          "bob",
          isRefresh -> {
            bobsIsAsked.countDown();
            return Optional.of(OneDevice.token("bob"));
          },
          GuestData.KEEP_SEPARATE);

      assertThat(bobsIsAsked.await(5, TimeUnit.SECONDS)).isTrue();
    } finally {
      isOver.countDown();
    }
  }

  @Test
  void whoAsksWhileACallIsUnderWaySharesItsAnswer() {
    Tokens tokens =
        tokens(isRefresh -> {
          calls.add(isRefresh);
          return Optional.of(OneDevice.token("ada"));
        });
    for (int i = 0; i < 3; i++) {
      tokens.ask(false, answers::add);
    }
    pass();
    assertThat(calls).containsExactly(false);
    assertThat(answers)
        .hasSize(3)
        .containsOnly(new Asked.Ready(Optional.of(OneDevice.token("ada"))));

    tokens.ask(false, answers::add);
    pass();

    assertThat(calls).hasSize(2);
    assertThat(answers).hasSize(4);
  }

  @Test
  void aTokenThatWasRefusedIsNoAnswerToWhoAsksForAnother() {
    Tokens tokens =
        tokens(isRefresh -> {
          calls.add(isRefresh);
          return Optional.of(OneDevice.token("ada"));
        });
    tokens.ask(false, answers::add);
    tokens.ask(true, answers::add);
    tokens.ask(true, answers::add);
    pass();

    assertThat(calls).containsExactly(false, true);
    assertThat(answers).hasSize(3);
  }

  @Test
  void aSupplierThatThrowsOrGivesAnothersTokenIsAnAnswerToo() {
    List<Optional<String>> given = new ArrayList<>(List.of(Optional.of(OneDevice.token("bob"))));
    Tokens tokens = tokens(isRefresh -> given.removeFirst());
    tokens.ask(false, answers::add);
    pass();
    tokens.ask(false, answers::add);
    pass();

    assertThat(answers).hasSize(2).hasOnlyElementsOfType(Asked.Failed.class);
  }

  @Test
  void nobodyIsAskedOrToldOnceTheyAreGivenUp() {
    List<Tokens> own = new ArrayList<>();
    own.add(
        tokens(isRefresh -> {
          calls.add(isRefresh);
          own.getFirst().giveUp();
          return Optional.of(OneDevice.token("ada"));
        }));
    own.getFirst().ask(false, answers::add);
    pass();
    own.getFirst().ask(false, answers::add);
    pass();

    assertThat(calls).hasSize(1);
    assertThat(answers).isEmpty();
  }
}
