package dev.millrace.dev;

import static dev.millrace.dev.DevException.attempt;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The sync server in a JVM of its own, with this JVM's Java and class path, so that it can be
 * killed, paused and restarted. It ends with this JVM at the latest. All it prints goes to {@code
 * server.log} in its data folder.
 *
 * <p>Methods may be called from any thread.
 */
public final class ServerProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final Duration HEALTH_LIMIT = Duration.ofSeconds(2);
  private static final int LOG_BYTES = 64 * 1024;

  private final Map<String, String> settings;
  private final List<String> jvmFlags;
  private volatile Run run;

  /** One life of the server, and what ends it when this JVM goes first. */
  private record Run(Process process, LastWill will) {}

  private ServerProcess(Map<String, String> settings, List<String> jvmFlags) throws IOException {
    this.settings = Map.copyOf(settings);
    this.jvmFlags = List.copyOf(jvmFlags);
    this.run = launch();
  }

  /**
   * Starts a server and waits until it is healthy, a minute at most. It gets the settings given
   * here and none from this process's environment. A free port is chosen where MILLRACE_PORT is
   * absent, a new temporary folder where MILLRACE_DATA_DIR is.
   */
  public static ServerProcess start(Map<String, String> environment, List<String> jvmFlags) {
    ServerProcess server = begin(environment, jvmFlags);
    return attempt(
        "start the server",
        () -> {
          server.awaitHealthy();
          return server;
        });
  }

  /** As {@link #start}, but does not wait: it may be told to follow what is not there. */
  public static ServerProcess begin(Map<String, String> environment, List<String> jvmFlags) {
    return attempt(
        "start the server",
        () -> {
          Map<String, String> settings = new TreeMap<>(environment);
          if (!settings.containsKey("MILLRACE_PORT")) {
            settings.put("MILLRACE_PORT", Integer.toString(FreePort.any()));
          }
          if (!settings.containsKey("MILLRACE_DATA_DIR")) {
            Path folder = Files.createTempDirectory("millrace-server-");
            settings.put("MILLRACE_DATA_DIR", folder.toString());
          }
          return new ServerProcess(settings, jvmFlags);
        });
  }

  public URI uri() {
    String scheme = certificate().isPresent() ? "https" : "http";
    return URI.create(scheme + "://127.0.0.1:" + port());
  }

  public int port() {
    return Integer.parseInt(setting("MILLRACE_PORT"));
  }

  public long pid() {
    return run.process().pid();
  }

  /** What it has printed in all its lives; the last 64 KiB when that is more. */
  public String log() {
    return attempt(
        "read " + logFile(),
        () -> {
          try (FileChannel file = FileChannel.open(logFile())) {
            file.position(Math.max(0, file.size() - LOG_BYTES));
            return new String(Channels.newInputStream(file).readAllBytes(), UTF_8);
          }
        });
  }

  /** Ends it by SIGKILL, as a crash would. */
  public synchronized void kill() {
    Signal.KILL.send(pid());
    awaitEnd();
  }

  /**
   * Asks it to end (SIGTERM) and waits. Killed, and that is an error, when it takes more than 30
   * seconds.
   */
  public synchronized void stop() {
    Signal.TERM.send(pid());
    resume();
    if (!awaitEnd()) {
      kill();
      throw new DevException("The server did not stop within " + STOP_LIMIT + ":\n" + log());
    }
  }

  /** Starts it again with the same settings on the same port; one that runs is stopped before. */
  public synchronized void restart() {
    attempt(
        "restart the server",
        () -> {
          close();
          run = launch();
          awaitHealthy();
          return this;
        });
  }

  /** Freezes it (SIGSTOP), as a machine that sleeps does. */
  public void pause() {
    Signal.STOP.send(pid());
  }

  /** Ends a {@link #pause}. */
  public void resume() {
    Signal.CONT.send(pid());
  }

  /** Stops it if it runs. */
  @Override
  public synchronized void close() {
    if (run.process().isAlive()) {
      stop();
    }
  }

  private Optional<Path> certificate() {
    return Optional.ofNullable(settings.get("MILLRACE_TLS_CERT")).map(Path::of);
  }

  private String setting(String name) {
    return settings.getOrDefault(name, "");
  }

  private Path logFile() {
    return Path.of(setting("MILLRACE_DATA_DIR"), "server.log");
  }

  private Run launch() throws IOException {
    Files.createDirectories(logFile().getParent());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmFlags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("dev.millrace.server.Main", "serve"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(logFile().toFile()));
    builder.environment().keySet().removeIf(ServerProcess::isSetting);
    builder.environment().putAll(settings);
    Process process = builder.start();
    return new Run(process, LastWill.of("kill -KILL $1", Long.toString(process.pid())));
  }

  private static boolean isSetting(String variable) {
    return variable.equals("DATABASE_URL")
        || variable.startsWith("MILLRACE_")
        || variable.startsWith("ELECTRIC_");
  }

  private void awaitHealthy() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    HttpClient.Builder client = HttpClient.newBuilder();
    if (certificate().isPresent()) {
      client.sslContext(TrustedCertificate.only(certificate().get()));
    }
    try (HttpClient http = client.build()) {
      while (!isHealthy(http)) {
        if (!run.process().isAlive()) {
          awaitEnd();
          throw new DevException("The server ended while it started:\n" + log());
        }
        if (System.nanoTime() > deadline) {
          kill();
          throw new DevException("The server was not healthy in " + START_LIMIT + ":\n" + log());
        }
        Thread.sleep(20);
      }
    }
  }

  private boolean isHealthy(HttpClient http) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri().resolve("/v1/health")).timeout(HEALTH_LIMIT).build();
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // Not listening yet.
    }
  }

  /** False when it still runs after {@link #STOP_LIMIT}. */
  private boolean awaitEnd() {
    return attempt(
        "wait for the server's end",
        () -> {
          boolean ended = run.process().waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
          if (ended) {
            run.will().close();
          }
          return ended;
        });
  }
}
