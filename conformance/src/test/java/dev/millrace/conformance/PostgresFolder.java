package dev.millrace.conformance;

import dev.millrace.dev.LocalPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** What can be done with the folder of a {@link LocalPostgres#persistent} that is closed. */
final class PostgresFolder {
  private PostgresFolder() {}

  /** A backup of a Postgres at rest, as a file system's snapshot would be. */
  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      files.forEach(file -> {
        try {
          Path target = to.resolve(from.relativize(file).toString());
          Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }

  /**
   * What is started on the second folder follows the Postgres of the first, which has to be started
   * on that port.
   */
  static void makeStandby(Path primary, Path standby, int port) throws IOException {
    Files.createDirectory(standby);
    copy(primary.resolve("data"), standby.resolve("data"));
    Files.createFile(standby.resolve("data/standby.signal"));
    Files.writeString(
        standby.resolve("data/postgresql.auto.conf"),
        "primary_conninfo = 'host=127.0.0.1 port=%d user=postgres'%n".formatted(port));
  }
}
