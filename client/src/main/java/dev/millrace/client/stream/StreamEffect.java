package dev.millrace.client.stream;

import java.time.Duration;

/** What a stream has done for it. */
public sealed interface StreamEffect {

  /**
   * Asks for a token, for each request anew.
   *
   * @param isRefresh whether the last one was refused
   */
  record AskToken(boolean isRefresh) implements StreamEffect {}

  /** Asks the server, from where the store stands. */
  record Send(Ask ask) implements StreamEffect {}

  /** Gives up request, token and pause, whichever there is. */
  record Cancel() implements StreamEffect {}

  /** Begins a copy beside the one that is shown. */
  record BeginAnew() implements StreamEffect {}

  /**
   * Waits for a random time up to what {@link Backoff} allows after so many failures.
   *
   * @param atLeast what the server asked for; the random time comes on top
   */
  record Pause(int failures, Duration atLeast) implements StreamEffect {}
}
