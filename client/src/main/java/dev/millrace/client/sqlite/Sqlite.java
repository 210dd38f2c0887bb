package dev.millrace.client.sqlite;

import java.nio.file.Path;

/** Opens SQLite databases. */
@FunctionalInterface
public interface Sqlite {

  /**
   * Opens the database in that file, made if it is absent.
   *
   * @throws SqliteException if that cannot be
   */
  SqliteConnection open(Path file);
}
