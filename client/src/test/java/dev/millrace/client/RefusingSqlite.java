package dev.millrace.client;

import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.sqlite.Sqlite;
import dev.millrace.client.sqlite.SqliteConnection;
import dev.millrace.client.sqlite.SqliteException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SQLite on a disk that refuses some statements, while the process goes on. */
final class RefusingSqlite implements Sqlite {

  private final Sqlite real = new JdbcSqlite();
  private volatile String refused = "";

  /** From now on a statement fails whose first value is that; none if it is empty. */
  void refuse(String value) {
    refused = value;
  }

  @Override
  public SqliteConnection open(Path file) {
    SqliteConnection connection = real.open(file);
    return new SqliteConnection() {

      @Override
      public int run(String sql, @Nullable Object... values) {
        if (values.length > 0 && !refused.isEmpty() && refused.equals(values[0])) {
          throw new SqliteException("the disk is full", new IllegalStateException(sql));
        }
        return connection.run(sql, values);
      }

      @Override
      public void query(String sql, List<? extends @Nullable Object> values, RowReader reader) {
        connection.query(sql, values, reader);
      }

      @Override
      public void close() {
        connection.close();
      }
    };
  }
}
