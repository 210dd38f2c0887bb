package dev.millrace.conformance;

import dev.millrace.dev.LocalPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A way to Postgres that can lead to another one, break, or swallow all that is sent on it while
 * both ends believe that they are connected. Each connection has virtual threads of its own.
 */
final class PostgresProxy implements AutoCloseable {
  private static final int NOWHERE = -1;
  private static final int BUFFER_BYTES = 8192;

  private final ServerSocket listener;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Way> ways = new CopyOnWriteArrayList<>();
  private volatile int port = NOWHERE;

  private PostgresProxy(ServerSocket listener) {
    this.listener = listener;
  }

  /** One that leads nowhere: what connects is cut off at once. */
  static PostgresProxy start() throws IOException {
    PostgresProxy proxy =
        new PostgresProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    proxy.threads.execute(proxy::accept);
    return proxy;
  }

  static PostgresProxy to(LocalPostgres postgres) throws IOException {
    PostgresProxy proxy = start();
    proxy.leadTo(postgres);
    return proxy;
  }

  /** The address of a database, with the login as it stands in a url. */
  String url(String login, String database) {
    return "postgresql://%s@127.0.0.1:%d/%s".formatted(login, listener.getLocalPort(), database);
  }

  /** Breaks all connections; new ones go there. */
  void leadTo(LocalPostgres postgres) {
    port = postgres.port();
    ways.forEach(Way::close);
  }

  /** From now on nothing comes out of the connections that there are; new ones are whole. */
  void swallow() {
    ways.forEach(way -> way.isSwallowing = true);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        threads.execute(() -> connect(client));
      } catch (IOException e) {
        // The listener was closed.
      }
    }
  }

  private void connect(Socket client) {
    try (client) {
      if (port == NOWHERE) {
        return;
      }
      try (Socket upstream = new Socket(InetAddress.getLoopbackAddress(), port)) {
        Way way = new Way(client, upstream);
        ways.add(way);
        Future<?> answers = threads.submit(() -> way.pass(upstream, client));
        way.pass(client, upstream);
        // Of a way that swallows one end may stay long after the other has gone.
        answers.get();
        ways.remove(way);
      }
    } catch (IOException | ExecutionException e) {
      // One side has gone; the other goes too.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Way {
    private final Socket client;
    private final Socket upstream;
    private volatile boolean isSwallowing;

    Way(Socket client, Socket upstream) {
      this.client = client;
      this.upstream = upstream;
    }

    void pass(Socket from, Socket to) {
      byte[] buffer = new byte[BUFFER_BYTES];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          if (!isSwallowing) {
            out.write(buffer, 0, read);
          }
        }
      } catch (IOException e) {
        // One side has gone; the other goes too, unless it is not to know.
      }
      if (!isSwallowing) {
        close();
      }
    }

    void close() {
      try (client;
          upstream) {
        isSwallowing = false;
      } catch (IOException e) {
        // It is gone either way.
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    ways.forEach(Way::close);
    threads.shutdownNow();
  }
}
