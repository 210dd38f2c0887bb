package dev.millrace.server.http;

import dev.millrace.protocol.Offset;
import dev.millrace.server.shape.Snapshot;
import dev.millrace.server.shape.Snapshot.Chunk;
import dev.millrace.server.shape.Waiters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.concurrent.Executor;

/**
 * Sends a chunk of the snapshot, as it grows if it is still being written. Waits for a chunk that
 * has not begun; goes on to the log if there is no such chunk.
 */
final class SnapshotAnswer implements Waiters.Waiter, Exchange.Listener {

  private final ShapeAnswer answer;
  private final Exchange exchange;
  private final Snapshot snapshot;
  private final int number;

  private boolean isBegun;
  private long sent;

  SnapshotAnswer(ShapeAnswer answer, int number) {
    this.answer = answer;
    this.exchange = answer.exchange();
    this.snapshot = answer.shape().snapshot();
    this.number = number;
  }

  void start() {
    exchange.listen(this);
    pump();
  }

  private void pump() {
    while (!exchange.isDone() && exchange.isWritable()) {
      if (!step()) {
        return;
      }
    }
  }

  /** Sends what there is; false if there is nothing to do until somebody calls again. */
  private boolean step() {
    Chunk chunk = snapshot.chunk(number);
    switch (chunk) {
      case Chunk.Written written when written.available() > sent || written.isComplete() -> {
        return send(written);
      }
      case Chunk.Written written -> await();
      case Chunk.Awaited() -> await();
      case Chunk.BeyondEnd() -> answer.endpoint().answerFromLog(answer);
      case Chunk.Failed failed -> fail(failed.cause());
    }
    return false;
  }

  private void await() {
    snapshot.growth().add(this);
    if (hasMore(snapshot.chunk(number))) {
      snapshot.growth().remove(this);
      exchange.loop().execute(this::wake);
    }
  }

  private boolean hasMore(Chunk chunk) {
    return switch (chunk) {
      case Chunk.Written written -> written.available() > sent || written.isComplete();
      case Chunk.Awaited() -> false;
      case Chunk.BeyondEnd() -> true;
      case Chunk.Failed failed -> true;
    };
  }

  private boolean send(Chunk.Written chunk) {
    if (!isBegun) {
      Offset end = Offset.snapshotChunk(number);
      if (answer.isKnown(end)) {
        answer.sendNotModified(end, false);
        return false;
      }
      begin(end, chunk);
    }
    exchange.write(chunk.file(), sent, chunk.available() - sent);
    sent = chunk.available();
    if (chunk.isComplete()) {
      exchange.write(bracket(']'));
      exchange.finish();
      return false;
    }
    exchange.flush();
    return true;
  }

  private void begin(Offset end, Chunk.Written chunk) {
    HttpHeaders headers = answer.headers(end, true, false);
    exchange.begin(200, headers, chunk.isComplete() ? chunk.available() + 1 : -1);
    exchange.write(bracket('['));
    // The bracket takes the place of the first message's comma.
    sent = 1;
    isBegun = true;
  }

  private static ByteBuf bracket(char c) {
    return Unpooled.wrappedBuffer(new byte[] {(byte) c});
  }

  private void fail(Throwable cause) {
    if (isBegun) {
      exchange.abort();
    } else {
      answer.endpoint().errors().send(exchange, cause);
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
    snapshot.growth().remove(this);
  }
}
