package dev.millrace.bench.device;

import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.sqlite.SqliteConnection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The yardstick: the same rows in a plain table of SQLite, without anything of ours. One thread.
 */
final class PlainNotes implements AutoCloseable {

  private static final String INSERT =
      "insert into notes (id, owner, title, rank, made) values (?, ?, ?, ?, ?)";

  private final SqliteConnection connection;

  /**
   * Opens an empty table.
   *
   * @param synchronous SQLite's pragma: full or normal
   */
  PlainNotes(Path folder, String synchronous) {
    connection = new JdbcSqlite().open(folder.resolve("plain.db"));
    connection.run("pragma journal_mode = wal");
    connection.run("pragma synchronous = " + synchronous);
    connection.run("create table notes (id, owner, title, rank, made, primary key (id))");
    connection.run("create index by_rank on notes (rank, title)");
  }

  /** One row in a transaction of its own. */
  void insert(int number) {
    connection.run(INSERT, values(UUID.randomUUID(), number));
  }

  static @Nullable Object[] values(UUID id, int number) {
    return new @Nullable Object[] {
      id.toString(), "ada", DeviceBench.title(number), (long) DeviceBench.rank(number), 0L
    };
  }

  /** Rows with numbers from 0 on, so many in a transaction. */
  void fill(int rows, int batch) {
    for (int from = 0; from < rows; from += batch) {
      connection.run("begin");
      for (int i = from; i < Math.min(rows, from + batch); i++) {
        insert(i);
      }
      connection.run("commit");
    }
  }

  /** The first 50 of a rank by title. */
  int find(int rank) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    connection.query(
        "select id, owner, title, rank, made from notes where rank = ? order by title, id limit 50",
        List.of((long) rank),
        row -> {
          List<@Nullable Object> values = new ArrayList<>();
          for (int i = 0; i < 5; i++) {
            values.add(row.value(i));
          }
          rows.add(values);
        });
    return rows.size();
  }

  @Override
  public void close() {
    connection.close();
  }
}
