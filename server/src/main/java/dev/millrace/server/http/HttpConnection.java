package dev.millrace.server.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection: answers its requests one after another, however they arrive. Bodies are
 * read and dropped. Runs on its event loop.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // closing a connection cannot fail in a way that matters
final class HttpConnection extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);

  /** Requests a client may send ahead of the answers. */
  private static final int MAX_PIPELINED = 16;

  private final Router router;
  private final Deque<HttpRequest> waiting = new ArrayDeque<>();
  private @Nullable Exchange current;

  HttpConnection(Router router) {
    this.router = router;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof HttpRequest request) {
        waiting.add(request);
        if (waiting.size() > MAX_PIPELINED) {
          context.close();
        } else if (current == null) {
          next(context);
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void next(ChannelHandlerContext context) {
    HttpRequest request = waiting.poll();
    if (request == null) {
      return;
    }
    Exchange exchange =
        new Exchange(
            context,
            request,
            requestId(request),
            () -> context.executor().execute(() -> done(context)));
    current = exchange;
    Throwable failure = request.decoderResult().cause();
    if (failure == null) {
      router.handle(exchange, request.uri());
    } else {
      exchange.send(statusOf(failure), new DefaultHttpHeaders(), "Bad request");
      context.close();
    }
  }

  private void done(ChannelHandlerContext context) {
    current = null;
    if (context.channel().isActive()) {
      next(context);
    }
  }

  private static int statusOf(Throwable failure) {
    return switch (failure) {
      case TooLongHttpLineException tooLong -> 414;
      case TooLongHttpHeaderException tooLong -> 431;
      default -> 400;
    };
  }

  private static String requestId(HttpRequest request) {
    String sent = request.headers().get("x-request-id");
    boolean isValid = sent != null && sent.matches("[A-Za-z0-9+/=_-]{20,200}");
    return isValid
        ? sent
        : String.format(Locale.ROOT, "%020x", ThreadLocalRandom.current().nextLong());
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (current != null && context.channel().isWritable()) {
      current.connectionWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    waiting.clear();
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
    if (!(cause instanceof IOException)) {
      log.warn("closing a connection after an error", cause);
    }
    context.close();
  }
}
