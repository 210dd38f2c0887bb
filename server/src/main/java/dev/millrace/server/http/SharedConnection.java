package dev.millrace.server.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.timeout.IdleStateEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of a connection of HTTP/2 belongs to none of its streams: closes it when it is idle, that
 * is, when nothing has happened for long and no stream is open.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class SharedConnection extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(SharedConnection.class);

  private final Http2Connection streams;

  SharedConnection(Http2Connection streams) {
    this.streams = streams;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent && streams.numActiveStreams() == 0) {
      context.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("closing a connection after an error", cause);
    context.close();
  }
}
