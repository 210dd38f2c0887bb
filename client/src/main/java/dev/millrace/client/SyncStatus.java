package dev.millrace.client;

import dev.millrace.client.stream.StreamStatus;
import dev.millrace.client.writebuffer.UploadStatus;
import dev.millrace.client.writebuffer.WriteBufferStats;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How syncing goes, for a person to act on.
 *
 * @param user who is signed in; empty for a guest
 * @param writes what waits to be sent
 */
public record SyncStatus(
    Optional<String> user,
    List<StreamStatus> streams,
    UploadStatus upload,
    WriteBufferStats writes) {

  public SyncStatus {
    streams = List.copyOf(streams);
  }

  /** Whether the server cannot be reached now. */
  public boolean isOffline() {
    return upload.phase() == UploadStatus.Phase.OFFLINE
        || streams.stream().anyMatch(one -> one.phase() == StreamStatus.Phase.OFFLINE);
  }

  /** Whether the user has to sign in again; meanwhile everything written waits. */
  public boolean needsAuth() {
    return upload.phase() == UploadStatus.Phase.NEEDS_AUTH
        || streams.stream().anyMatch(one -> one.phase() == StreamStatus.Phase.NEEDS_AUTH);
  }

  /** Whether every entity has all there is, and nothing waits to be sent. */
  public boolean isSynced() {
    return !streams.isEmpty()
        && writes.unsent() == 0
        && streams.stream().allMatch(one -> one.phase() == StreamStatus.Phase.LIVE);
  }

  /** Since when something may be missing: the oldest of the entities' last up-to-dates. */
  public Optional<Instant> lastUpToDate() {
    return streams.stream().allMatch(one -> one.lastUpToDate().isPresent())
        ? streams.stream().flatMap(one -> one.lastUpToDate().stream()).min(Instant::compareTo)
        : Optional.empty();
  }

  /** Why not all is as it should be, each reason with what it concerns; empty if all is. */
  public List<String> reasons() {
    List<String> reasons = new ArrayList<>();
    streams.forEach(stream ->
        stream
            .differences()
            .forEach(difference -> reasons.add(stream.entity() + ": " + difference)));
    streams.forEach(stream ->
        stream.reason().ifPresent(reason -> reasons.add(stream.entity() + ": " + reason)));
    upload.reason().ifPresent(reason -> reasons.add("writes: " + reason));
    if (writes.errors() > 0) {
      reasons.add("writes: %d rejected".formatted(writes.errors()));
    }
    return reasons;
  }
}
