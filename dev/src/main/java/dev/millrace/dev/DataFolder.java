package dev.millrace.dev;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

/**
 * Where {@code up} keeps what lasts: the server's files, Postgres' in {@code postgres}, and {@code
 * database-url}, by which {@code sql} finds the database of an {@code up} that runs. The url may
 * carry a password, so only its owner can read it.
 */
record DataFolder(Path path) {
  /** MILLRACE_DATA_DIR, or {@code .millrace} in the working folder. */
  static DataFolder of(Map<String, String> environment) {
    String alias = environment.getOrDefault("ELECTRIC_STORAGE_DIR", ".millrace");
    Path path = Path.of(environment.getOrDefault("MILLRACE_DATA_DIR", alias));
    return new DataFolder(path.toAbsolutePath().normalize());
  }

  Path postgres() {
    return path.resolve("postgres");
  }

  void publish(String databaseUrl) throws IOException {
    withdraw();
    Files.createFile(
        urlFile(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(urlFile(), databaseUrl + "\n");
  }

  void withdraw() throws IOException {
    Files.deleteIfExists(urlFile());
  }

  /** Empty when no {@code up} runs here, though one that was killed may have left its url. */
  Optional<String> databaseUrl() throws IOException {
    if (!FolderLock.isTaken(path)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(urlFile()).strip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private Path urlFile() {
    return path.resolve("database-url");
  }
}
