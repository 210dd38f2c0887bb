package dev.millrace.protocol;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One thing that a shape tells its reader (protocol section 5), in the order it was sent. */
public sealed interface ShapeMessage {

  /**
   * A row of the snapshot or a change of the log.
   *
   * @param key the row's, as the message has it (protocol section 5.7)
   * @param value columns by name, each the text of Postgres' output function or null: the row, or
   *     for an update its key and what changed, or for a delete its key
   * @param place where the log has it; empty for a row of the snapshot
   */
  record RowChange(
      WriteChange.Op op, String key, Map<String, @Nullable String> value, Optional<LogPlace> place)
      implements ShapeMessage {

    public RowChange {
      value = Collections.unmodifiableMap(new LinkedHashMap<>(value));
    }
  }

  /**
   * A change's place in the log.
   *
   * @param txids the 32-bit ids of its transaction
   * @param isLast whether the transaction has no further change in this shape
   */
  record LogPlace(Offset offset, List<Long> txids, boolean isLast) {

    public LogPlace {
      txids = List.copyOf(txids);
    }
  }

  /** The end of a snapshot, and which transactions it saw. */
  record SnapshotEnd(SeenTransactions seen) implements ShapeMessage {}

  /**
   * Nothing is missing.
   *
   * @param lsn up to where everything has been shown
   */
  record UpToDate(Lsn lsn) implements ShapeMessage {}

  /** All has to be read anew. */
  record MustRefetch() implements ShapeMessage {}

  /** A control message that this version does not know; to be ignored. */
  record UnknownControl(String control) implements ShapeMessage {}
}
