package dev.millrace.client.sqlite;

/** SQLite refuses or fails: the disk is full, the file is damaged, a statement is wrong. */
public final class SqliteException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public SqliteException(String message, Throwable cause) {
    super(message, cause);
  }
}
