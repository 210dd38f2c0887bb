package dev.millrace.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.stream.StreamMachine.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a stream does in every state at every event; the table of it is in docs/client.md. */
class StreamMachineTest {

  private static final Track TRACK = new Track(true, true, 0, 0, 0, 0, 0);
  private static final Track POLLING = new Track(true, false, 0, 0, 0, 0, 0);

  private static Map<String, StreamState> states() {
    Map<String, StreamState> states = new LinkedHashMap<>();
    states.put("Stopped", new StreamState.Stopped(TRACK));
    states.put("Authorizing", new StreamState.Authorizing(TRACK, Ask.LONG_POLL));
    states.put("Asking, catch-up", new StreamState.Asking(TRACK, Ask.CATCH_UP));
    states.put("Asking, long poll", new StreamState.Asking(POLLING, Ask.LONG_POLL));
    states.put("Asking, event stream", new StreamState.Asking(TRACK, Ask.EVENT_STREAM));
    states.put("Streaming", new StreamState.Streaming(TRACK));
    states.put("Pausing", new StreamState.Pausing(TRACK, "why"));
    states.put("NeedsAuth", new StreamState.NeedsAuth(TRACK, "why"));
    states.put("Refused", new StreamState.Refused(TRACK, "why"));
    return states;
  }

  private static Map<String, StreamEvent> events() {
    Map<String, StreamEvent> events = new LinkedHashMap<>();
    events.put("Start", new StreamEvent.Start());
    events.put("Stop", new StreamEvent.Stop());
    events.put("TokenReady", new StreamEvent.TokenReady());
    events.put("TokenFailed", new StreamEvent.TokenFailed("why"));
    events.put("Stored, up to date", new StreamEvent.Stored(true, true));
    events.put("Stored, more to come", new StreamEvent.Stored(false, true));
    events.put("Stored, nothing new", new StreamEvent.Stored(true, false));
    events.put("StreamOpened", new StreamEvent.StreamOpened());
    events.put("NoStream", new StreamEvent.NoStream());
    events.put("StreamEnded", new StreamEvent.StreamEnded(false));
    events.put("StreamEnded, short", new StreamEvent.StreamEnded(true));
    events.put("Unauthorized (401)", new StreamEvent.Unauthorized("why"));
    events.put("Gone (409)", new StreamEvent.Gone());
    events.put("Misfit", new StreamEvent.Misfit("why"));
    events.put("Refusal (400, 403, 404)", new StreamEvent.Refusal("why"));
    events.put("Busy (429, 5xx)", new StreamEvent.Busy(Duration.ofSeconds(7), "why"));
    events.put("Broken", new StreamEvent.Broken("why"));
    events.put("Silence", new StreamEvent.Silence());
    events.put("Elapsed", new StreamEvent.Elapsed());
    events.put("Nudge", new StreamEvent.Nudge());
    events.put("Reconnect", new StreamEvent.Reconnect());
    return events;
  }

  private static String cell(StreamState state, StreamEvent event) {
    Step step = StreamMachine.step(state, event);
    if (step.state().equals(state) && step.effects().isEmpty()) {
      return "-";
    }
    String effects =
        step.effects().stream().map(StreamMachineTest::name).collect(Collectors.joining(", "));
    return step.state().getClass().getSimpleName() + (effects.isEmpty() ? "" : ": " + effects);
  }

