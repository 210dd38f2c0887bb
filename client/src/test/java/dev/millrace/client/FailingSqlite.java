package dev.millrace.client;

import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.sqlite.Sqlite;
import dev.millrace.client.sqlite.SqliteConnection;
import dev.millrace.client.sqlite.SqliteException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** SQLite over a disk that refuses some statements while it is told to. */
final class FailingSqlite implements Sqlite {

  private final Sqlite sqlite = new JdbcSqlite();
  private volatile @Nullable Predicate<String> refused;

  /** Refuses statements from now on. */
  void refuse(Predicate<String> statements) {
    refused = statements;
  }

  /** Refuses none any more. */
  void heal() {
    refused = null;
  }

  @Override
  public SqliteConnection open(Path file) {
    return new Connection(sqlite.open(file));
  }

  private void check(String sql) {
    Predicate<String> statements = refused;
    if (statements != null && statements.test(sql)) {
      throw new SqliteException("the disk refuses", new IllegalStateException(sql));
    }
  }

  private final class Connection implements SqliteConnection {

    private final SqliteConnection connection;

    Connection(SqliteConnection connection) {
      this.connection = connection;
    }

    @Override
    public int run(String sql, @Nullable Object... values) {
      check(sql);
      return connection.run(sql, values);
    }

    @Override
    public void query(String sql, List<? extends @Nullable Object> values, RowReader reader) {
      check(sql);
      connection.query(sql, values, reader);
    }

    @Override
    public void close() {
      connection.close();
    }
  }
}
