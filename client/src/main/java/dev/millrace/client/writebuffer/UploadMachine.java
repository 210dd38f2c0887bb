package dev.millrace.client.writebuffer;

import dev.millrace.client.writebuffer.UploadEffect.AskToken;
import dev.millrace.client.writebuffer.UploadEffect.Cancel;
import dev.millrace.client.writebuffer.UploadEffect.Gather;
import dev.millrace.client.writebuffer.UploadEffect.Pause;
import dev.millrace.client.writebuffer.UploadEffect.Send;
import dev.millrace.client.writebuffer.UploadState.Authorizing;
import dev.millrace.client.writebuffer.UploadState.Gathering;
import dev.millrace.client.writebuffer.UploadState.Idle;
import dev.millrace.client.writebuffer.UploadState.NeedsAuth;
import dev.millrace.client.writebuffer.UploadState.Pausing;
import dev.millrace.client.writebuffer.UploadState.Refused;
import dev.millrace.client.writebuffer.UploadState.Sending;
import dev.millrace.client.writebuffer.UploadState.Stopped;
import dev.millrace.client.writebuffer.UploadState.Track;
import java.time.Duration;
import java.util.List;

/**
 * Decides what the sender of a write buffer does: from a state and an event to a state and effects,
 * for all of both. A pure function. Late news of what was given up changes nothing; what is written
 * while a batch is on its way goes with the next.
 */
final class UploadMachine {

  private static final Duration REFUSED_PAUSE = Duration.ofMinutes(5);
  private static final Duration TOKEN_PAUSE = Duration.ofSeconds(5);

  private UploadMachine() {}

  /** What comes of an event. */
  record Step(UploadState state, List<UploadEffect> effects) {

    Step {
      effects = List.copyOf(effects);
    }

    static Step to(UploadState state, UploadEffect... effects) {
      return new Step(state, List.of(effects));
    }
  }

  static Step step(UploadState state, UploadEvent event) {
    if (event instanceof UploadEvent.Stop) {
      return Step.to(new Stopped(state.track()), new Cancel());
    }
    return switch (state) {
      case Stopped stopped -> stopped(stopped, event);
      case Idle idle -> idle(idle, event);
      case Gathering gathering -> gathering(gathering, event);
      case Authorizing authorizing -> authorizing(authorizing, event);
      case Sending sending -> sending(sending, event);
      case Pausing pausing -> waiting(pausing, event, false);
      case NeedsAuth needsAuth -> waiting(needsAuth, event, true);
      case Refused refused -> waiting(refused, event, false);
    };
  }

  private static Step stopped(Stopped state, UploadEvent event) {
    return event instanceof UploadEvent.Start
        ? Step.to(new Gathering(state.track()), new Gather())
        : Step.to(state);
  }

  private static Step idle(Idle state, UploadEvent event) {
    return switch (event) {
      case UploadEvent.Enqueued enqueued -> Step.to(new Gathering(state.track()), new Gather());
      case UploadEvent.Flush flush -> authorize(state.track(), false);
      case UploadEvent.Reconnect reconnect -> authorize(state.track(), false);
      case UploadEvent.Start already -> Step.to(state);
      case UploadEvent.Stop stop -> Step.to(state);
      case UploadEvent.Elapsed late -> Step.to(state);
      case UploadEvent.TokenReady late -> Step.to(state);
      case UploadEvent.TokenFailed late -> Step.to(state);
      case UploadEvent.NothingToSend late -> Step.to(state);
      case UploadEvent.Settled late -> Step.to(state);
      case UploadEvent.Unauthorized late -> Step.to(state);
      case UploadEvent.TooLarge late -> Step.to(state);
      case UploadEvent.GivenUp late -> Step.to(state);
      case UploadEvent.Refusal late -> Step.to(state);
      case UploadEvent.Busy late -> Step.to(state);
      case UploadEvent.Broken late -> Step.to(state);
      case UploadEvent.Silence late -> Step.to(state);
    };
  }

  private static Step gathering(Gathering state, UploadEvent event) {
    return switch (event) {
      case UploadEvent.Elapsed elapsed -> authorize(state.track(), false);
      case UploadEvent.Flush flush -> authorize(state.track(), false, new Cancel());
      case UploadEvent.Reconnect reconnect -> Step.to(state);
      case UploadEvent.Enqueued more -> Step.to(state);
      case UploadEvent.Start already -> Step.to(state);
      case UploadEvent.Stop stop -> Step.to(state);
      case UploadEvent.TokenReady late -> Step.to(state);
      case UploadEvent.TokenFailed late -> Step.to(state);
      case UploadEvent.NothingToSend late -> Step.to(state);
      case UploadEvent.Settled late -> Step.to(state);
      case UploadEvent.Unauthorized late -> Step.to(state);
      case UploadEvent.TooLarge late -> Step.to(state);
      case UploadEvent.GivenUp late -> Step.to(state);
      case UploadEvent.Refusal late -> Step.to(state);
      case UploadEvent.Busy late -> Step.to(state);
      case UploadEvent.Broken late -> Step.to(state);
      case UploadEvent.Silence late -> Step.to(state);
    };
  }

