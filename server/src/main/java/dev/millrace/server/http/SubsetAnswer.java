package dev.millrace.server.http;

import dev.millrace.protocol.Offset;
import dev.millrace.server.shape.SubsetRows;

/**
 * Sends the rows of a subset with what their snapshot saw (protocol section 9). The client goes on
 * from the offset it is given here, so this never skips a change: the subset may hold what it did
 * to some rows, but not to the others.
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
    long length = head.length() + Math.max(0, bytes - 1) + TAIL.length();
    answer.beginSubset(end(), length);
    answer.write(head, subset.rows().place(), TAIL);
  }

  /** Where the client stood. One that said {@code now} stands where the log ended before. */
  private Offset end() {
    Offset asked = answer.request().offset().orElse(subset.logEnd());
    return asked.equals(Offset.BEFORE_ALL) ? Offset.snapshotChunk(0) : asked;
  }
}
