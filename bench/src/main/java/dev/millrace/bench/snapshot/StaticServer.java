package dev.millrace.bench.snapshot;

import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.Program;
import dev.millrace.bench.run.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** An nginx of one worker that serves a folder on a free port, by sendfile, with keep-alive. */
final class StaticServer implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(10);

  private final Process process;
  private final int port;

  private StaticServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Serves what is in the folder {@code root}; {@code own} is for its own files. */
  static StaticServer start(Program nginx, Path root, Path own) throws IOException {
    int port = freePort();
    Path config = own.resolve("nginx.conf");
    Path log = own.resolve("nginx.log");
    Files.writeString(config, config(own, port, root));
    Process process =
        nginx.startLeashed(log, "-p", own.toString(), "-e", "stderr", "-c", config.toString());
    StaticServer server = new StaticServer(process, port);
    if (!server.isListeningSoon()) {
      server.close();
      throw new BenchException("nginx did not start: " + Files.readString(log).strip());
    }
    return server;
  }

  private static String config(Path own, int port, Path root) {
    return """
    daemon off;
    master_process off;
    worker_processes 1;
    pid %1$s/pid;
    error_log stderr warn;
    events { worker_connections 64; }
    http {
      access_log off;
      sendfile on;
      tcp_nopush on;
      keepalive_timeout 600;
      keepalive_requests 100000;
      types { }
      default_type application/json;
      client_body_temp_path %1$s;
      proxy_temp_path %1$s;
      fastcgi_temp_path %1$s;
      uwsgi_temp_path %1$s;
      scgi_temp_path %1$s;
      server {
        listen 127.0.0.1:%2$d;
        root %3$s;
      }
    }
    """
        .formatted(own, port, root);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean isListeningSoon() {
    return Waiting.until(this::isListening, Duration.ofMillis(20), START_LIMIT);
  }

  private boolean isListening() {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  int port() {
    return port;
  }

  @Override
  public void close() throws IOException {
    process.outputWriter().close();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
