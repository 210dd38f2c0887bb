package dev.millrace.conformance;

import dev.millrace.dev.LocalPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A server with small chunks and short long polls, its database with a table {@code items}, and
 * what tests ask of both. Shared by tests that each make tables of their own.
 */
final class ShapeServer implements AutoCloseable {

  static final int CHUNK_BYTES = 10_000;
  static final Duration LONG_POLL = Duration.ofSeconds(2);
  static final String ITEMS = "/v1/shape?table=items&offset=-1";

  private final AtomicInteger tables = new AtomicInteger();
  private final Path folder;
  private final SyncedDatabase database;
  private final ShapeHttp http;

  private ShapeServer(Path folder, SyncedDatabase database) {
    this.folder = folder;
    this.database = database;
    this.http = new ShapeHttp(database.server().uri());
  }

  static ShapeServer start(LocalPostgres postgres) {
    try {
      Path folder = Files.createTempDirectory("millrace-shapes-");
      Map<String, String> settings =
          Map.of(
              "MILLRACE_CHUNK_BYTES", Integer.toString(CHUNK_BYTES),
              "MILLRACE_LONG_POLL_TIMEOUT", Long.toString(LONG_POLL.toSeconds()),
              "MILLRACE_ENABLE_SHAPE_DELETION", "true");
      ShapeServer server =
          new ShapeServer(folder, SyncedDatabase.start(postgres, folder.resolve("data"), settings));
      server.database.execute(
          "create table items (id int primary key, name text, n int)",
          "insert into items values (1, 'milk', 2), (2, 'bread', null)",
          "create table generated (id int primary key, twice int generated always as (id * 2) virtual)");
      return server;
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("cannot start a server", e);
    }
  }

  ShapeHttp http() {
    return http;
  }

  SyncedDatabase database() {
    return database;
  }

  /** Where the server keeps the rows of large subsets while they are sent. */
  Path subsets() {
    return folder.resolve("data").resolve("server").resolve("subsets");
  }

  /** What nothing in the database is called yet. */
  String newName() {
    return "t" + tables.incrementAndGet();
  }

  /** Makes a table and runs further statements, whose {@code %s} is its name. */
  String newTable(String columns, String... statements) throws SQLException {
    String table = newName();
    database.execute("create table %s (%s)".formatted(table, columns));
    for (String statement : statements) {
      database.execute(statement.formatted(table));
    }
    return table;
  }

  ShapeCopy copy(String table, String... parameters) throws IOException, InterruptedException {
    return ShapeCopy.of(http, table, parameters);
  }

  void inOneTransaction(String... statements) throws SQLException {
    database.execute("begin; " + String.join("; ", statements) + "; commit");
  }

  @Override
  public void close() throws SQLException, IOException {
    http.close();
    database.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
