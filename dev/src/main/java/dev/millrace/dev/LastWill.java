package dev.millrace.dev;

import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;

/**
 * A shell script that runs when this JVM ends without having closed it, kill -9 included. A shell
 * waits on a pipe that only this JVM holds; the kernel closes the pipe with the process.
 */
final class LastWill implements AutoCloseable {
  private static final String FRAME =
      "trap '' INT TERM HUP; read -r word; [ \"$word\" = revoked ] && exit; ";

  private final Process shell;

  private LastWill(Process shell) {
    this.shell = shell;
  }

  /** The script sees the arguments as {@code $1} and so on. */
  static LastWill of(String script, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("sh", "-c", FRAME + script, "sh"));
    command.addAll(List.of(arguments));
    return new LastWill(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.DISCARD)
            .start());
  }

  /** Revokes it. */
  @Override
  public void close() throws IOException {
    if (shell.isAlive()) {
      try (BufferedWriter pipe = shell.outputWriter()) {
        pipe.write("revoked\n");
      }
    }
  }
}
