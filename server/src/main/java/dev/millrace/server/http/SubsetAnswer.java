package dev.millrace.server.http;

import dev.millrace.protocol.Offset;
import dev.millrace.server.shape.LogSlice;
import dev.millrace.server.shape.SubsetRows;
import java.util.List;

/**
 * Sends the rows of a subset with what their snapshot saw (protocol section 9). The offset is never
 * past what the snapshot has, so that a client may go on from there.
 */
final class SubsetAnswer {

  private static final String TAIL = "]}";

  private final ShapeAnswer answer;
  private final SubsetRows subset;

  SubsetAnswer(ShapeAnswer answer, SubsetRows subset) {
    this.answer = answer;
    this.subset = subset;
  }

  void start() {
    answer.exchange().whenOver(subset.rows()::close);
    String head = "{\"metadata\":" + subset.metadata() + ",\"data\":[";
    long bytes = subset.rows().bytes();
    List<LogSlice.Place> places = bytes == 0 ? List.of() : List.of(subset.rows().place());
    long length = head.length() + Math.max(0, bytes - 1) + TAIL.length();
    answer.beginSubset(end(), length);
    answer.write(head, places, TAIL);
  }

  private Offset end() {
    Offset asked = answer.request().offset().orElse(subset.logEnd());
    if (asked.equals(Offset.BEFORE_ALL)) {
      return Offset.snapshotChunk(0);
    }
    return asked.isInSnapshot() ? asked : asked.max(subset.logEnd());
  }
}
