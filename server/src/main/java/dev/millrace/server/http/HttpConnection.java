package dev.millrace.server.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection: reads requests with their bodies and has them answered one after another,
 * however they arrive. While an answer is under way no body is read behind it, so a connection
 * holds one body at most. Runs on its event loop.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // closing a connection cannot fail in a way that matters
final class HttpConnection extends ChannelInboundHandlerAdapter implements Exchange.Owner {

  private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);

  /** Requests a client may send ahead of the answers. */
  private static final int MAX_PIPELINED = 16;

  /** How long a client that is still sending may take to notice that it has its answer. */
  private static final long LINGER_MILLIS = 2_000;

  /** A body may take this many times as long as it may take for any of it. */
  private static final int MAX_LOOKS = 10;

  private final RequestHandler handler;
  private final BodyMemory memory;
  private final Outbound.Manner manner;
  private final Deque<IncomingRequest> waiting = new ArrayDeque<>();

  private @Nullable ChannelHandlerContext context;
  private @Nullable IncomingRequest arriving;
  private @Nullable IncomingRequest answered;
  private @Nullable Exchange current;
  private @Nullable Future<?> bodyWatch;

  /** Whether it is being decided if a request may go on; nothing else is begun meanwhile. */
  private boolean isDeciding;

  /** Whether a request was refused before it was whole: what comes after it is dropped. */
  private boolean isRefusing;

  HttpConnection(RequestHandler handler, BodyMemory memory, Outbound.Manner manner) {
    this.handler = handler;
    this.memory = memory;
    this.manner = manner;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    this.context = context;
  }

  private ChannelHandlerContext context() {
    if (context == null) {
      throw new IllegalStateException("not part of a pipeline yet");
    }
    return context;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (!isRefusing && message instanceof HttpRequest head) {
        begin(new IncomingRequest(head, memory));
      }
      if (!isRefusing && arriving != null && message instanceof HttpContent part) {
        add(arriving, part);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(IncomingRequest request) {
    arriving = request;
    if (waiting.size() >= MAX_PIPELINED) {
      context().close();
    } else if (request.refusal().isPresent()) {
      arrived(request);
    } else if (isIdle()) {
      inviteBody();
    } else if (request.isKept()) {
      pause();
    }
  }

  /** Whether no request is before the one that is arriving. */
  private boolean isIdle() {
    return current == null && waiting.isEmpty() && !isDeciding;
  }

  /** Asks if the request that is arriving may go on, and has its body sent. */
  private void inviteBody() {
    IncomingRequest request = arriving;
    if (request == null) {
      return;
    }
    if (!request.isDecided()) {
      decide(request);
      return;
    }
    if (request.takeContinue()) {
      context()
          .writeAndFlush(
              new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    }
    if (request.isKept()) {
      watch(request, 1);
    }
  }

  private void decide(IncomingRequest request) {
    isDeciding = true;
    handler.admit(
        request.head(),
        verdict -> {
          if (context().executor().inEventLoop()) {
            decided(request, verdict);
          } else {
            context().executor().execute(() -> decided(request, verdict));
          }
        });
    if (isDeciding) {
      pause();
    }
  }

  private void decided(IncomingRequest request, Admittance verdict) {
    isDeciding = false;
    request.decide(verdict);
    if (!context().channel().isActive()) {
      return;
    }
    if (arriving != request) {
      next();
    } else if (request.refusal().isPresent()) {
      arrived(request);
    } else {
      inviteBody();
      readOn();
    }
  }

  /** Gives up a body that makes no progress, or takes very long in all. */
  private void watch(IncomingRequest request, int looks) {
    long before = request.received();
    bodyWatch =
        context()
            .executor()
            .schedule(
                () -> {
                  if (request.received() == before || looks == MAX_LOOKS) {
                    request.refuse(Refusal.BODY_TOO_SLOW);
                    arrived(request);
                  } else {
                    watch(request, looks + 1);
                  }
                },
                manner.patience().toMillis(),
                TimeUnit.MILLISECONDS);
  }

  private void endWatch() {
    if (bodyWatch != null) {
      bodyWatch.cancel(false);
      bodyWatch = null;
    }
  }

  private void add(IncomingRequest request, HttpContent part) {
    request.add(part);
    if (part instanceof LastHttpContent || request.refusal().isPresent()) {
      arrived(request);
    }
  }

  private void arrived(IncomingRequest request) {
    arriving = null;
    endWatch();
    isRefusing = request.refusal().isPresent() && !request.isWhole();
    waiting.add(request);
    if (current == null && !isDeciding) {
      next();
    }
  }

  private void next() {
    IncomingRequest request = waiting.peek();
    if (request == null) {
      inviteBody();
      if (!isDeciding) {
        readOn();
      }
      return;
    }
    if (!request.isDecided()) {
      decide(request);
      return;
    }
    waiting.remove();
    if (waiting.isEmpty() && arriving == null) {
      readOn();
    }
    Exchange exchange =
        new Exchange(
            context(),
            manner,
            request.head(),
            request.takeBody(),
            request.principal(),
            requestId(request.head()),
            request.refusal().isPresent() && !request.isWhole(),
            this);
    answered = request;
    current = exchange;
    request
        .refusal()
        .ifPresentOrElse(
            refusal -> refusal.send(exchange),
            () -> handler.handle(exchange, request.head().uri()));
  }

  private void pause() {
    context().channel().config().setAutoRead(false);
  }

  private void readOn() {
    context().channel().config().setAutoRead(true);
  }

  private static String requestId(HttpRequest request) {
    String sent = request.headers().get("x-request-id");
    boolean isValid = sent != null && sent.matches("[A-Za-z0-9+/=_-]{20,200}");
    return isValid
        ? sent
        : String.format(Locale.ROOT, "%020x", ThreadLocalRandom.current().nextLong());
  }

  /** Goes on in a task of its own, so that a train of requests does not nest. */
  @Override
  public void answered() {
    if (current != null && current.isLast()) {
      end();
    } else {
      context().executor().execute(this::goOn);
    }
  }

  private void goOn() {
    releaseAnswered();
    current = null;
    if (context().channel().isActive()) {
      next();
    }
  }

  private void releaseAnswered() {
    if (answered != null) {
      answered.release();
      answered = null;
    }
  }

  /**
   * Closes. After a refusal we close our side only and read on for a moment: closing with unread
   * input would make the kernel reset the connection, and the client would lose its answer. On
   * HTTP/2 the client is told to stop sending.
   */
  private void end() {
    Channel channel = context().channel();
    if (isRefusing && channel instanceof DuplexChannel socket) {
      SslHandler tls = channel.pipeline().get(SslHandler.class);
      if (tls == null) {
        socket.shutdownOutput();
      } else {
        tls.closeOutbound();
      }
      channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    } else if (isRefusing && channel instanceof Http2StreamChannel) {
      channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
    } else {
      channel.close();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (current != null && context.channel().isWritable()) {
      current.connectionWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    waiting.forEach(IncomingRequest::release);
    waiting.clear();
    endWatch();
    if (arriving != null) {
      arriving.release();
      arriving = null;
    }
    releaseAnswered();
    if (current != null) {
      current.connectionClosed();
    }
  }

  /** Closes connections on which nothing has happened for long, unless an answer is under way. */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent && current == null) {
      context.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException || cause instanceof CodecException)) {
      log.warn("closing a connection after an error", cause);
    }
    context.close();
  }
}
