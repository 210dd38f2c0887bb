package dev.millrace.client;

import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.sqlite.Sqlite;
import dev.millrace.client.sqlite.SqliteConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of one device, which outlive its process. Opening, closing and preparing statements
 * anew is most of what a simulation would do, so connections of a process that ended go to the next
 * one, rolled back: it sees what it would see had they been closed. One that is not thrifty closes
 * them, and SQLite recovers what it finds. One thread.
 */
final class SimulatedDisk implements Sqlite, AutoCloseable {

  private final Sqlite sqlite = new JdbcSqlite();
  private final boolean isThrifty;
  private final Map<Path, Deque<SqliteConnection>> idle = new HashMap<>();
  private final List<SqliteConnection> all = new ArrayList<>();

  SimulatedDisk(boolean isThrifty) {
    this.isThrifty = isThrifty;
  }

  @Override
  public SqliteConnection open(Path file) {
    Deque<SqliteConnection> left = idle.computeIfAbsent(file, unused -> new ArrayDeque<>());
    SqliteConnection connection = Files.exists(file) ? left.poll() : null;
    if (connection == null) {
      connection = sqlite.open(file);
      all.add(connection);
    } else {
      connection.run("pragma query_only = 0");
    }
    return new Lent(file, connection);
  }

  private final class Lent implements SqliteConnection {
    private final Path file;
    private final SqliteConnection connection;
    private boolean isOpen;
    private boolean isBegun;

    Lent(Path file, SqliteConnection connection) {
      this.file = file;
      this.connection = connection;
      this.isOpen = true;
    }

    @Override
    public int run(String sql, @Nullable Object... values) {
      int changed = connection.run(sql, values);
      switch (sql) {
        case "begin", "begin immediate" -> isBegun = true;
        case "commit", "rollback" -> isBegun = false;
        default -> {
          // Within a transaction or without one, as before.
        }
      }
      return changed;
    }

    @Override
    public void query(String sql, List<? extends @Nullable Object> values, RowReader reader) {
      connection.query(sql, values, reader);
    }

    @Override
    public void close() {
      if (!isOpen) {
        return;
      }
      isOpen = false;
      if (isThrifty) {
        if (isBegun) {
          connection.run("rollback");
        }
        idle.computeIfAbsent(file, unused -> new ArrayDeque<>()).push(connection);
      } else {
        connection.close();
        all.remove(connection);
      }
    }
  }

  @Override
  public void close() {
    all.forEach(SqliteConnection::close);
    all.clear();
  }
}
