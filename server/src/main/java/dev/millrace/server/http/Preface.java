package dev.millrace.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a connection in clear: those that HTTP/2 begins with, or a request of
 * HTTP/1.1. A client that sends neither in good time is sent away.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class Preface extends ByteToMessageDecoder {

  private static final ByteBuf EXPECTED = Http2CodecUtil.connectionPrefaceBuf();

  private final ConnectionSetup setup;
  private final Duration limit;
  private @Nullable Future<?> end;

  Preface(ConnectionSetup setup, Duration limit) {
    this.setup = setup;
    this.limit = limit;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    end =
        context.executor().schedule(() -> context.close(), limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    int length = Math.min(in.readableBytes(), EXPECTED.readableBytes());
    boolean isHttp2 =
        ByteBufUtil.equals(in, in.readerIndex(), EXPECTED, EXPECTED.readerIndex(), length);
    ChannelPipeline pipeline = context.pipeline();
    if (!isHttp2) {
      setup.speakHttp1(pipeline);
      pipeline.remove(this);
    } else if (length == EXPECTED.readableBytes()) {
      setup.speakHttp2(pipeline);
      pipeline.remove(this);
    }
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) {
    if (end != null) {
      end.cancel(false);
    }
  }
}
