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

  private final RequestHandler handler;
  private final BodyMemory memory;
  private final Outbound.Manner manner;
  private final Deque<IncomingRequest> waiting = new ArrayDeque<>();

  private @Nullable ChannelHandlerContext context;
  private @Nullable IncomingRequest arriving;
  private @Nullable IncomingRequest answered;
  private @Nullable Exchange current;

  /** Whether a request was refused: what comes after it is dropped. */
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
    } else if (current == null) {
      inviteBody();
    } else if (request.isKept()) {
      context().channel().config().setAutoRead(false);
    }
  }

  /** Tells the client to go on if it waits for that. */
  private void inviteBody() {
    if (arriving != null && arriving.takeContinue()) {
      context()
          .writeAndFlush(
              new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
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
    isRefusing = request.refusal().isPresent();
    waiting.add(request);
    if (current == null) {
      next();
    }
  }

  private void next() {
    IncomingRequest request = waiting.poll();
    if (request == null) {
      inviteBody();
      readOn();
      return;
    }
    if (waiting.isEmpty() && arriving == null) {
      readOn();
    }
    Exchange exchange =
        new Exchange(
            context(),
            manner,
            request.head(),
            request.takeBody(),
            requestId(request.head()),
            request.refusal().isPresent(),
            this);
    answered = request;
    current = exchange;
    request
        .refusal()
        .ifPresentOrElse(
            refusal -> refusal.send(exchange),
            () -> handler.handle(exchange, request.head().uri()));
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
