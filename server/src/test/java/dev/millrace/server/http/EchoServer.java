package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A listening server whose answers say what it was asked: method, path, length of the body and the
 * body itself if it is short. {@code /bytes} is a large answer out of memory, {@code /file} one out
 * of a file, {@code /made} one that is made as the client takes it, {@code /open} one that does not
 * end.
 */
final class EchoServer implements AutoCloseable {

  /** Of the large answers. */
  static final int LARGE = 20_000_000;

  static final Duration LONG = Duration.ofSeconds(75);

  private static final long ENOUGH = 1L << 30;
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int SHORT = 100;
  private static final byte[] BYTES = new byte[LARGE];

  private final HttpServer server;
  private final Unread unread;
  private final Path file;
  private final AtomicInteger gone = new AtomicInteger();

  private EchoServer(HttpSettings settings, Unread unread) throws IOException {
    this.unread = unread;
    this.file = Files.write(Files.createTempFile("millrace-echo-", ".bytes"), BYTES);
    this.server =
        HttpServer.listen(
            settings, this::answer, unread, Executors.newVirtualThreadPerTaskExecutor());
  }

  static EchoServer start() throws IOException {
    return start(LONG, LONG);
  }

  /** One that closes idle and stalled connections sooner. */
  static EchoServer start(Duration idle, Duration stalled) throws IOException {
    return start(idle, stalled, ENOUGH);
  }

  /** One whose clients may leave so much unread, all together. */
  static EchoServer start(Duration idle, Duration stalled, long unreadBytes) throws IOException {
    return new EchoServer(
        new HttpSettings(
            "127.0.0.1",
            0,
            Optional.empty(),
            Optional.empty(),
            true,
            false,
            1,
            1,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            new HttpSettings.Times(idle, LONG, LONG, stalled),
            WriteLimits.DEFAULT),
        new Unread(unreadBytes));
  }

  private void answer(Exchange exchange, String uri) {
    switch (uri) {
      case "/bytes" -> large(exchange, () -> exchange.write(Unpooled.wrappedBuffer(BYTES)));
      case "/made" -> {
        Made made = new Made(exchange);
        large(exchange, made::writable);
        exchange.listen(made);
      }
      case "/file" -> large(exchange, () -> exchange.write(file, 0, LARGE));
      case "/open" -> {
        exchange.begin(200, new DefaultHttpHeaders(), -1);
        exchange.flush();
        exchange.listen(new Gone());
      }
      default -> echo(exchange, uri);
    }
  }

  private void large(Exchange exchange, Runnable body) {
    exchange.begin(200, new DefaultHttpHeaders(), LARGE);
    exchange.listen(new Gone());
    body.run();
    exchange.flush();
  }

  /** Makes as much as there is room for. */
  private final class Made implements Exchange.Listener {

    private final Exchange exchange;
    private int left = LARGE;

    Made(Exchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public void writable() {
      while (left > 0 && exchange.isWritable()) {
        int length = Math.min(left, exchange.room());
        exchange.write(Unpooled.wrappedBuffer(new byte[length]));
        left -= length;
        exchange.flush();
      }
      if (left == 0) {
        exchange.finish();
      }
    }

    @Override
    public void closed() {
      gone.incrementAndGet();
    }
  }

  /** Counts clients that leave in the middle of an answer. */
  private final class Gone implements Exchange.Listener {

    @Override
    public void writable() {
      // all has been written
    }

    @Override
    public void closed() {
      gone.incrementAndGet();
    }
  }

  private static void echo(Exchange exchange, String uri) {
    byte[] body = exchange.body();
    String text = body.length > SHORT ? "" : new String(body, ISO_8859_1);
    exchange.send(
        200,
        new DefaultHttpHeaders(),
        "<%s %s %d %s>".formatted(exchange.method(), uri, body.length, text));
  }

  int port() {
    return server.port();
  }

  /** How many bytes lie in memory for clients. */
  long unread() {
    return unread.bytes();
  }

  /** How many clients have left in the middle of an answer, or were sent away. */
  int gone() {
    return gone.get();
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    return socket;
  }

  /** Sends each part when the kernel has the one before, and returns all that comes. */
  String send(String... parts) throws IOException {
    try (Socket socket = connect()) {
      for (String part : parts) {
        socket.getOutputStream().write(part.getBytes(ISO_8859_1));
      }
      return rest(socket);
    }
  }

  /** All that comes until the server closes. */
  static String rest(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
  }

  /** All that comes until {@code end} has come. */
  static String until(Socket socket, String end) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("ended after: " + text);
      }
      text.append((char) next);
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.delete(file);
  }
}
