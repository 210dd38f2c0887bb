package dev.millrace.dev;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;

/**
 * A program that keeps a Postgres until it is killed: on the folder of its argument, or a temporary
 * one.
 */
final class PostgresHolder {
  private PostgresHolder() {}

  public static void main(String[] arguments) throws Exception {
    try (LocalPostgres postgres =
            arguments.length == 0
                ? LocalPostgres.temporary()
                : LocalPostgres.persistent(Path.of(arguments[0]), 0);
        Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create table if not exists seen (at timestamptz)");
      statement.execute("insert into seen values (now())");
      System.out.println("holding " + LocalPostgresTest.dataFolder(connection));
      Thread.currentThread().join();
    }
  }
}
