package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import java.util.List;

/**
 * Some messages of a log as server-sent events. Immutable; the arrays are shared and must not be
 * changed.
 *
 * @param messages how many there are
 * @param end the offset the reader has reached with it
 * @param reachesEnd whether the log has nothing after {@code end}
 */
public record LogEvents(List<byte[]> runs, long messages, Offset end, boolean reachesEnd) {

  public LogEvents {
    runs = List.copyOf(runs);
  }

  public boolean isEmpty() {
    return runs.isEmpty();
  }
}
