package dev.millrace.client.stream;

import dev.millrace.client.stream.StreamEffect.AskToken;
import dev.millrace.client.stream.StreamEffect.BeginAnew;
import dev.millrace.client.stream.StreamEffect.Cancel;
import dev.millrace.client.stream.StreamEffect.Pause;
import dev.millrace.client.stream.StreamEffect.Send;
import dev.millrace.client.stream.StreamState.Asking;
import dev.millrace.client.stream.StreamState.Authorizing;
import dev.millrace.client.stream.StreamState.NeedsAuth;
import dev.millrace.client.stream.StreamState.Pausing;
import dev.millrace.client.stream.StreamState.Refused;
import dev.millrace.client.stream.StreamState.Stopped;
import dev.millrace.client.stream.StreamState.Streaming;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides what a stream does: from a state and an event to a state and effects, for all of both. A
 * pure function. What cannot happen in a state, such as an answer while nothing was asked, is late
 * news of something given up, and changes nothing.
 */
final class StreamMachine {

  /** Answers in a row that lead nowhere, before a pause; and before all is read anew. */
  private static final int MOST_STALLS = 3;

  private static final int STALLS_TO_BEGIN_ANEW = 8;

  /** What the server refuses altogether is tried again this rarely. */
  private static final Duration REFUSED_PAUSE = Duration.ofMinutes(5);

  private static final Duration TOKEN_PAUSE = Duration.ofSeconds(5);

  private StreamMachine() {}

  /** What comes of an event. */
  record Step(StreamState state, List<StreamEffect> effects) {

    Step {
      effects = List.copyOf(effects);
    }

    static Step to(StreamState state, StreamEffect... effects) {
      return new Step(state, List.of(effects));
    }

    Step preceded(StreamEffect... before) {
      List<StreamEffect> all = new ArrayList<>(List.of(before));
      all.addAll(effects);
      return new Step(state, all);
    }
  }

  static Step step(StreamState state, StreamEvent event) {
    return switch (state) {
      case Stopped stopped -> stopped(stopped, event);
      case Authorizing authorizing -> authorizing(authorizing, event);
      case Asking asking -> asking(asking, event);
      case Streaming streaming -> streaming(streaming, event);
      case Pausing pausing -> waiting(pausing, event, false);
      case NeedsAuth needsAuth -> waiting(needsAuth, event, true);
      case Refused refused -> waiting(refused, event, false);
    };
  }

  private static Step stopped(Stopped state, StreamEvent event) {
    return switch (event) {
      case StreamEvent.Start start -> authorize(state.track(), false);
      case StreamEvent.Stop stop -> Step.to(state);
      case StreamEvent.TokenReady late -> Step.to(state);
      case StreamEvent.TokenFailed late -> Step.to(state);
      case StreamEvent.Stored late -> Step.to(state);
      case StreamEvent.StreamOpened late -> Step.to(state);
      case StreamEvent.NoStream late -> Step.to(state);
      case StreamEvent.StreamEnded late -> Step.to(state);
      case StreamEvent.Unauthorized late -> Step.to(state);
      case StreamEvent.Gone late -> Step.to(state);
      case StreamEvent.Misfit late -> Step.to(state);
      case StreamEvent.Refusal late -> Step.to(state);
      case StreamEvent.Busy late -> Step.to(state);
      case StreamEvent.Broken late -> Step.to(state);
      case StreamEvent.Silence late -> Step.to(state);
      case StreamEvent.Elapsed late -> Step.to(state);
      case StreamEvent.Nudge unwanted -> Step.to(state);
      case StreamEvent.Reconnect unwanted -> Step.to(state);
    };
  }

