package dev.millrace.examples.library.desktop;

import dev.millrace.client.SyncStatus;
import dev.millrace.client.writebuffer.DeadLetter;
import dev.millrace.client.writebuffer.EditConflict;
import dev.millrace.protocol.WriteChange;
import java.util.List;
import java.util.Optional;

/**
 * How the Library on this device stands, but for its works.
 *
 * @param isCut whether the network is switched off here
 * @param pending what waits to be sent, the next first; a hundred at most
 * @param failure why what was asked for last was not done
 */
record LibraryState(
    SyncStatus sync,
    boolean isCut,
    List<WriteChange> pending,
    List<DeadLetter> rejected,
    List<EditConflict> conflicts,
    Optional<String> failure) {

  LibraryState {
    pending = List.copyOf(pending);
    rejected = List.copyOf(rejected);
    conflicts = List.copyOf(conflicts);
  }
}
