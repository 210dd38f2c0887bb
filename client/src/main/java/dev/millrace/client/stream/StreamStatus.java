package dev.millrace.client.stream;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a stream is doing.
 *
 * @param reason why it does not follow, for a person; empty while it does
 * @param lastUpToDate when nothing was missing last, by the device's clock
 * @param changes how many messages were stored since it began
 * @param differences where the server's columns are others than the entity says; writes of them
 *     will be rejected
 */
public record StreamStatus(
    String entity,
    Phase phase,
    Optional<String> reason,
    Optional<Instant> lastUpToDate,
    long changes,
    List<String> differences) {

  public StreamStatus {
    differences = List.copyOf(differences);
  }

  /** What it is doing, in words of an application's. */
  public enum Phase {
    STOPPED,
    /** Reads what it has missed. */
    CATCHING_UP,
    /** Has everything, and hears of changes as they come. */
    LIVE,
    /** Waits before it tries again. */
    OFFLINE,
    NEEDS_AUTH,
    /** The server refuses the shape. */
    REFUSED
  }
}