  private static Step authorizing(Authorizing state, UploadEvent event) {
    return switch (event) {
      case UploadEvent.TokenReady ready ->
          Step.to(new Sending(state.track()), new Send(state.track().halvings()));
      case UploadEvent.TokenFailed(String reason) -> needsAuth(state.track().failed(), reason);
      case UploadEvent.Silence silence ->
          needsAuth(state.track().failed(), "no token came in time");
      case UploadEvent.Enqueued more -> Step.to(state);
      case UploadEvent.Flush soon -> Step.to(state);
      case UploadEvent.Reconnect soon -> Step.to(state);
      case UploadEvent.Start already -> Step.to(state);
      case UploadEvent.Stop stop -> Step.to(state);
      case UploadEvent.Elapsed late -> Step.to(state);
      case UploadEvent.NothingToSend late -> Step.to(state);
      case UploadEvent.Settled late -> Step.to(state);
      case UploadEvent.Unauthorized late -> Step.to(state);
      case UploadEvent.TooLarge late -> Step.to(state);
      case UploadEvent.GivenUp late -> Step.to(state);
      case UploadEvent.Refusal late -> Step.to(state);
      case UploadEvent.Busy late -> Step.to(state);
      case UploadEvent.Broken late -> Step.to(state);
    };
  }

  private static Step sending(Sending state, UploadEvent event) {
    Track track = state.track();
    return switch (event) {
      case UploadEvent.NothingToSend nothing -> Step.to(new Idle(track), new Cancel());
      case UploadEvent.Settled(boolean hasProgress) ->
          hasProgress
              ? authorize(track.answered(), false, new Cancel())
              : pause(track.failed(), Duration.ZERO, "an answer settled nothing");
      case UploadEvent.Unauthorized(String reason) -> unauthorized(track, reason);
      case UploadEvent.TooLarge tooLarge -> authorize(track.tooLarge(), false, new Cancel());
      case UploadEvent.GivenUp givenUp -> authorize(track.answered(), false, new Cancel());
      case UploadEvent.Refusal(String code, String reason) ->
          Step.to(new Refused(track, code, reason), new Cancel(), new Pause(1, REFUSED_PAUSE));
      case UploadEvent.Busy(Duration retryAfter, String reason) ->
          pause(track.failed(), retryAfter, reason);
      case UploadEvent.Broken(String reason) -> pause(track.failed(), Duration.ZERO, reason);
      case UploadEvent.Silence silence ->
          pause(track.failed(), Duration.ZERO, "the server fell silent");
      case UploadEvent.Enqueued more -> Step.to(state);
      case UploadEvent.Flush soon -> Step.to(state);
      case UploadEvent.Reconnect soon -> Step.to(state);
      case UploadEvent.Start already -> Step.to(state);
      case UploadEvent.Stop stop -> Step.to(state);
      case UploadEvent.Elapsed late -> Step.to(state);
      case UploadEvent.TokenReady late -> Step.to(state);
      case UploadEvent.TokenFailed late -> Step.to(state);
    };
  }

  /** The states that a timer ends. A flush waits for it too: a server asked for the time. */
  private static Step waiting(UploadState state, UploadEvent event, boolean isRefresh) {
    return switch (event) {
      case UploadEvent.Elapsed elapsed -> authorize(state.track(), isRefresh);
      case UploadEvent.Reconnect reconnect -> authorize(state.track(), isRefresh, new Cancel());
      case UploadEvent.Enqueued more -> Step.to(state);
      case UploadEvent.Flush soon -> Step.to(state);
      case UploadEvent.Start already -> Step.to(state);
      case UploadEvent.Stop stop -> Step.to(state);
      case UploadEvent.TokenReady late -> Step.to(state);
      case UploadEvent.TokenFailed late -> Step.to(state);
      case UploadEvent.NothingToSend late -> Step.to(state);
      case UploadEvent.Settled late -> Step.to(state);
      case UploadEvent.Unauthorized late -> Step.to(state);
      case UploadEvent.TooLarge late -> Step.to(state);
      case UploadEvent.GivenUp late -> Step.to(state);
      case UploadEvent.Refusal late -> Step.to(state);
      case UploadEvent.Busy late -> Step.to(state);
      case UploadEvent.Broken late -> Step.to(state);
      case UploadEvent.Silence late -> Step.to(state);
    };
  }

  private static Step authorize(Track track, boolean isRefresh, UploadEffect... before) {
    return before.length == 0
        ? Step.to(new Authorizing(track), new AskToken(isRefresh))
        : Step.to(new Authorizing(track), before[0], new AskToken(isRefresh));
  }

  private static Step unauthorized(Track track, String reason) {
    Track refused = track.refusedToken();
    return refused.refusedTokens() == 1
        ? authorize(refused, true, new Cancel())
        : needsAuth(refused.failed(), reason);
  }

  private static Step needsAuth(Track track, String reason) {
    return Step.to(
        new NeedsAuth(track, reason),
        new Cancel(),
        new Pause(Math.max(1, track.failures()), TOKEN_PAUSE));
  }

  private static Step pause(Track track, Duration atLeast, String reason) {
    return Step.to(new Pausing(track, reason), new Cancel(), new Pause(track.failures(), atLeast));
  }
}