  private static String name(StreamEffect effect) {
    return switch (effect) {
      case StreamEffect.AskToken(boolean isRefresh) -> isRefresh ? "refresh token" : "ask token";
      case StreamEffect.Send(Ask ask) -> "send";
      case StreamEffect.Cancel cancel -> "cancel";
      case StreamEffect.BeginAnew anew -> "begin anew";
      case StreamEffect.Pause(int failures, Duration atLeast) ->
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
  void aRefusedTokenIsRefreshedOnceAndThenWaitedFor() {
    Step first =
        StreamMachine.step(
            new StreamState.Asking(TRACK, Ask.LONG_POLL), new StreamEvent.Unauthorized("expired"));
    assertThat(first.effects()).contains(new StreamEffect.AskToken(true));
    Step ready = StreamMachine.step(first.state(), new StreamEvent.TokenReady());

    Step second = StreamMachine.step(ready.state(), new StreamEvent.Unauthorized("expired"));

    assertThat(second.state()).isInstanceOf(StreamState.NeedsAuth.class);
    assertThat(StreamMachine.step(second.state(), new StreamEvent.Elapsed()).effects())
        .contains(new StreamEffect.AskToken(true));
  }

  @Test
  void aServerThatAsksToBeginAnewAgainAndAgainIsGivenTime() {
    StreamState state = new StreamState.Asking(TRACK, Ask.LONG_POLL);
    Step first = StreamMachine.step(state, new StreamEvent.Gone());
    assertThat(first.state()).isInstanceOf(StreamState.Authorizing.class);

    StreamState again = new StreamState.Asking(first.state().track(), Ask.CATCH_UP);
    Step second = StreamMachine.step(again, new StreamEvent.Gone());

    assertThat(second.effects())
        .containsExactly(
            new StreamEffect.Cancel(),
            new StreamEffect.BeginAnew(),
            new StreamEffect.Pause(1, Duration.ZERO));
    StreamState third = new StreamState.Asking(second.state().track(), Ask.CATCH_UP);
    assertThat(StreamMachine.step(third, new StreamEvent.Gone()).effects())
        .contains(new StreamEffect.Pause(2, Duration.ZERO));
  }

  @Test
  void aLiveAnswerForgetsWhatWasCountedAgainstLoops() {
    Track counted = new Track(true, false, 2, 1, 0, 3, 2);

    Step step =
        StreamMachine.step(
            new StreamState.Asking(counted, Ask.LONG_POLL), new StreamEvent.Stored(true, true));

    assertThat(step.state().track()).isEqualTo(POLLING);
  }

  @Test
  void answersThatLeadNowhereAreNotAskedForInATightLoop() {
    StreamState state = new StreamState.Asking(TRACK, Ask.CATCH_UP);
    List<String> seen = new java.util.ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Step step = StreamMachine.step(state, new StreamEvent.Stored(false, false));
      seen.add(
          step.effects().contains(new StreamEffect.BeginAnew())
              ? "anew"
              : step.state().getClass().getSimpleName());
      state = new StreamState.Asking(step.state().track(), Ask.CATCH_UP);
    }

    assertThat(seen)
        .containsExactly(
            "Authorizing",
            "Authorizing",
            "Pausing",
            "Pausing",
            "Pausing",
            "Pausing",
            "Pausing",
            "anew");
  }

  @Test
  void threeShortEventStreamsInARowAreTheLast() {
    Track track = TRACK;
    for (int i = 0; i < 3; i++) {
      assertThat(track.next()).isEqualTo(Ask.EVENT_STREAM);
      Step step =
          StreamMachine.step(new StreamState.Streaming(track), new StreamEvent.StreamEnded(true));
      assertThat(step.state()).isInstanceOf(StreamState.Pausing.class);
      track = step.state().track();
    }

    assertThat(track.next()).isEqualTo(Ask.LONG_POLL);
  }

  @Test
  void anEventStreamThatNeverBeginsCountsAsAShortOne() {
    for (StreamEvent event :
        List.of(new StreamEvent.Silence(), new StreamEvent.Busy(Duration.ZERO, "504"))) {
      Track track = TRACK;
      for (int i = 0; i < 3; i++) {
        Step step = StreamMachine.step(new StreamState.Asking(track, Ask.EVENT_STREAM), event);
        assertThat(step.state().track().failures()).isPositive();
        // The way to a catch-up is open, so it is tried again.
        track = step.state().track().answered(true);
      }

      assertThat(track.next()).isEqualTo(Ask.LONG_POLL);
    }
  }

  @Test
  void aServerThatSaysWhenToComeAgainKeepsItsEventStreams() {
    Track track = TRACK;
    for (int i = 0; i < 3; i++) {
      Step step =
          StreamMachine.step(
              new StreamState.Asking(track, Ask.EVENT_STREAM),
              new StreamEvent.Busy(Duration.ofSeconds(5), "503"));
      track = step.state().track().answered(true);
    }

    assertThat(track.next()).isEqualTo(Ask.EVENT_STREAM);
  }

  @Test
  void afterAFailureWhatWasMissedIsAskedForFirst() {
    Step broken =
        StreamMachine.step(
            new StreamState.Asking(TRACK, Ask.LONG_POLL), new StreamEvent.Broken("cut"));

    Step elapsed = StreamMachine.step(broken.state(), new StreamEvent.Elapsed());

    assertThat(elapsed.state())
        .isInstanceOfSatisfying(
            StreamState.Authorizing.class,
            authorizing -> assertThat(authorizing.ask()).isEqualTo(Ask.CATCH_UP));
  }

  @Test
  void theServersTimeIsWaitedForAndChanceComesOnTop() {
    Step step =
        StreamMachine.step(
            new StreamState.Asking(TRACK, Ask.CATCH_UP),
            new StreamEvent.Busy(Duration.ofSeconds(12), "busy"));

    assertThat(step.effects()).contains(new StreamEffect.Pause(1, Duration.ofSeconds(12)));
  }
}
