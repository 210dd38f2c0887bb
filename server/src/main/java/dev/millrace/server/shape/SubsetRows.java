package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import dev.millrace.server.postgres.PgSnapshot;

/**
 * The rows of a {@link Subset} and what they are worth: who follows the log drops from it what the
 * snapshot has seen already.
 *
 * @param logEnd where the log ended before the snapshot was taken
 * @param mark stands in each row, a number of 31 bits
 * @param rows messages, each preceded by a comma; closed by who sends them
 */
public record SubsetRows(PgSnapshot snapshot, Offset logEnd, int mark, Spool rows) {

  /** The object that describes them (protocol section 9). */
  public String metadata() {
    return "{%s,\"database_lsn\":\"%s\",\"snapshot_mark\":%d}"
        .formatted(
            MessageEncoder.visibility(snapshot),
            Long.toUnsignedString(snapshot.takenBefore()),
            mark);
  }
}
