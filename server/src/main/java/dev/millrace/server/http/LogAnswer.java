package dev.millrace.server.http;

import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.server.shape.LogSlice;

/** Sends what the log has after the client's offset, at once, even if that is nothing. */
final class LogAnswer {

  private final ShapeAnswer answer;

  LogAnswer(ShapeAnswer answer) {
    this.answer = answer;
  }

  void start() {
    Lsn published = answer.endpoint().publishedPosition(answer.shape());
    Offset asked = answer.request().offset().orElseThrow();
    LogSlice slice = answer.shape().log().read(asked);
    if (answer.isKnown(slice.end())) {
      answer.sendNotModified(slice.end(), slice.reachesEnd());
    } else {
      answer.send(slice, published.max(new Lsn(slice.end().tx())));
    }
  }
}
