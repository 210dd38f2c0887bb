package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** {@code ./millrace up} as a person starts it, on a data folder and a port. */
final class UpProcess implements AutoCloseable {
  /** The launcher may have to build before. */
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private static final Duration END_LIMIT = Duration.ofSeconds(30);

  private final Process process;
  private final Path folder;
  private final int port;
  private final Path output;
  private final List<ProcessHandle> started = new ArrayList<>();

  private UpProcess(Process process, Path folder, int port, Path output) {
    this.process = process;
    this.folder = folder;
    this.port = port;
    this.output = output;
    this.started.add(process.toHandle());
  }

  /** Does not wait for it. */
  static UpProcess launch(Path folder, int port) throws IOException {
    Path output = Files.createTempFile("millrace-up-", ".log");
    Process process =
        command(folder, port, "up")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    return new UpProcess(process, folder, port, output);
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Waits until the server is healthy. */
  UpProcess awaitHealthy() {
    Awaitility.await("up on port " + port)
        .atMost(START_LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .failFast(this::checkAlive)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> get("/v1/health").statusCode() == 200);
    started.addAll(process.descendants().toList());
    return this;
  }

  private void checkAlive() throws IOException {
    if (!process.isAlive()) {
      throw new IllegalStateException("up has ended:\n" + output());
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + port + "/");
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(uri().resolve(path)).timeout(Duration.ofSeconds(10)).build();
      return http.send(request, BodyHandlers.ofString());
    }
  }

  /** Runs {@code ./millrace sql} against it, and returns what that prints. */
  String sql(String statement) throws IOException, InterruptedException {
    Process sql = command(folder, port, "sql", statement).redirectErrorStream(true).start();
    String said = new String(sql.getInputStream().readAllBytes(), UTF_8);
    if (sql.waitFor() != 0) {
      throw new IllegalStateException("./millrace sql failed:\n" + said);
    }
    return said;
  }

  /** What it has printed. */
  String output() throws IOException {
    return Files.readString(output);
  }

  /** It and what it had started, Postgres among them. */
  List<ProcessHandle> processes() {
    return List.copyOf(started);
  }

  /**
   * Those of {@link #processes} that still run. An ended one is none of them before its parent has
   * noticed: for what a killed program leaves behind that is the machine's first process, which may
   * take its time.
   */
  List<ProcessHandle> running() {
    return started.stream().filter(UpProcess::isRunning).toList();
  }

  /** The state is the word after the program's name, which stands in parentheses. */
  private static boolean isRunning(ProcessHandle process) {
    try {
      String status = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return process.isAlive() && status.charAt(status.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException e) {
      return false;
    }
  }

  /** Starts it again, on the same folder and port; does not wait for it either. */
  UpProcess again() throws IOException {
    return launch(folder, port);
  }

  /** Asks it to end (SIGTERM) and waits. */
  int terminate() {
    process.destroy();
    return awaitEnd();
  }

  /** Ends it by SIGKILL; Postgres lives on. */
  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** The exit code. */
  int awaitEnd() {
    Awaitility.await("end of up").atMost(END_LIMIT).until(() -> !process.isAlive());
    return process.exitValue();
  }

  private static ProcessBuilder command(Path folder, int port, String... arguments) {
    List<String> words = new ArrayList<>();
    words.add(Repository.root().resolve("millrace").toString());
    words.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(words);
    Map<String, String> environment = builder.environment();
    Set<String> settings = Set.copyOf(environment.keySet());
    settings.stream().filter(UpProcess::isSetting).forEach(environment::remove);
    environment.put("MILLRACE_DATA_DIR", folder.toString());
    environment.put("MILLRACE_PORT", Integer.toString(port));
    return builder;
  }

  private static boolean isSetting(String variable) {
    return variable.equals("DATABASE_URL")
        || variable.startsWith("MILLRACE_")
        || variable.startsWith("ELECTRIC_");
  }

  /** Ends whatever is left of it. */
  @Override
  public void close() throws IOException {
    Stream.concat(started.stream(), process.descendants()).toList().stream()
        .filter(ProcessHandle::isAlive)
        .peek(ProcessHandle::destroyForcibly)
        .map(ProcessHandle::onExit)
        .forEach(CompletableFuture::join);
    Files.deleteIfExists(output);
  }
}
