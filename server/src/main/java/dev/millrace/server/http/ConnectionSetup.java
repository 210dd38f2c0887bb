package dev.millrace.server.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares a connection: TLS if there is a certificate, then HTTP/1.1 or HTTP/2, whichever the
 * client chooses (by ALPN; in clear by beginning with the preface of HTTP/2). A stream of HTTP/2 is
 * a channel of its own, with an {@link HttpConnection} as if it were a connection.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing cannot fail in a way that matters
final class ConnectionSetup extends ChannelInitializer<SocketChannel> {

  private static final Logger log = LoggerFactory.getLogger(ConnectionSetup.class);

  private static final int PIECE_BYTES = 256 << 10;

  /** So much a client of HTTP/1.1 may leave unread. */
  private static final int BUFFER_BYTES = 1 << 20;

  /** A connection may have a thousand streams, each with a piece waiting. */
  private static final int STREAM_PIECE_BYTES = 32 << 10;

  private static final int STREAM_BUFFER_BYTES = 64 << 10;

  private static final int MAX_STREAMS = 1000;

  /** Streams that may be broken off in {@link #RESET_SECONDS}, by either side. */
  private static final int MAX_RESETS = 2 * MAX_STREAMS;

  private static final int RESET_SECONDS = 30;
  private static final long GOODBYE_MILLIS = 2_000;

  /** Bodies on their way in take an eighth of the memory at most, or these many whole ones. */
  private static final long MEMORY_SHARE = 8;

  private static final long LEAST_BODIES = 4;

  private final RequestHandler handler;
  private final HttpSettings.Times times;
  private final @Nullable SslContext tls;
  private final BodyMemory memory =
      new BodyMemory(
          Math.max(
              LEAST_BODIES * IncomingRequest.MAX_BODY_BYTES,
              Runtime.getRuntime().maxMemory() / MEMORY_SHARE));

  private final Unread unread;

  /**
   * @param unread what the clients of these connections leave unread
   */
  ConnectionSetup(HttpSettings settings, RequestHandler handler, Unread unread) {
    this.unread = unread;
    this.handler = handler;
    this.times = settings.times();
    this.tls = settings.tls().map(TlsCertificate::context).orElse(null);
  }

  @Override
  protected void initChannel(SocketChannel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    if (tls == null) {
      pipeline.addLast(new Preface(this, times.idle()));
    } else {
      pipeline.addLast(tls.newHandler(channel.alloc()), new Negotiation());
    }
  }

  /** Goes by what the client asked for in its first message of TLS. */
  private final class Negotiation extends ApplicationProtocolNegotiationHandler {

    Negotiation() {
      super(ApplicationProtocolNames.HTTP_1_1);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext context, String protocol) {
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        speakHttp2(context.pipeline());
      } else {
        speakHttp1(context.pipeline());
      }
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
      log.debug("no TLS with a client", cause);
      context.close();
    }
  }

  void speakHttp1(ChannelPipeline pipeline) {
    pipeline.addLast(
        new HttpServerCodec(
            new HttpDecoderConfig()
                .setMaxInitialLineLength(IncomingRequest.MAX_LINE_BYTES)
                .setMaxHeaderSize(IncomingRequest.MAX_HEADER_BYTES)),
        // Behind the codec, so that half a head does not count as activity.
        idle(),
        new HttpConnection(
            handler,
            memory,
            new Outbound.Manner(tls == null, PIECE_BYTES, BUFFER_BYTES, times.stalled(), unread)));
  }

  void speakHttp2(ChannelPipeline pipeline) {
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                new Http2Settings()
                    .maxConcurrentStreams(MAX_STREAMS)
                    .maxHeaderListSize(IncomingRequest.MAX_HEADER_BYTES))
            .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_SECONDS)
            .encoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_SECONDS)
            .gracefulShutdownTimeoutMillis(GOODBYE_MILLIS)
            .build();
    pipeline.addLast(
        codec,
        idle(),
        new Http2MultiplexHandler(new StreamSetup()),
        new SharedConnection(codec.connection()));
  }

  private IdleStateHandler idle() {
    return new IdleStateHandler(0, 0, times.idle().toMillis(), TimeUnit.MILLISECONDS);
  }

  private final class StreamSetup extends ChannelInitializer<Channel> {

    @Override
    protected void initChannel(Channel stream) {
      stream
          .pipeline()
          .addLast(
              new Http2StreamFrameToHttpObjectCodec(true),
              new HttpConnection(
                  handler,
                  memory,
                  new Outbound.Manner(
                      false, STREAM_PIECE_BYTES, STREAM_BUFFER_BYTES, times.stalled(), unread)));
    }

    @Override
    public boolean isSharable() {
      return true;
    }
  }
}
