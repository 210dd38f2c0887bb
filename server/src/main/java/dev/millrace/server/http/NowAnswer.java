package dev.millrace.server.http;

import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.server.shape.LogSlice;

/** Tells a client that wants no past where the log ends (protocol section 6.4). */
final class NowAnswer {

  private final ShapeAnswer answer;

  NowAnswer(ShapeAnswer answer) {
    this.answer = answer;
  }

  void start() {
    Lsn published = answer.endpoint().publishedPosition(answer.shape());
    Offset end = answer.shape().log().end();
    answer.send(LogSlice.empty(end), published);
  }
}
