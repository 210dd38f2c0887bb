package dev.millrace.client.writebuffer;

import java.util.Optional;

/**
 * How sending is going.
 *
 * @param reason why nothing is sent, for a person; empty while it is
 * @param code where the server refuses writes: {@code schema_too_old}, {@code writes_disabled}
 */
public record UploadStatus(Phase phase, Optional<String> reason, Optional<String> code) {

  /** What it is doing, in words of an application's. */
  public enum Phase {
    STOPPED,
    IDLE,
    SENDING,
    OFFLINE,
    NEEDS_AUTH,
    /** The server takes no writes of this application; {@code schema_too_old}: upgrade it. */
    REFUSED
  }
}