  private static Step authorizing(Authorizing state, StreamEvent event) {
    return switch (event) {
      case StreamEvent.Start already -> Step.to(state);
      case StreamEvent.Stop stop -> Step.to(new Stopped(state.track()), new Cancel());
      case StreamEvent.TokenReady ready ->
          Step.to(new Asking(state.track(), state.ask()), new Send(state.ask()));
      case StreamEvent.TokenFailed(String reason) -> needsAuth(state.track().failed(), reason);
      case StreamEvent.Stored late -> Step.to(state);
      case StreamEvent.StreamOpened late -> Step.to(state);
      case StreamEvent.NoStream late -> Step.to(state);
      case StreamEvent.StreamEnded late -> Step.to(state);
      case StreamEvent.Unauthorized late -> Step.to(state);
      case StreamEvent.Gone late -> Step.to(state);
      case StreamEvent.Misfit late -> Step.to(state);
      case StreamEvent.Refusal late -> Step.to(state);
      case StreamEvent.Busy late -> Step.to(state);
      case StreamEvent.Broken late -> Step.to(state);
      // Whoever gives tokens is allowed to take its time, but not for ever.
      case StreamEvent.Silence silence ->
          needsAuth(state.track().failed(), "no token came in time");
      case StreamEvent.Elapsed late -> Step.to(state);
      case StreamEvent.Nudge nudge -> Step.to(new Authorizing(state.track(), Ask.CATCH_UP));
      case StreamEvent.Reconnect soon -> Step.to(state);
    };
  }

  private static Step asking(Asking state, StreamEvent event) {
    Track track = state.track();
    return switch (event) {
      case StreamEvent.Start already -> Step.to(state);
      case StreamEvent.Stop stop -> Step.to(new Stopped(track), new Cancel());
      case StreamEvent.TokenReady late -> Step.to(state);
      case StreamEvent.TokenFailed late -> Step.to(state);
      case StreamEvent.Stored(boolean isUpToDate, boolean hasMoved) ->
          stored(state, isUpToDate, hasMoved);
      case StreamEvent.StreamOpened opened ->
          state.ask() == Ask.EVENT_STREAM ? Step.to(new Streaming(track)) : Step.to(state);
      case StreamEvent.NoStream none -> authorize(track.withoutStreams(), false, new Cancel());
      case StreamEvent.StreamEnded late -> Step.to(state);
      case StreamEvent.Unauthorized(String reason) -> unauthorized(track, reason);
      case StreamEvent.Gone gone -> beginAnew(track, "the shape is another now");
      case StreamEvent.Misfit(String reason) -> beginAnew(track, reason);
      case StreamEvent.Refusal(String reason) ->
          Step.to(new Refused(track, reason), new Cancel(), new Pause(1, REFUSED_PAUSE));
      case StreamEvent.Busy(Duration retryAfter, String reason) ->
          // Our server says when to come again; something on the way to it does not.
          pause(retryAfter.isZero() ? unheard(state) : track.failed(), retryAfter, reason);
      case StreamEvent.Broken(String reason) -> pause(track.failed(), Duration.ZERO, reason);
      case StreamEvent.Silence silence ->
          pause(unheard(state), Duration.ZERO, "the server fell silent");
      case StreamEvent.Elapsed late -> Step.to(state);
      case StreamEvent.Nudge nudge ->
          state.ask() == Ask.CATCH_UP
              ? Step.to(state)
              : authorize(track, Ask.CATCH_UP, false, new Cancel());
      case StreamEvent.Reconnect soon -> Step.to(state);
    };
  }

  private static Step streaming(Streaming state, StreamEvent event) {
    Track track = state.track();
    return switch (event) {
      case StreamEvent.Start already -> Step.to(state);
      case StreamEvent.Stop stop -> Step.to(new Stopped(track), new Cancel());
      case StreamEvent.TokenReady late -> Step.to(state);
      case StreamEvent.TokenFailed late -> Step.to(state);
      case StreamEvent.Stored(boolean isUpToDate, boolean hasMoved) ->
          Step.to(new Streaming(isUpToDate ? track.live() : track));
      case StreamEvent.StreamOpened late -> Step.to(state);
      case StreamEvent.NoStream late -> Step.to(state);
      case StreamEvent.StreamEnded(boolean wasShort) ->
          wasShort
              ? pause(
                  track.shortStream(), Duration.ZERO, "an event stream was cut short or held back")
              : authorize(track.streamed(), false, new Cancel());
      case StreamEvent.Unauthorized(String reason) -> unauthorized(track, reason);
      case StreamEvent.Gone gone -> beginAnew(track, "the shape is another now");
      case StreamEvent.Misfit(String reason) -> beginAnew(track, reason);
      case StreamEvent.Refusal late -> Step.to(state);
      case StreamEvent.Busy late -> Step.to(state);
      case StreamEvent.Broken(String reason) -> pause(track.failed(), Duration.ZERO, reason);
      case StreamEvent.Silence silence ->
          pause(track.failed(), Duration.ZERO, "the server fell silent");
      case StreamEvent.Elapsed late -> Step.to(state);
      case StreamEvent.Nudge nudge -> authorize(track, Ask.CATCH_UP, false, new Cancel());
      case StreamEvent.Reconnect soon -> Step.to(state);
    };
  }

