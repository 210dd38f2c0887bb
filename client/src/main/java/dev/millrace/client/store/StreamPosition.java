package dev.millrace.client.store;

import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.SeenTransactions;
import java.util.Optional;

/**
 * Where a copy of a shape stands.
 *
 * @param handle of the shape it copies; empty before the first answer
 * @param lsn up to where an up-to-date has said that everything was shown; zero before the first
 * @param snapshot what its snapshot saw; empty until that is whole, and again once all is shown
 *     that waited for it
 */
public record StreamPosition(
    Slot slot,
    Optional<String> handle,
    Offset offset,
    Lsn lsn,
    Optional<SeenTransactions> snapshot) {

  /** A copy without anything. */
  public static StreamPosition begin(Slot slot) {
    return new StreamPosition(
        slot, Optional.empty(), Offset.BEFORE_ALL, Lsn.ZERO, Optional.empty());
  }

  /** Whether everything was there once. */
  public boolean wasUpToDate() {
    return lsn.isAfter(Lsn.ZERO);
  }
}
