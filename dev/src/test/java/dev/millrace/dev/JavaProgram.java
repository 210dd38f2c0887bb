package dev.millrace.dev;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A main class of the test class path in a JVM of its own, its output in a file. */
final class JavaProgram implements AutoCloseable {
  private final Process process;
  private final Path output;

  private JavaProgram(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Settings of the environment, JVM flags, main class and arguments. */
  record Call(
      Map<String, String> settings, List<String> flags, Class<?> main, List<String> arguments) {}

  static JavaProgram start(Call call) throws IOException {
    Path output = Files.createTempFile("java-program-", ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(call.flags());
    command.add(call.main().getName());
    command.addAll(call.arguments());
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(call.settings());
    return new JavaProgram(builder.start(), output);
  }

  void awaitOutput(String text) throws IOException {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> output().contains(text) || !process.isAlive());
    if (!output().contains(text)) {
      throw new AssertionError("It ended without printing '" + text + "':\n" + output());
    }
  }

  String output() throws IOException {
    return Files.readString(output, UTF_8);
  }

  long pid() {
    return process.pid();
  }

  /** As {@code kill -9} does. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** As Ctrl-C does, or nearly: SIGTERM. */
  int terminate() throws InterruptedException {
    process.destroy();
    return process.waitFor();
  }

  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  /** Ends it in order, so that it can end what it started. */
  @Override
  public void close() throws IOException {
    process.destroy();
    process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
    Files.delete(output);
  }
}
