package dev.millrace.client.writebuffer;

import java.time.Instant;
import java.util.Optional;

/**
 * What is in a write buffer.
 *
 * @param pending changes that wait to be sent
 * @param syncing changes that are being sent, or were when the process ended
 * @param errors dead letters
 * @param oldest when the oldest of the first two was made, by the device's clock
 */
public record WriteBufferStats(long pending, long syncing, long errors, Optional<Instant> oldest) {

  /** What is not yet in Postgres and may still get there by itself. */
  public long unsent() {
    return pending + syncing;
  }
}
