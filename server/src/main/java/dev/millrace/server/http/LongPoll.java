package dev.millrace.server.http;

import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.server.shape.LogSlice;
import dev.millrace.server.shape.Shape;
import dev.millrace.server.shape.Waiters;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Waits until the log has something after the client's offset, or the time is over (protocol
 * section 6.2). An offset beyond the end of the log waits half as long, then is an error (section
 * 4.2).
 */
final class LongPoll implements Waiters.Waiter, Exchange.Listener {

  private final ShapeAnswer answer;
  private final Exchange exchange;
  private final Shape shape;
  private final Offset asked;

  LongPoll(ShapeAnswer answer) {
    this.answer = answer;
    this.exchange = answer.exchange();
    this.shape = answer.shape();
    this.asked = answer.request().offset().orElseThrow();
  }

  /** Waits at most {@code timeout}. */
  void start(Duration timeout) {
    if (isAnswered()) {
      return;
    }
    answer.countLive(Traffic.LiveKind.LONG_POLL);
    exchange.listen(this);
    exchange.schedule(this::timeOut, timeout.toMillis());
    answer.endWithToken(this);
    await();
  }

  private void await() {
    shape.waiters().add(this);
    if (shape.isDropped() || shape.log().hasAfter(asked)) {
      shape.waiters().remove(this);
      exchange.loop().execute(this::wake);
    }
  }

  private boolean isAnswered() {
    if (shape.isDropped()) {
      answer.endpoint().refetch(exchange, answer.request());
      return true;
    }
    LogSlice slice = shape.log().read(asked);
    if (slice.isEmpty()) {
      return false;
    }
    answer.send(slice, new Lsn(slice.end().tx()));
    return true;
  }

  @Override
  public Executor executor() {
    return exchange.loop();
  }

  @Override
  public void wake() {
    answer.step(this::answerOrWait);
  }

  private void answerOrWait() {
    if (!exchange.isDone() && !isAnswered()) {
      await();
    }
  }

  private void timeOut() {
    if (exchange.isDone() || exchange.isBegun()) {
      return;
    }
    shape.waiters().remove(this);
    // Before the log is looked at once more: what is up to there has been told then.
    Lsn published = answer.endpoint().publishedPosition(shape);
    if (isAnswered()) {
      return;
    }
    if (!answer.endpoint().isFollowing()) {
      answer.endpoint().failNotFollowing(exchange);
    } else if (asked.isAfter(shape.log().end())) {
      answer
          .endpoint()
          .errors()
          .send(exchange, InvalidRequest.of("offset", "out of bounds for this shape"));
    } else {
      answer.send(LogSlice.empty(asked), published);
    }
  }

  @Override
  public void writable() {
    // The answer was handed over whole: Outbound sends where its bytes lie.
  }

  @Override
  public void closed() {
    shape.waiters().remove(this);
  }
}
