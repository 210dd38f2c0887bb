package dev.millrace.bench.bare;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A program that does no more than it must: it reads HTTP requests with the library's decoder, and
 * answers with bytes that were made before it started, from one buffer that all share.
 *
 * <ul>
 *   <li>{@code GET …live=true…}: the bytes of the file {@code head} at once, those of {@code
 *       change} whenever {@code /go} is asked for, the same to all who wait. In the mode {@code
 *       once} that ends the answer, and the client asks again.
 *   <li>{@code GET /go}: sets that off.
 *   <li>{@code GET /file}: the head, then the change, by sendfile.
 *   <li>Anything else: an empty answer.
 * </ul>
 *
 * <p>It prints its port when it listens, and ends with its input.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
public final class BareServer {
  private static final int BACKLOG = 4096;
  private static final byte[] EMPTY =
      "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".getBytes(US_ASCII);

  private final boolean isOnce;
  private final File changeFile;
  private final ByteBuf head;
  private final ByteBuf change;
  private final ByteBuf empty = shared(EMPTY);
  private final Map<EventLoop, List<Channel>> waiting = new ConcurrentHashMap<>();

  private BareServer(boolean isOnce, Path head, Path change) throws IOException {
    this.isOnce = isOnce;
    this.changeFile = change.toFile();
    this.head = shared(Files.readAllBytes(head));
    this.change = shared(Files.readAllBytes(change));
  }

  private static ByteBuf shared(byte[] bytes) {
    return Unpooled.directBuffer(bytes.length).writeBytes(bytes).asReadOnly();
  }

  /** Arguments: {@code once} or {@code stay}, the file of the head, that of the change. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BareServer server =
        new BareServer(arguments[0].equals("once"), Path.of(arguments[1]), Path.of(arguments[2]));
    System.out.println(server.listen());
    while (System.in.read() >= 0) {
      // Whoever started this keeps the pipe open.
    }
    System.exit(0);
  }

  /** As many event loops as the server has. Returns the port. */
  private int listen() throws InterruptedException {
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().name("http-", 0).factory(),
            EpollIoHandler.newFactory());
    loops.forEach(loop -> waiting.put((EventLoop) loop, new ArrayList<>()));
    Channel listener =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new Pipeline())
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  private final class Pipeline extends ChannelInitializer<SocketChannel> {
    @Override
    protected void initChannel(SocketChannel channel) {
      channel.pipeline().addLast(new HttpRequestDecoder(), new Client());
    }
  }

  private final class Client extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpRequest request) {
        answer(context.channel(), request.uri());
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  private void answer(Channel channel, String uri) {
    if (uri.contains("live=true")) {
      if (head.isReadable()) {
        channel.writeAndFlush(head.retainedDuplicate());
      }
      waitingOn(channel.eventLoop()).add(channel);
    } else if (uri.equals("/file")) {
      channel.write(head.retainedDuplicate());
      channel.writeAndFlush(new DefaultFileRegion(changeFile, 0, change.readableBytes()));
    } else {
      channel.writeAndFlush(empty.retainedDuplicate());
      if (uri.equals("/go")) {
        waiting.keySet().forEach(loop -> loop.execute(() -> broadcast(loop)));
      }
    }
  }

  private List<Channel> waitingOn(EventLoop loop) {
    return waiting.getOrDefault(loop, List.of());
  }

  private void broadcast(EventLoop loop) {
    List<Channel> mine = waitingOn(loop);
    for (Channel channel : mine) {
      channel.writeAndFlush(change.retainedDuplicate());
    }
    if (isOnce) {
      mine.clear();
    }
  }
}
