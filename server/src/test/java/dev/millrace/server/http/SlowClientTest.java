package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of HTTP/1.1 that read slowly or not at all, and those that say nothing. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class SlowClientTest {

  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int CLIENTS = 10;

  private static final int CROWD = 100;
  private static final long BOUND = 8 << 20;

  private EchoServer server;
  private final List<Socket> clients = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = EchoServer.start(PATIENCE, PATIENCE);
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    server.close();
  }

  /** A client whose kernel takes little ahead of it. */
  private Socket ask(String path) throws IOException {
    Socket client = new Socket();
    clients.add(client);
    client.setReceiveBufferSize(64 << 10);
    client.setSoTimeout(20_000);
    client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    client
        .getOutputStream()
        .write("GET %s HTTP/1.1\r\nhost: x\r\n\r\n".formatted(path).getBytes(ISO_8859_1));
    return client;
  }

  private static long directMemory() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bytes", "/file"})
  void aClientThatStopsReadingPinsLittleAndIsGivenUp(String path) throws Exception {
    long before = directMemory();
    long most = 0;
    for (int i = 0; i < CLIENTS; i++) {
      EchoServer.until(ask(path), "\r\n\r\n");
      most = Math.max(most, directMemory());
    }

    // The write buffer of a megabyte and a piece for each, and what the allocator rounds up.
    assertThat(most - before).isLessThan(CLIENTS * 3L * (1 << 20));
    await().until(() -> server.gone() == CLIENTS);
    for (Socket client : clients) {
      assertThat(length(client)).isLessThan(EchoServer.LARGE);
    }
  }

  @Test
  void manyThatStopReadingShareABoundAndWhoReadsGetsAll() throws Exception {
    server.close();
    server = EchoServer.start(EchoServer.LONG, EchoServer.LONG, BOUND);
    long most = 0;
    for (int i = 0; i < CROWD; i++) {
      EchoServer.until(ask("/made"), "\r\n\r\n");
      most = Math.max(most, server.unread());
    }

    Socket reader = ask("/made");
    EchoServer.until(reader, "\r\n\r\n");
    assertThat(reader.getInputStream().readNBytes(EchoServer.LARGE)).hasSize(EchoServer.LARGE);

    assertThat(most).isBetween(BOUND / 2, BOUND + CROWD * Unread.LEAST_BYTES);
    for (Socket client : clients) {
      client.close();
    }
    await().untilAsserted(() -> assertThat(server.unread()).isZero());
  }

  /** How many bytes there are until the server closes or resets. */
  private static long length(Socket client) {
    long length = 0;
    byte[] buffer = new byte[64 << 10];
    try {
      InputStream in = client.getInputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        length += read;
      }
    } catch (IOException e) {
      // A reset: the server did not wait for the rest to be read.
    }
    return length;
  }

  @ParameterizedTest
  @ValueSource(strings = {"/bytes", "/file"})
  void aClientThatReadsSlowlyGetsAll(String path) throws Exception {
    Socket client = ask(path);
    EchoServer.until(client, "\r\n\r\n");
    InputStream in = client.getInputStream();
    var read = new AtomicInteger();
    try (var reader = Executors.newSingleThreadScheduledExecutor()) {
      var reading =
          reader.scheduleAtFixedRate(
              () -> {
                try {
                  int most = Math.min(1 << 19, EchoServer.LARGE - read.get());
                  read.addAndGet(in.readNBytes(most).length);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              0,
              60,
              TimeUnit.MILLISECONDS);

      await().until(() -> read.get() == EchoServer.LARGE);
      reading.cancel(true);
    }
    assertThat(server.gone()).isZero();
  }

  @Test
  void aConnectionWithoutARequestIsClosed() throws Exception {
    Socket silent = server.connect();
    clients.add(silent);
    Socket kept = server.connect();
    clients.add(kept);
    kept.getOutputStream().write("GET /a HTTP/1.1\r\nhost: x\r\n\r\nGET".getBytes(ISO_8859_1));

    assertThat(EchoServer.rest(silent)).isEmpty();
    assertThat(EchoServer.rest(kept)).endsWith("<GET /a 0 >");
  }

  @Test
  void anAnswerUnderWayIsNotIdle() throws Exception {
    Socket open = ask("/open");
    EchoServer.until(open, "\r\n\r\n");
    Socket idle = server.connect();
    clients.add(idle);

    assertThat(EchoServer.rest(idle)).isEmpty();

    assertThat(server.gone()).isZero();
  }
}
