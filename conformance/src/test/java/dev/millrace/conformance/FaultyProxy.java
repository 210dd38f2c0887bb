package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bad way to the server: what happens to each connection is drawn from a seed. Each has virtual
 * threads of its own. Once it is mended new connections are good, and what was bad has ended.
 */
final class FaultyProxy implements AutoCloseable {

  private static final int BUFFER_BYTES = 8192;
  private static final int SLOW_BYTES = 700;
  private static final int SLOW_MILLIS = 20;
  private static final int MOST_DELAY_MILLIS = 300;

  /** About so many pieces of answers come before a connection breaks, whatever it is. */
  private static final int MOST_READS = 30;

  /** What may happen to a connection. */
  enum Fault {
    NONE,
    /** All comes late, in both directions. */
    LATENCY,
    /** An answer comes a few bytes at a time. */
    SLOW_BYTES,
    /** It breaks somewhere in an answer. */
    CUT_ANSWER,
    /** It breaks somewhere in a request. */
    CUT_REQUEST,
    /** The request is done, and the connection breaks before the first byte of the answer. */
    LOST_ANSWER,
    /** A gateway in between answers in place of the server. */
    GATEWAY_ERROR,
    /** The same, after the server has done what was asked. */
    LATE_GATEWAY_ERROR
  }

  private final ServerSocket listener;
  private final URI server;
  private final Random random;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<Fault, AtomicInteger> met = new ConcurrentSkipListMap<>();
  private final CountDownLatch mended = new CountDownLatch(1);

  private FaultyProxy(ServerSocket listener, URI server, long seed) {
    this.listener = listener;
    this.server = server;
    this.random = new Random(seed);
  }

  static FaultyProxy start(URI server, long seed) throws IOException {
    ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    FaultyProxy proxy = new FaultyProxy(listener, server, seed);
    proxy.threads.execute(proxy::accept);
    return proxy;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** How many connections had each fault. */
  Map<Fault, AtomicInteger> met() {
    return met;
  }

  /** From now on all is well. */
  void mend() {
    mended.countDown();
  }

  private boolean isMended() {
    return mended.getCount() == 0;
  }

  private void pause(int millis) {
    try {
      if (mended.await(millis, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Fault fault =
            isMended() ? Fault.NONE : Fault.values()[random.nextInt(Fault.values().length)];
        met.computeIfAbsent(fault, one -> new AtomicInteger()).incrementAndGet();
        long seed = random.nextLong();
        threads.execute(() -> connect(client, fault, new Random(seed)));
      } catch (IOException e) {
        // The listener was closed.
      }
    }
  }

  private void connect(Socket client, Fault fault, Random chance) {
    if (fault == Fault.GATEWAY_ERROR) {
      refuse(client, chance);
      return;
    }
    try (client;
        Socket upstream = new Socket(server.getHost(), server.getPort())) {
      long requestSeed = chance.nextLong();
      threads.execute(() -> sendRequests(client, upstream, fault, new Random(requestSeed)));
      sendAnswers(client, upstream, fault, chance);
    } catch (IOException e) {
      // One side has gone; the other goes too.
    }
  }

  /** Answers before the request has come to its end. */
  private static void refuse(Socket client, Random chance) {
    try (client) {
      if (client.getInputStream().read(new byte[BUFFER_BYTES]) > 0) {
        client.getOutputStream().write(gatewayError(chance));
      }
    } catch (IOException e) {
      // The client has gone.
    }
  }

  private static byte[] gatewayError(Random chance) {
    String status =
        switch (chance.nextInt(4)) {
          case 0 -> "502 Bad Gateway";
          case 1 -> "503 Service Unavailable\r\nretry-after: 1";
          case 2 -> "504 Gateway Timeout";
          default -> "500 Internal Server Error";
        };
    return "HTTP/1.1 %s\r\ncontent-type: text/html\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>"
        .formatted(status)
        .getBytes(US_ASCII);
  }

  private void sendRequests(Socket client, Socket upstream, Fault fault, Random chance) {
    int left = chance.nextInt(4_000);
    byte[] buffer = new byte[BUFFER_BYTES];
    try (upstream) {
      InputStream in = client.getInputStream();
      OutputStream out = upstream.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (fault == Fault.LATENCY) {
          pause(chance.nextInt(MOST_DELAY_MILLIS));
        }
        if (fault == Fault.CUT_REQUEST && !isMended() && read >= left) {
          out.write(buffer, 0, left);
          client.close();
          return;
        }
        left -= read;
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // One side has gone; the other goes too.
    }
  }

  private void sendAnswers(Socket client, Socket upstream, Fault fault, Random chance)
      throws IOException {
    InputStream in = upstream.getInputStream();
    OutputStream out = client.getOutputStream();
    int left = chance.nextInt(4_000);
    byte[] buffer = new byte[fault == Fault.SLOW_BYTES ? SLOW_BYTES : BUFFER_BYTES];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      if (!isMended() && chance.nextInt(MOST_READS) == 0) {
        return;
      }
      switch (isMended() ? Fault.NONE : fault) {
        case LATENCY -> pause(chance.nextInt(MOST_DELAY_MILLIS));
        case SLOW_BYTES -> pause(SLOW_MILLIS);
        case LOST_ANSWER -> {
          return;
        }
        case LATE_GATEWAY_ERROR -> {
          out.write(gatewayError(chance));
          return;
        }
        case CUT_ANSWER -> {
          if (read >= left) {
            out.write(buffer, 0, left);
            return;
          }
          left -= read;
        }
        default -> {}
      }
      out.write(buffer, 0, read);
    }
  }

  @Override
  public void close() throws IOException {
    mend();
    listener.close();
    threads.shutdownNow();
  }
}
