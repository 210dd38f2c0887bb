package dev.millrace.client.writebuffer;

/** What the sender of a write buffer is doing. */
public sealed interface UploadState {

  Track track();

  /**
   * What it remembers.
   *
   * @param failures in a row
   * @param refusedTokens in a row
   * @param halvings how often a batch was too large, and the next is halved
   */
  record Track(int failures, int refusedTokens, int halvings) {

    static final Track BEGIN = new Track(0, 0, 0);

    Track failed() {
      return new Track(failures + 1, refusedTokens, halvings);
    }

    Track refusedToken() {
      return new Track(failures, refusedTokens + 1, halvings);
    }

    Track tooLarge() {
      return new Track(failures, 0, halvings + 1);
    }

    /** An answer came; batches grow again. */
    Track answered() {
      return new Track(0, 0, Math.max(0, halvings - 1));
    }
  }

  /** Nothing: a guest's, or closed. */
  record Stopped(Track track) implements UploadState {}

  /** Waits for something to send. */
  record Idle(Track track) implements UploadState {}

  /** Waits a moment for what else is written. */
  record Gathering(Track track) implements UploadState {}

  /** Waits for a token, to send then. */
  record Authorizing(Track track) implements UploadState {}

  /** Has sent a batch and waits for the answer. */
  record Sending(Track track) implements UploadState {}

  /** Waits for some time, then tries again. */
  record Pausing(Track track, String reason) implements UploadState {}

  /** The server believes none of the tokens, or there is none; what is written waits. */
  record NeedsAuth(Track track, String reason) implements UploadState {}

  /**
   * The server takes no writes of this application or at all, such as one that is too old; tried
   * again now and then.
   */
  record Refused(Track track, String code, String reason) implements UploadState {}
}