  /** The states that a timer ends: they hear of it, of the network, and of an end. */
  private static Step waiting(StreamState state, StreamEvent event, boolean isRefresh) {
    Track track = state.track();
    return switch (event) {
      case StreamEvent.Start already -> Step.to(state);
      case StreamEvent.Stop stop -> Step.to(new Stopped(track), new Cancel());
      case StreamEvent.TokenReady late -> Step.to(state);
      case StreamEvent.TokenFailed late -> Step.to(state);
      case StreamEvent.Stored late -> Step.to(state);
      case StreamEvent.StreamOpened late -> Step.to(state);
      case StreamEvent.NoStream late -> Step.to(state);
      case StreamEvent.StreamEnded late -> Step.to(state);
      case StreamEvent.Unauthorized late -> Step.to(state);
      case StreamEvent.Gone late -> Step.to(state);
      case StreamEvent.Misfit late -> Step.to(state);
      case StreamEvent.Refusal late -> Step.to(state);
      case StreamEvent.Busy late -> Step.to(state);
      case StreamEvent.Broken late -> Step.to(state);
      case StreamEvent.Silence late -> Step.to(state);
      case StreamEvent.Elapsed elapsed -> authorize(track, isRefresh);
      // It asks soon enough, and what it asks for then is at hand at once or waits for us.
      case StreamEvent.Nudge nudge -> Step.to(state);
      case StreamEvent.Reconnect reconnect -> authorize(track, isRefresh, new Cancel());
    };
  }

  private static Step authorize(Track track, boolean isRefresh, StreamEffect... before) {
    // After a failure nobody knows what was missed; what is there comes at once.
    Ask ask = track.failures() > 0 ? Ask.CATCH_UP : track.next();
    return authorize(track, ask, isRefresh, before);
  }

  private static Step authorize(Track track, Ask ask, boolean isRefresh, StreamEffect... before) {
    return Step.to(new Authorizing(track, ask), new AskToken(isRefresh)).preceded(before);
  }

  private static Step stored(Asking state, boolean isUpToDate, boolean hasMoved) {
    Track track = state.track();
    boolean isLive = state.ask() != Ask.CATCH_UP;
    if (!hasMoved && (isLive || !isUpToDate)) {
      Track stalled = track.stalled();
      if (stalled.stalls() >= STALLS_TO_BEGIN_ANEW) {
        return beginAnew(track, "the stream stood still");
      }
      if (stalled.stalls() >= MOST_STALLS) {
        return pause(stalled, Duration.ZERO, "answers lead nowhere");
      }
      return authorize(stalled, false);
    }
    return authorize(isLive && isUpToDate ? track.live() : track.answered(isUpToDate), false);
  }

  /** An event stream that does not begin is perhaps held back until it ends. */
  private static Track unheard(Asking state) {
    Track failed = state.track().failed();
    return state.ask() == Ask.EVENT_STREAM ? failed.shortStream() : failed;
  }

  private static Step unauthorized(Track track, String reason) {
    Track refused = track.refusedToken();
    return refused.refusedTokens() == 1
        ? authorize(refused, true, new Cancel())
        : needsAuth(refused.failed(), reason);
  }

  private static Step needsAuth(Track track, String reason) {
    return Step.to(
        new NeedsAuth(track, reason), new Cancel(), new Pause(track.failures(), TOKEN_PAUSE));
  }

  /** The first time at once; a server that asks for it again and again is given time. */
  private static Step beginAnew(Track track, String reason) {
    Track anew = track.refetch();
    Step step =
        anew.refetches() == 1
            ? authorize(anew, false)
            : Step.to(new Pausing(anew, reason), new Pause(anew.refetches() - 1, Duration.ZERO));
    return step.preceded(new Cancel(), new BeginAnew());
  }

  private static Step pause(Track track, Duration atLeast, String reason) {
    int failures = Math.max(1, Math.max(track.failures(), track.stalls() - MOST_STALLS + 1));
    return Step.to(new Pausing(track, reason), new Cancel(), new Pause(failures, atLeast));
  }
}
