package dev.millrace.server.http;

import dev.millrace.server.auth.Principal;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way in: its head, and as much of its body as has come. Only the body of a POST
 * is kept; all are counted. Belongs to its connection's event loop.
 */
final class IncomingRequest {

  static final int MAX_LINE_BYTES = 10_000;
  static final int MAX_HEADER_BYTES = 16 << 10;

  /** A body may have this many bytes. */
  static final int MAX_BODY_BYTES = 8_000_000;

  private final HttpRequest head;
  private final BodyMemory memory;
  private final boolean isKept;
  private ByteArrayOutputStream body = new ByteArrayOutputStream(0);
  private long received;
  private long taken;
  private boolean awaitsContinue;
  private boolean isWhole;
  private boolean isReleased;
  private Admittance.@Nullable Admitted admitted;
  private @Nullable Reply refusal;

  IncomingRequest(HttpRequest head, BodyMemory memory) {
    this.head = head;
    this.memory = memory;
    this.isKept = head.method().equals(HttpMethod.POST);
    Throwable failure = head.decoderResult().cause();
    if (failure != null) {
      refusal = Refusal.of(failure);
    } else if (head.uri().length() > MAX_LINE_BYTES) {
      refusal = Refusal.LINE_TOO_LONG;
    } else if (HttpUtil.getContentLength(head, 0L) > MAX_BODY_BYTES) {
      refusal = Refusal.BODY_TOO_LARGE;
    } else {
      awaitsContinue = HttpUtil.is100ContinueExpected(head);
    }
  }

  HttpRequest head() {
    return head;
  }

  /** Whether it has a body that takes memory. */
  boolean isKept() {
    return isKept;
  }

  /** What it is to be answered with, if it is not to be handled. */
  Optional<Reply> refusal() {
    return Optional.ofNullable(refusal);
  }

  void refuse(Reply reply) {
    refusal = reply;
  }

  /** Whether its body has come to its end, so that one knows where the next request begins. */
  boolean isWhole() {
    return isWhole;
  }

  /** Bytes of the body that have come. */
  long received() {
    return received;
  }

  /** Whether it is known if it may go on. */
  boolean isDecided() {
    return admitted != null || refusal != null;
  }

  void decide(Admittance verdict) {
    switch (verdict) {
      case Admittance.Refused(Reply reply) -> refusal = reply;
      case Admittance.Admitted may -> {
        admitted = may;
        if (isReleased) {
          may.leave().run();
        }
      }
    }
  }

  /** Who sends it, where that matters. */
  Optional<Principal> principal() {
    return admitted == null ? Optional.empty() : admitted.principal();
  }

  /** Whether the client sends the body only when told to; true once. */
  boolean takeContinue() {
    boolean asked = awaitsContinue;
    awaitsContinue = false;
    return asked;
  }

  /** Adds to the body, or finds a reason to refuse the request. */
  void add(HttpContent part) {
    Throwable failure = part.decoderResult().cause();
    received += part.content().readableBytes();
    isWhole = part instanceof LastHttpContent && failure == null;
    if (failure != null) {
      refusal = Refusal.of(failure);
    } else if (received > MAX_BODY_BYTES) {
      refusal = Refusal.BODY_TOO_LARGE;
    } else if (isKept) {
      keep(part.content());
    }
  }

  private void keep(ByteBuf part) {
    int length = part.readableBytes();
    if (!memory.take(length)) {
      refusal = Refusal.TOO_MANY_BODIES;
      return;
    }
    taken += length;
    try {
      part.readBytes(body, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Hands over what has come of the body, once; empty if it is not kept. */
  byte[] takeBody() {
    byte[] whole = body.toByteArray();
    body = new ByteArrayOutputStream(0);
    return whole;
  }

  /** It is over. */
  void release() {
    memory.giveBack(taken);
    taken = 0;
    if (admitted != null && !isReleased) {
      admitted.leave().run();
    }
    isReleased = true;
  }
}
