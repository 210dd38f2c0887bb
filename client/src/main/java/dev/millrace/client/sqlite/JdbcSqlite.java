package dev.millrace.client.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/** SQLite by xerial's JDBC driver, which carries it for the usual systems. */
public final class JdbcSqlite implements Sqlite {

  private static final int MOST_STATEMENTS = 200;

  private final SQLiteConfig config;

  public JdbcSqlite() {
    config = new SQLiteConfig();
    config.setBusyTimeout(30_000);
    config.enforceForeignKeys(false);
    config.setTempStore(SQLiteConfig.TempStore.MEMORY);
  }

  @Override
  public SqliteConnection open(Path file) {
    try {
      return new JdbcConnection(config.createConnection("jdbc:sqlite:" + file));
    } catch (SQLException e) {
      throw new SqliteException("cannot open " + file, e);
    }
  }

  private static final class JdbcConnection implements SqliteConnection {

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new LinkedHashMap<>(64, 0.75f, true);

    JdbcConnection(Connection connection) {
      this.connection = connection;
    }

    @Override
    public int run(String sql, @Nullable Object... values) {
      try {
        PreparedStatement statement = prepared(sql);
        for (int i = 0; i < values.length; i++) {
          bind(statement, i + 1, values[i]);
        }
        if (statement.execute()) {
          statement.getResultSet().close(); // Some pragmas answer with a row.
          return 0;
        }
        return statement.getUpdateCount();
      } catch (SQLException e) {
        throw failure(sql, e);
      }
    }

    @Override
    public void query(String sql, List<? extends @Nullable Object> values, RowReader reader) {
      try {
        PreparedStatement statement = prepared(sql);
        int index = 1;
        for (Object value : values) {
          bind(statement, index++, value);
        }
        try (ResultSet rows = statement.executeQuery()) {
          JdbcRow row = new JdbcRow(rows);
          while (rows.next()) {
            reader.read(row);
          }
        }
      } catch (SQLException e) {
        throw failure(sql, e);
      }
    }

    private static void bind(PreparedStatement statement, int index, @Nullable Object value)
        throws SQLException {
      switch (value) {
        case null -> statement.setNull(index, 0);
        case Long number -> statement.setLong(index, number);
        case Double number -> statement.setDouble(index, number);
        case String text -> statement.setString(index, text);
        default -> throw new IllegalArgumentException("no value of SQLite: " + value.getClass());
      }
    }

    private PreparedStatement prepared(String sql) throws SQLException {
      PreparedStatement known = statements.get(sql);
      if (known != null) {
        return known;
      }
      if (statements.size() >= MOST_STATEMENTS) {
        Iterator<PreparedStatement> oldest = statements.values().iterator();
        oldest.next().close();
        oldest.remove();
      }
      PreparedStatement fresh = connection.prepareStatement(sql);
      statements.put(sql, fresh);
      return fresh;
    }

    private static SqliteException failure(String sql, SQLException e) {
      return new SqliteException(e.getMessage() + " in: " + sql, e);
    }

    @Override
    public void close() {
      try {
        connection.close();
      } catch (SQLException e) {
        throw new SqliteException("cannot close", e);
      }
    }
  }

  private record JdbcRow(ResultSet rows) implements SqliteRow {

    @Override
    public @Nullable Object value(int column) {
      try {
        Object value = rows.getObject(column + 1);
        return value instanceof Integer number ? (Long) number.longValue() : value;
      } catch (SQLException e) {
        throw new SqliteException("cannot read column " + column, e);
      }
    }

    @Override
    public long number(int column) {
      try {
        return rows.getLong(column + 1);
      } catch (SQLException e) {
        throw new SqliteException("cannot read column " + column, e);
      }
    }

    @Override
    public @Nullable String text(int column) {
      try {
        return rows.getString(column + 1);
      } catch (SQLException e) {
        throw new SqliteException("cannot read column " + column, e);
      }
    }
  }
}
