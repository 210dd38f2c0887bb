package dev.millrace.examples.library.desktop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.SyncStatus;
import dev.millrace.client.stream.StreamStatus;
import dev.millrace.client.writebuffer.UploadStatus;
import dev.millrace.client.writebuffer.WriteBufferStats;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BadgeTest {

  private static final WriteBufferStats NOTHING = new WriteBufferStats(0, 0, 0, Optional.empty());

  private static StreamStatus stream(String entity, StreamStatus.Phase phase, String reason) {
    return new StreamStatus(
        entity,
        phase,
        Optional.of(reason).filter(why -> !why.isEmpty()),
        Optional.of(Instant.EPOCH),
        0,
        List.of());
  }

  private static Badge ada(StreamStatus.Phase phase, String reason, WriteBufferStats writes) {
    SyncStatus status =
        new SyncStatus(
            Optional.of(DemoUser.ADA.id()),
            List.of(stream("works", phase, reason), stream("assets", phase, reason)),
            new UploadStatus(UploadStatus.Phase.IDLE, Optional.empty(), Optional.empty()),
            writes);
    return badge(status, false);
  }

  private static Badge badge(SyncStatus status, boolean isCut) {
    LibraryState state =
        new LibraryState(status, isCut, List.of(), List.of(), List.of(), Optional.empty());
    return Badge.of(state, ZoneOffset.UTC);
  }

  @Test
  void aGuestIsToldThatNothingLeavesTheDevice() {
    SyncStatus guest =
        new SyncStatus(
            Optional.empty(),
            List.of(),
            new UploadStatus(UploadStatus.Phase.STOPPED, Optional.empty(), Optional.empty()),
            NOTHING);

    assertThat(badge(guest, false).words()).isEqualTo("Guest: kept on this device alone");
    assertThat(badge(guest, true).words()).isEqualTo("Guest: kept on this device alone · offline");
  }

  @Test
  void aUserIsToldHowFarItIs() {
    assertThat(ada(StreamStatus.Phase.LIVE, "", NOTHING).words())
        .isEqualTo("Signed in as Ada · up to date · last up to date at 00:00:00");
    assertThat(ada(StreamStatus.Phase.CATCHING_UP, "", NOTHING).words()).contains("syncing");
    assertThat(ada(StreamStatus.Phase.NEEDS_AUTH, "", NOTHING).words())
        .contains("no token to be had");
    WriteBufferStats some = new WriteBufferStats(2, 1, 1, Optional.empty());
    assertThat(ada(StreamStatus.Phase.OFFLINE, "", some).words())
        .contains("offline · 3 pending · 1 rejected");
    assertThat(ada(StreamStatus.Phase.LIVE, "", some).words()).contains("syncing");
  }

  @Test
  void oneReasonOfSeveralIsSaidOnce() {
    WriteBufferStats rejected = new WriteBufferStats(0, 0, 1, Optional.empty());

    assertThat(ada(StreamStatus.Phase.OFFLINE, "no route: at all", rejected).reasons())
        .containsExactly("works, assets: no route: at all", "writes: 1 rejected");
  }
}
