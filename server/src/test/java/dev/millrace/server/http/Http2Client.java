package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One connection of HTTP/2 in clear, by prior knowledge. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails is seen by who waits for the answer
final class Http2Client implements AutoCloseable {

  /** How much a stream may send before the client has read it. */
  static final int WINDOW = 10_000;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel connection;

  Http2Client(int port) throws InterruptedException {
    connection =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forClient()
                                .initialSettings(
                                    Http2Settings.defaultSettings().initialWindowSize(WINDOW))
                                .encoderEnforceMaxConcurrentStreams(false)
                                .build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                  }
                })
            .connect(InetAddress.getLoopbackAddress(), port)
            .sync()
            .channel();
  }

  /** What comes on one stream. */
  static final class Answer extends ChannelInboundHandlerAdapter {

    private final CompletableFuture<Integer> status = new CompletableFuture<>();
    private final CompletableFuture<String> body = new CompletableFuture<>();
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();

    int status() throws Exception {
      return status.get(20, TimeUnit.SECONDS);
    }

    /** The whole body, once its end has come. */
    String body() throws Exception {
      return body.get(20, TimeUnit.SECONDS);
    }

    /** How much of the body has come. */
    synchronized int length() {
      return text.length();
    }

    /** Completed when the stream is closed: true if its end has come before. */
    CompletableFuture<Boolean> closed() {
      return closed;
    }

    @Override
    public synchronized void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpResponse response) {
        status.complete(response.status().code());
      }
      if (message instanceof HttpContent content) {
        text.append(content.content().toString(ISO_8859_1));
      }
      if (message instanceof LastHttpContent) {
        body.complete(text.toString());
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      closed.complete(body.isDone());
    }
  }

  /** Sends a request and reads the answer. */
  Answer send(String method, String path, String body) throws Exception {
    return send(method, path, body, true);
  }

  /** Sends a request and reads nothing of the answer. */
  void sendAndStall(String path) throws Exception {
    send("GET", path, "", false);
  }

  private Answer send(String method, String path, String body, boolean isRead) throws Exception {
    Answer answer = new Answer();
    Channel stream = stream(answer);
    stream.config().setAutoRead(isRead);
    stream.writeAndFlush(request(method, path, body));
    return answer;
  }

  /** Sends a request and takes it back. */
  void sendAndReset(String path) throws Exception {
    Channel stream = stream(new Answer());
    stream.write(request("GET", path, ""));
    stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
  }

  private static FullHttpRequest request(String method, String path, String body) {
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(method),
            path,
            Unpooled.copiedBuffer(body, ISO_8859_1));
    request.headers().set("host", "x");
    return request;
  }

  private Channel stream(Answer answer) throws Exception {
    return new Http2StreamChannelBootstrap(connection)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel stream) {
                stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(false), answer);
              }
            })
        .open()
        .get(20, TimeUnit.SECONDS);
  }

  boolean isOpen() {
    return connection.isActive();
  }

  /** Completed when the connection is closed. */
  ChannelFuture closed() {
    return connection.closeFuture();
  }

  @Override
  public void close() {
    connection.close().awaitUninterruptibly();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
