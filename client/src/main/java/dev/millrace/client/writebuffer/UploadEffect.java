package dev.millrace.client.writebuffer;

import java.time.Duration;

/** What the sender of a write buffer has done for it. */
sealed interface UploadEffect {

  /** Waits for what else is written in the next moment. */
  record Gather() implements UploadEffect {}

  record AskToken(boolean isRefresh) implements UploadEffect {}

  /** Sends the next batch, its bounds halved so often. */
  record Send(int halvings) implements UploadEffect {}

  /** Gives up request, token and pause, whichever there is. */
  record Cancel() implements UploadEffect {}

  /** Waits, as {@code Backoff} says. */
  record Pause(int failures, Duration atLeast) implements UploadEffect {}
}
