package dev.millrace.client.stream;

/** What a stream is doing. */
public sealed interface StreamState {

  /** What it remembers. */
  Track track();

  /** Nothing: it has not been started, or was stopped. */
  record Stopped(Track track) implements StreamState {}

  /** Waits for a token, to ask then. */
  record Authorizing(Track track, Ask ask) implements StreamState {}

  /** Has asked and waits for the whole of the answer. */
  record Asking(Track track, Ask ask) implements StreamState {}

  /** Has an event stream open, which is told piece by piece. */
  record Streaming(Track track) implements StreamState {}

  /** Waits for some time, then asks again. */
  record Pausing(Track track, String reason) implements StreamState {}

  /** The server believes none of the tokens it was given, or there is none; tried again later. */
  record NeedsAuth(Track track, String reason) implements StreamState {}

  /** The server refuses the shape itself; tried again now and then. */
  record Refused(Track track, String reason) implements StreamState {}
}
