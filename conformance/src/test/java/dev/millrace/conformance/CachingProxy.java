package dev.millrace.conformance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * An nginx before a server, on the loopback address, which keeps what the server's headers allow it
 * to keep and tells in {@code X-Cache} what it did. All its files are in one folder.
 */
final class CachingProxy implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(20);

  /** Not on the PATH of everybody who may run it. */
  private static final List<String> PROGRAMS = List.of("/usr/sbin/nginx", "/usr/bin/nginx");

  private final Process process;
  private final int port;
  private final Path requests;

  private CachingProxy(Process process, int port, Path requests) {
    this.process = process;
    this.port = port;
    this.requests = requests;
  }

  /** A request as its log has it: one of a client, or one of nginx itself in the background. */
  record Request(String uri, String cacheStatus, String serverStatus) {
    private static Request parse(String line) {
      String[] words = line.split(" ", -1);
      return new Request(words[0], words[1], words[2]);
    }
  }

  static CachingProxy start(URI server, Path folder) throws IOException {
    int port = UpProcess.freePort();
    Path config = folder.resolve("nginx.conf");
    Path log = folder.resolve("nginx.log");
    Path requests = folder.resolve("requests.log");
    Files.writeString(config, config(folder, server, port));
    Process process =
        new ProcessBuilder(
                program(), "-p", folder.toString(), "-e", "stderr", "-c", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    CachingProxy proxy = new CachingProxy(process, port, requests);
    Awaitility.await("nginx")
        .atMost(START_LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .failFast(() -> checkAlive(process, log))
        .until(proxy::isListening);
    return proxy;
  }

  private static String program() {
    return PROGRAMS.stream()
        .filter(each -> Files.isExecutable(Path.of(each)))
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                "nginx is missing: install it (Debian, as root: apt-get install nginx)."));
  }

  /**
   * Requests for event streams go by without the cache: what nginx keeps it also holds back until
   * there is enough of it.
   */
  private static String config(Path folder, URI server, int port) {
    return """
    daemon off;
    master_process off;
    pid %1$s/pid;
    error_log stderr warn;
    worker_rlimit_nofile 8192;
    events { worker_connections 4096; }
    http {
      keepalive_requests 100000;
      log_format requests '$request_uri $upstream_cache_status $upstream_status';
      access_log %1$s/requests.log requests;
      log_subrequest on;
      client_body_temp_path %1$s/body;
      proxy_temp_path %1$s/proxy;
      fastcgi_temp_path %1$s/fastcgi;
      uwsgi_temp_path %1$s/uwsgi;
      scgi_temp_path %1$s/scgi;
      proxy_cache_path %1$s/cache keys_zone=shapes:8m max_size=256m inactive=1h use_temp_path=off;
      upstream millrace { server %2$s; keepalive 64; keepalive_requests 100000; }
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_read_timeout 75s;
      large_client_header_buffers 4 32k;
      add_header X-Cache $upstream_cache_status always;
      server {
        listen 127.0.0.1:%3$d;
        location = /status { stub_status; access_log off; }
        location / { proxy_pass http://millrace; }
        location = /v1/shape {
          error_page 418 = @stream;
          if ($arg_live_sse = "true") { return 418; }
          proxy_pass http://millrace;
          proxy_cache shapes;
          proxy_cache_key $scheme$host$request_uri;
          proxy_cache_lock on;
          proxy_cache_lock_timeout 60s;
          proxy_cache_lock_age 60s;
          proxy_cache_use_stale updating;
          proxy_cache_background_update on;
          proxy_cache_revalidate on;
        }
        location @stream {
          proxy_pass http://millrace;
          proxy_buffering off;
        }
      }
    }
    """
        .formatted(folder, server.getAuthority(), port);
  }

  private static void checkAlive(Process process, Path log) throws IOException {
    if (!process.isAlive()) {
      throw new IllegalStateException("nginx has ended:\n" + Files.readString(log));
    }
  }

  private boolean isListening() {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Those answered so far, in that order. */
  List<Request> requests() throws IOException {
    try (Stream<String> lines = Files.lines(requests)) {
      return lines.map(Request::parse).toList();
    }
  }

  /** How many requests it has taken and not answered, the one that asks for this among them. */
  static int unanswered(String status) {
    Matcher writing = Pattern.compile("Writing: (\\d+)").matcher(status);
    if (!writing.find()) {
      throw new IllegalArgumentException("not nginx' status: " + status);
    }
    return Integer.parseInt(writing.group(1));
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
