package dev.millrace.client.writebuffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.writebuffer.UploadMachine.Step;
import dev.millrace.client.writebuffer.UploadState.Track;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the sender does in every state at every event; the table of it is in docs/client.md. */
class UploadMachineTest {

  private static Map<String, UploadState> states() {
    Map<String, UploadState> states = new LinkedHashMap<>();
    states.put("Stopped", new UploadState.Stopped(Track.BEGIN));
    states.put("Idle", new UploadState.Idle(Track.BEGIN));
    states.put("Gathering", new UploadState.Gathering(Track.BEGIN));
    states.put("Authorizing", new UploadState.Authorizing(Track.BEGIN));
    states.put("Sending", new UploadState.Sending(Track.BEGIN));
    states.put("Pausing", new UploadState.Pausing(Track.BEGIN, "why"));
    states.put("NeedsAuth", new UploadState.NeedsAuth(Track.BEGIN, "why"));
    states.put("Refused", new UploadState.Refused(Track.BEGIN, "schema_too_old", "why"));
    return states;
  }

  private static Map<String, UploadEvent> events() {
    Map<String, UploadEvent> events = new LinkedHashMap<>();
    events.put("Start", new UploadEvent.Start());
    events.put("Stop", new UploadEvent.Stop());
    events.put("Enqueued", new UploadEvent.Enqueued());
    events.put("Flush", new UploadEvent.Flush());
    events.put("Elapsed", new UploadEvent.Elapsed());
    events.put("TokenReady", new UploadEvent.TokenReady());
    events.put("TokenFailed", new UploadEvent.TokenFailed("why"));
    events.put("NothingToSend", new UploadEvent.NothingToSend());
    events.put("Settled", new UploadEvent.Settled(true));
    events.put("Settled, nothing", new UploadEvent.Settled(false));
    events.put("Unauthorized (401)", new UploadEvent.Unauthorized("why"));
    events.put("TooLarge (413, 400)", new UploadEvent.TooLarge());
    events.put("GivenUp", new UploadEvent.GivenUp());
    events.put("Refusal (403, 404, 409)", new UploadEvent.Refusal("schema_too_old", "why"));
    events.put("Busy (429, 5xx)", new UploadEvent.Busy(Duration.ofSeconds(7), "why"));
    events.put("Broken", new UploadEvent.Broken("why"));
    events.put("Silence", new UploadEvent.Silence());
    events.put("Reconnect", new UploadEvent.Reconnect());
    return events;
  }

  private static String cell(UploadState state, UploadEvent event) {
    Step step = UploadMachine.step(state, event);
    if (step.state().equals(state) && step.effects().isEmpty()) {
      return "-";
    }
    String effects =
        step.effects().stream().map(UploadMachineTest::name).collect(Collectors.joining(", "));
    return step.state().getClass().getSimpleName() + (effects.isEmpty() ? "" : ": " + effects);
  }

  private static String name(UploadEffect effect) {
    return switch (effect) {
      case UploadEffect.Gather gather -> "gather";
      case UploadEffect.AskToken(boolean isRefresh) -> isRefresh ? "refresh token" : "ask token";
      case UploadEffect.Send send -> "send";
      case UploadEffect.Cancel cancel -> "cancel";
      case UploadEffect.Pause(int failures, Duration atLeast) ->
          atLeast.isZero() ? "pause" : "pause " + atLeast.toSeconds() + " s and more";
    };
  }

  private static String table() {
    StringBuilder text = new StringBuilder("| |");
    states().keySet().forEach(state -> text.append(' ').append(state).append(" |"));
    text.append("\n|---|").append("---|".repeat(states().size()));
    events()
        .forEach((name, event) -> {
          text.append("\n| ").append(name).append(" |");
          states()
              .values()
              .forEach(state -> text.append(' ').append(cell(state, event)).append(" |"));
        });
    return text.toString();
  }

  @Test
  void everyCellIsAsTheDocumentSays() throws IOException {
    assertThat(Files.readString(Path.of("..", "docs", "client.md"))).contains(table());
  }

  @Test
  void aBatchThatIsTooLargeIsHalvedUntilItIsTakenAndGrowsAgain() {
    UploadState state = new UploadState.Sending(Track.BEGIN);
    for (int i = 1; i <= 3; i++) {
      Step step = UploadMachine.step(state, new UploadEvent.TooLarge());
      Step ready = UploadMachine.step(step.state(), new UploadEvent.TokenReady());
      assertThat(ready.effects()).containsExactly(new UploadEffect.Send(i));
      state = ready.state();
    }

    Step settled = UploadMachine.step(state, new UploadEvent.Settled(true));

    assertThat(settled.state().track().halvings()).isEqualTo(2);
  }

  @Test
  void failuresInARowAreCountedUntilAnAnswerComes() {
    UploadState state = new UploadState.Sending(Track.BEGIN);
    for (int i = 1; i <= 4; i++) {
      Step broken = UploadMachine.step(state, new UploadEvent.Broken("cut"));
      assertThat(broken.effects()).contains(new UploadEffect.Pause(i, Duration.ZERO));
      Step elapsed = UploadMachine.step(broken.state(), new UploadEvent.Elapsed());
      state = UploadMachine.step(elapsed.state(), new UploadEvent.TokenReady()).state();
    }

    Step settled = UploadMachine.step(state, new UploadEvent.Settled(true));

    assertThat(settled.state().track().failures()).isZero();
  }
}
