package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;

/**
 * A listening server whose answers say what it was asked: method, path, length of the body and the
 * body itself if it is short.
 */
final class EchoServer implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 20_000;
  private static final int SHORT = 100;

  private final HttpServer server;

  private EchoServer(HttpServer server) {
    this.server = server;
  }

  static EchoServer start() throws IOException {
    HttpSettings settings =
        new HttpSettings(
            "127.0.0.1",
            0,
            Optional.empty(),
            Optional.empty(),
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO);
    return new EchoServer(
        HttpServer.listen(settings, EchoServer::echo, Executors.newVirtualThreadPerTaskExecutor()));
  }

  private static void echo(Exchange exchange, String uri) {
    byte[] body = exchange.body();
    String text = body.length > SHORT ? "" : new String(body, ISO_8859_1);
    exchange.send(
        200,
        new DefaultHttpHeaders(),
        "<%s %s %d %s>".formatted(exchange.method(), uri, body.length, text));
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
  public void close() {
    server.close();
  }
}
