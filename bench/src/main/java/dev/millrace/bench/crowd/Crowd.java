package dev.millrace.bench.crowd;

import dev.millrace.bench.client.Target;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Clients on this machine, one connection each, all read and written by one thread. Its methods may
 * be called from any one other thread.
 */
public final class Crowd implements AutoCloseable {
  private static final int BUFFER_BYTES = 256 << 10;

  /** Clients come from so many loopback addresses, so that no port is wanted twice. */
  private static final int SOURCES = 8;

  private final Selector selector;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final byte[] bytes = new byte[BUFFER_BYTES];
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final List<Client> clients = new ArrayList<>();
  private final Thread thread = Thread.ofPlatform().daemon().name("crowd").unstarted(this::run);

  private volatile boolean closed;
  private volatile @Nullable IOException failure;

  private Crowd(Selector selector) {
    this.selector = selector;
  }

  public static Crowd gather() throws IOException {
    Crowd crowd = new Crowd(Selector.open());
    crowd.thread.start();
    return crowd;
  }

  /** Connects one more client, which asks nothing before {@link #begin}. */
  public void add(int port, Errand errand) throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.bind(new InetSocketAddress(loopback(2 + clients.size() % SOURCES), 0));
      channel.connect(new InetSocketAddress(loopback(1), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    clients.add(new Client(channel, errand));
  }

  private static InetAddress loopback(int last) {
    return InetAddress.ofLiteral("127.0.0." + last);
  }

  public int size() {
    return clients.size();
  }

  /** All who have been added from {@code first} on ask for the first time. */
  public void begin(int first) {
    List<Client> starting = List.copyOf(clients.subList(first, clients.size()));
    tasks.add(() -> starting.forEach(Client::begin));
    selector.wakeup();
  }

  /** Why one of them is not served any more, if that has happened. */
  public Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  private void run() {
    try {
      while (!closed) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
        }
        selector.select(key -> ((Client) key.attachment()).read());
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  /** One of them. On the crowd's thread. */
  private final class Client {
    private final SocketChannel channel;
    private final Errand errand;
    private final AnswerReader reader;

    Client(SocketChannel channel, Errand errand) {
      this.channel = channel;
      this.errand = errand;
      this.reader = new AnswerReader(errand, () -> ask(errand.next()));
    }

    void begin() {
      attempt(() -> {
        channel.register(selector, SelectionKey.OP_READ, this);
        ask(errand.first());
      });
    }

    void read() {
      attempt(() -> {
        buffer.clear();
        int length = channel.read(buffer);
        if (length < 0) {
          throw new EOFException("the server closed a connection");
        }
        buffer.flip();
        buffer.get(bytes, 0, length);
        reader.read(bytes, length);
      });
    }

    private void ask(Optional<String> path) throws IOException {
      if (path.isPresent()) {
        ByteBuffer out = ByteBuffer.wrap(Target.request(path.get()));
        channel.write(out);
        if (out.hasRemaining()) {
          throw new IOException("a server reads no requests");
        }
      }
    }

    private void attempt(AnswerReader.End step) {
      try {
        step.reached();
      } catch (IOException e) {
        if (failure == null && !closed) {
          failure = e;
        }
        close();
      }
    }

    void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** All hang up. */
  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    clients.forEach(Client::close);
    selector.close();
  }
}
