package dev.millrace.server.http;

import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.server.shape.LogEvents;
import dev.millrace.server.shape.Shape;
import dev.millrace.server.shape.Waiters;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Sends log messages as server-sent events for a time (protocol section 6.5), those the client has
 * missed first. A client that reads slowly is sent nothing until its buffer has room, and then as
 * much as there is room for, from where it stands in the log.
 */
final class EventStream implements Waiters.Waiter, Exchange.Listener {

  private static final byte[] KEEP_ALIVE_COMMENT = ascii(": keep-alive\n\n");

  private final ShapeAnswer answer;
  private final Exchange exchange;
  private final Shape shape;
  private final Duration lifetime;
  private final Duration keepAlive;

  private Offset position;

  /** Whether messages went out that no up-to-date has followed: the client has not applied them. */
  private boolean owesUpToDate;

  private boolean isOver;

  /** Whether the shape has been dropped, and the stream ends as soon as there is another. */
  private boolean isLeaving;

  private long lastSentNanos = System.nanoTime();

  EventStream(ShapeAnswer answer) {
    this.answer = answer;
    this.exchange = answer.exchange();
    this.shape = answer.shape();
    this.lifetime = answer.endpoint().settings().times().eventStream();
    this.keepAlive = answer.endpoint().settings().times().keepAlive();
    this.position = answer.request().offset().orElseThrow();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  void start() {
    if (shape.isDropped()) {
      answer.endpoint().refetch(exchange, answer.request());
      return;
    }
    // The offset asked for, not the one reached: a client takes it over before it has read a frame,
    // and would miss what was cut off.
    boolean hasData = shape.log().hasAfter(position);
    HttpHeaders headers = answer.headers(position, hasData, !hasData);
    headers.set("content-type", "text/event-stream");
    headers.set("connection", "keep-alive");
    // Asks proxies that would gather the answer first, nginx among them, to pass it on.
    headers.set("x-accel-buffering", "no");
    exchange.begin(200, headers, -1);
    exchange.flush();
    answer.countLive(Traffic.LiveKind.EVENT_STREAM);
    exchange.listen(this);
    exchange.schedule(this::end, lifetime.toMillis());
    answer.endWithToken(this);
    exchange.schedule(this::keepAlive, keepAlive.toMillis());
    pump();
  }

  private void pump() {
    while (!exchange.isDone() && exchange.isWritable()) {
      if (shape.isDropped()) {
        leave();
        return;
      }
      LogEvents events = shape.log().events(position, exchange.room());
      if (events.isEmpty()) {
        await();
        return;
      }
      send(events);
      exchange.flush();
      if (isOver && !owesUpToDate) {
        exchange.finish();
      }
    }
  }

  private void leave() {
    if (!isLeaving) {
      isLeaving = true;
      answer.endpoint().finishForRefetch(exchange, answer.request());
    }
  }

  private void await() {
    shape.waiters().add(this);
    if (shape.isDropped() || shape.log().hasAfter(position)) {
      shape.waiters().remove(this);
      exchange.loop().execute(this::wake);
    }
  }

  private void send(LogEvents events) {
    for (byte[] run : events.runs()) {
      exchange.write(Unpooled.wrappedBuffer(run));
    }
    answer.endpoint().traffic().sentMessages(events.messages());
    position = events.end();
    owesUpToDate = !events.reachesEnd();
    if (events.reachesEnd()) {
      String message = ShapeAnswer.upToDate(new Lsn(position.tx()));
      exchange.write(Unpooled.wrappedBuffer(ascii("data: " + message + "\n\n")));
    }
    lastSentNanos = System.nanoTime();
  }

  private void keepAlive() {
    if (exchange.isDone()) {
      return;
    }
    long idle = System.nanoTime() - lastSentNanos;
    if (idle >= keepAlive.toNanos()) {
      exchange.write(Unpooled.wrappedBuffer(KEEP_ALIVE_COMMENT));
      exchange.flush();
      lastSentNanos = System.nanoTime();
      idle = 0;
    }
    exchange.schedule(this::keepAlive, keepAlive.minusNanos(idle).toMillis() + 1);
  }

  /** The time is over; a client that is catching up gets as far as it can use. */
  private void end() {
    isOver = true;
    if (!owesUpToDate) {
      shape.waiters().remove(this);
      exchange.finish();
    }
  }

  @Override
  public Executor executor() {
    return exchange.loop();
  }

  @Override
  public void wake() {
    answer.step(this::pump);
  }

  @Override
  public void writable() {
    answer.step(this::pump);
  }

  @Override
  public void closed() {
    shape.waiters().remove(this);
  }
}
