package dev.millrace.bench.bare;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.JvmProcess;
import dev.millrace.bench.run.Workspace;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A running {@link BareServer}, in a JVM of its own with the flags and class path of the server.
 */
public final class BareProcess implements AutoCloseable {
  private final Process process;
  private final int port;

  private BareProcess(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts one; it ends with this JVM at the latest. */
  public static BareProcess start(Workspace workspace, Prepared answer) throws IOException {
    Path folder = workspace.newFolder("bare");
    Path head = Files.write(folder.resolve("head"), answer.head());
    Path change = Files.write(folder.resolve("change"), answer.change());
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(
                JvmProcess.command(
                    BareServer.class,
                    answer.isWhole() ? "once" : "stay",
                    head.toString(),
                    change.toString()))
            .redirectError(Redirect.to(errors.toFile()))
            .start();
    String line = process.inputReader(UTF_8).readLine();
    if (line == null) {
      throw new BenchException(
          "The bare server did not start: " + Files.readString(errors).strip());
    }
    return new BareProcess(process, Integer.parseInt(line));
  }

  public int port() {
    return port;
  }

  public JvmProcess process() {
    return new JvmProcess(process.pid());
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
