package dev.millrace.bench.run;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A temporary folder that goes with {@link #close}, or with this JVM however it ends: a shell waits
 * on a pipe that only this JVM holds.
 */
public final class Workspace implements AutoCloseable {

  /** Some trials, because a server that is being killed may still be writing. */
  private static final String REMOVE =
      """
      trap '' INT TERM HUP
      read -r _
      for trial in 1 2 3 4 5; do rm -rf "$1" && exit; sleep 1; done
      """;

  private final Path folder;
  private final Process remover;

  private Workspace(Path folder, Process remover) {
    this.folder = folder;
    this.remover = remover;
  }

  static Workspace create() throws IOException {
    Path folder = Files.createTempDirectory("millrace-bench-").toRealPath();
    Process remover =
        new ProcessBuilder("sh", "-c", REMOVE, "sh", folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(Redirect.DISCARD)
            .start();
    return new Workspace(folder, remover);
  }

  /** A new folder in it. */
  public Path newFolder(String name) throws IOException {
    return Files.createTempDirectory(folder, name + "-");
  }

  @Override
  public void close() throws IOException {
    remover.outputWriter().close();
    try {
      remover.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
