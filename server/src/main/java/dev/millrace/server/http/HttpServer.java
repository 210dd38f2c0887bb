package dev.millrace.server.http;

import dev.millrace.protocol.WriteAnswer;
import dev.millrace.protocol.WriteBatch;
import dev.millrace.server.auth.Authenticator;
import dev.millrace.server.auth.Principal;
import dev.millrace.server.filter.FilterAnalysis;
import dev.millrace.server.policy.RowSecurity;
import dev.millrace.server.policy.WhereQueries;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.shape.Shapes;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/** The listening socket and its event loops: epoll where there is one, NIO elsewhere. */
public final class HttpServer implements AutoCloseable {

  /** What the server calls itself in {@code electric-server}. */
  static final String SERVER_NAME = "Millrace/0.1.0";

  private static final int BACKLOG = 4096;
  private static final Duration SHUTDOWN = Duration.ofSeconds(2);

  /** A client that has this much unread is sent no more until it has read half. */
  private static final WriteBufferWaterMark WRITE_BUFFER =
      new WriteBufferWaterMark(512 << 10, 1 << 20);

  /** What all clients leave unread takes an eighth of the memory at most. */
  private static final long MEMORY_SHARE = 8;

  private final EventLoopGroup loops;
  private final ExecutorService workers;
  private final Channel listener;

  private HttpServer(EventLoopGroup loops, ExecutorService workers, Channel listener) {
    this.loops = loops;
    this.workers = workers;
    this.listener = listener;
  }

  /**
   * What the endpoints work with.
   *
   * @param writes empty if the server takes none
   */
  public record Parts(
      Shapes shapes,
      Catalog catalog,
      FilterAnalysis analysis,
      RowSecurity security,
      WhereQueries queries,
      Health health,
      InstantSource clock,
      RandomGenerator random,
      Traffic traffic,
      Optional<Writes> writes,
      WriteCounts writeCounts,
      List<Route> added) {}

  /** Who may write, and what applies it; that blocks, and may be called from many threads. */
  public record Writes(
      Authenticator authenticator, BiFunction<Principal, WriteBatch, WriteAnswer> gateway) {}

  /**
   * Listens.
   *
   * @throws IOException if the port cannot be had
   */
  public static HttpServer start(HttpSettings settings, Parts parts) throws IOException {
    ExecutorService workers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("request-", 0).factory());
    ShapeEndpoint shapes =
        new ShapeEndpoint(
            settings,
            parts.writes().map(Writes::authenticator),
            parts.shapes(),
            parts.catalog(),
            parts.analysis(),
            parts.security(),
            parts.queries(),
            parts.health(),
            parts.clock(),
            parts.random(),
            parts.traffic(),
            workers);
    WriteEndpoint writes =
        new WriteEndpoint(
            settings.writes(), parts.writes(), parts.writeCounts(), parts.random(), workers);
    Routes others = new Routes(parts.added(), workers);
    Router router = new Router(shapes, writes, parts.health(), others, parts.traffic());
    return listen(settings, router, workers);
  }

  /**
   * Listens on a port of its own for these routes and nothing else.
   *
   * @throws IOException if the port cannot be had
   */
  public static HttpServer start(HttpSettings settings, List<Route> routes) throws IOException {
    ExecutorService workers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("route-", 0).factory());
    return listen(settings, new Routes(routes, workers)::handle, workers);
  }

  /**
   * Listens, and has requests answered by {@code handler}.
   *
   * @param workers closed with the server
   * @throws IOException if the port cannot be had
   */
  static HttpServer listen(HttpSettings settings, RequestHandler handler, ExecutorService workers)
      throws IOException {
    long bound = Runtime.getRuntime().maxMemory() / MEMORY_SHARE;
    return listen(settings, handler, new Unread(bound), workers);
  }

  static HttpServer listen(
      HttpSettings settings, RequestHandler handler, Unread unread, ExecutorService workers)
      throws IOException {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().name("http-", 0).factory(),
            io);
    try {
      var setup = new ConnectionSetup(settings, handler, unread);
      Channel listener = bind(settings, loops, serverChannel(epoll), setup);
      return new HttpServer(loops, workers, listener);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while opening port " + settings.port(), e);
    } catch (Exception e) {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
      workers.shutdown();
      throw new IOException(
          "Cannot listen on %s:%d: %s.".formatted(settings.host(), settings.port(), e.getMessage()),
          e);
    }
  }

  private static Class<? extends ServerChannel> serverChannel(boolean epoll) {
    return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  private static Channel bind(
      HttpSettings settings,
      EventLoopGroup loops,
      Class<? extends ServerChannel> type,
      ConnectionSetup setup)
      throws InterruptedException {
    return new ServerBootstrap()
        .group(loops)
        .channel(type)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_BUFFER)
        .childHandler(setup)
        .bind(new InetSocketAddress(settings.host(), settings.port()))
        .sync()
        .channel();
  }

  /** The port in use, also when the settings asked for any. */
  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    loops.shutdownGracefully(0, SHUTDOWN.toMillis(), TimeUnit.MILLISECONDS).awaitUninterruptibly();
    workers.shutdownNow();
  }
}
