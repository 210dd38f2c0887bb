package dev.millrace.client.stream;

import java.time.Duration;

/** What happens to a stream. */
public sealed interface StreamEvent {

  /** It shall follow. */
  record Start() implements StreamEvent {}

  /** It shall do nothing. */
  record Stop() implements StreamEvent {}

  /** A token is there, or none is wanted. */
  record TokenReady() implements StreamEvent {}

  /** No token is to be had now. */
  record TokenFailed(String reason) implements StreamEvent {}

  /**
   * An answer is stored, or what came of an event stream up to a point.
   *
   * @param isUpToDate whether nothing is missing now
   * @param hasMoved whether it led anywhere; a live answer that took its time counts as such
   */
  record Stored(boolean isUpToDate, boolean hasMoved) implements StreamEvent {}

  /** The answer to a request for an event stream is one. */
  record StreamOpened() implements StreamEvent {}

  /** It is none, as where a proxy answers for itself. */
  record NoStream() implements StreamEvent {}

  /**
   * The event stream came to its end, as it does now and then.
   *
   * @param wasShort whether it ended as soon as it had begun, or was held back until then
   */
  record StreamEnded(boolean wasShort) implements StreamEvent {}

  /** 401: the token is not believed, or has expired. */
  record Unauthorized(String reason) implements StreamEvent {}

  /** 409: the shape is another now. */
  record Gone() implements StreamEvent {}

  /** What came does not fit what is stored. */
  record Misfit(String reason) implements StreamEvent {}

  /** The server will not have this request, however often: 400, 403, 404. */
  record Refusal(String reason) implements StreamEvent {}

  /** The server cannot answer now: 429, 5xx. */
  record Busy(Duration retryAfter, String reason) implements StreamEvent {}

  /** The way broke, the answer was cut or is none, or the disk would not take it. */
  record Broken(String reason) implements StreamEvent {}

  /** Nothing has come for longer than anything takes. */
  record Silence() implements StreamEvent {}

  /** The pause is over. */
  record Elapsed() implements StreamEvent {}

  /**
   * An answer is wanted at once: somebody waits to be shown a write, or a transaction is too large
   * for an event stream.
   */
  record Nudge() implements StreamEvent {}

  /** The network, or the user, is back. */
  record Reconnect() implements StreamEvent {}
}
