package dev.millrace.client.writebuffer;

import java.time.Duration;

/** What happens to the sender of a write buffer. */
sealed interface UploadEvent {

  record Start() implements UploadEvent {}

  record Stop() implements UploadEvent {}

  /** Something was put into the queue. */
  record Enqueued() implements UploadEvent {}

  /** Somebody wants all sent now, or it is time to look again. */
  record Flush() implements UploadEvent {}

  /** The moment, or the pause, is over. */
  record Elapsed() implements UploadEvent {}

  record TokenReady() implements UploadEvent {}

  record TokenFailed(String reason) implements UploadEvent {}

  /** There is nothing that can be sent now. */
  record NothingToSend() implements UploadEvent {}

  /**
   * An answer was taken.
   *
   * @param hasProgress whether any change was settled by it
   */
  record Settled(boolean hasProgress) implements UploadEvent {}

  /** 401. */
  record Unauthorized(String reason) implements UploadEvent {}

  /** 413, or 400 for what is no batch: it is not taken as a whole, and has more than one part. */
  record TooLarge() implements UploadEvent {}

  /** The batch cannot be made smaller; its changes are dead letters now. */
  record GivenUp() implements UploadEvent {}

  /** Writes are not taken at all: 403, 404, 409. */
  record Refusal(String code, String reason) implements UploadEvent {}

  /** 429, 5xx, or what no server of ours says. */
  record Busy(Duration retryAfter, String reason) implements UploadEvent {}

  /** The way broke, the answer is none, or the disk would not take it. */
  record Broken(String reason) implements UploadEvent {}

  /** No answer comes. */
  record Silence() implements UploadEvent {}

  /** The network, or the user, is back. */
  record Reconnect() implements UploadEvent {}
}
