package dev.millrace.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A way to the server on which every connection breaks once the server has sent a random number of
 * bytes, until it is mended. Every second connection lives for a while before: the official client
 * takes three short event streams in a row for a fault of the way and does without from then on.
 * Each connection has virtual threads of its own.
 */
final class CuttingProxy implements AutoCloseable {
  private static final int BUFFER_BYTES = 8192;
  private static final Duration LONG_LIFE = Duration.ofMillis(1200);

  private final ServerSocket listener;
  private final URI server;
  private final int mostBytes;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger cuts = new AtomicInteger();
  private final Random random;
  private volatile boolean isMended;

  private CuttingProxy(ServerSocket listener, URI server, int mostBytes, long seed) {
    this.listener = listener;
    this.server = server;
    this.mostBytes = mostBytes;
    this.random = new Random(seed);
  }

  /** Breaks a connection after up to {@code mostBytes}, drawn from the seed. */
  static CuttingProxy start(URI server, int mostBytes, long seed) throws IOException {
    ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    CuttingProxy proxy = new CuttingProxy(listener, server, mostBytes, seed);
    proxy.threads.execute(proxy::accept);
    return proxy;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** How many connections it has broken. */
  int cuts() {
    return cuts.get();
  }

  /** From now on connections last. */
  void mend() {
    isMended = true;
  }

  private void accept() {
    for (int number = 0; !listener.isClosed(); number++) {
      try {
        Socket client = listener.accept();
        Duration safe = number % 2 == 0 ? LONG_LIFE : Duration.ZERO;
        Limit limit = new Limit(System.nanoTime() + safe.toNanos(), random.nextInt(mostBytes));
        threads.execute(() -> connect(client, limit));
      } catch (IOException e) {
        // The listener was closed.
      }
    }
  }

  /** A connection breaks after so many bytes, counted from a moment on. */
  private record Limit(long fromNanos, int bytes) {
    boolean isCounting() {
      return System.nanoTime() - fromNanos > 0;
    }
  }

  private void connect(Socket client, Limit limit) {
    try (client;
        Socket upstream = new Socket(server.getHost(), server.getPort())) {
      threads.execute(() -> sendRequests(client, upstream));
      sendAnswers(upstream.getInputStream(), client.getOutputStream(), limit);
    } catch (IOException e) {
      // One side has gone; the other goes too.
    }
  }

  private static void sendRequests(Socket client, Socket upstream) {
    try (upstream) {
      client.getInputStream().transferTo(upstream.getOutputStream());
    } catch (IOException e) {
      // One side has gone; the other goes too.
    }
  }

  private void sendAnswers(InputStream in, OutputStream out, Limit limit) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    int left = limit.bytes();
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      boolean isCounting = !isMended && limit.isCounting();
      if (isCounting && read >= left) {
        out.write(buffer, 0, left);
        cuts.incrementAndGet();
        return;
      }
      out.write(buffer, 0, read);
      left -= isCounting ? read : 0;
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    threads.shutdownNow();
  }
}
