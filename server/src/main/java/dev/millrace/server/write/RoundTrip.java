package dev.millrace.server.write;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Statements that go to Postgres together and are answered together. One that fails keeps the rest
 * from being run. Only the last may answer with much, else both sides could wait for the other to
 * read.
 */
final class RoundTrip {

  /** What a statement answered: rows as texts, or how many rows it changed. */
  record Reply(List<List<@Nullable String>> rows, long count) {

    @Nullable String value(int row, int column) {
      return rows.get(row).get(column);
    }
  }

  private final List<String> statements = new ArrayList<>();
  private final List<@Nullable Object> values = new ArrayList<>();

  /**
   * Adds a statement.
   *
   * @param given for its question marks: texts, arrays of texts, or a {@link BinaryArray}
   */
  RoundTrip add(String sql, @Nullable Object... given) {
    statements.add(sql);
    for (Object value : given) {
      values.add(value);
    }
    return this;
  }

  int size() {
    return statements.size();
  }

  /** Answers of all statements, in order. */
  List<Reply> on(Connection connection) throws SQLException {
    try (PreparedStatement all = connection.prepareStatement(String.join(";\n", statements))) {
      for (int i = 0; i < values.size(); i++) {
        bind(connection, all, i + 1, values.get(i));
      }
      boolean isRows = all.execute();
      List<Reply> replies = new ArrayList<>(statements.size());
      while (true) {
        if (isRows) {
          try (ResultSet rows = all.getResultSet()) {
            replies.add(new Reply(read(rows), 0));
          }
        } else {
          long count = all.getLargeUpdateCount();
          if (count < 0) {
            return replies;
          }
          replies.add(new Reply(List.of(), count));
        }
        isRows = all.getMoreResults();
      }
    }
  }

  /** The answer of the last statement. */
  Reply lastOn(Connection connection) throws SQLException {
    return on(connection).getLast();
  }

  private static void bind(
      Connection connection, PreparedStatement statement, int index, @Nullable Object value)
      throws SQLException {
    if (value instanceof @Nullable String[] texts) {
      statement.setArray(index, connection.createArrayOf("text", texts));
    } else if (value instanceof BinaryArray array) {
      statement.setArray(index, array.on(connection));
    } else {
      statement.setString(index, (String) value);
    }
  }

  private static List<List<@Nullable String>> read(ResultSet rows) throws SQLException {
    int width = rows.getMetaData().getColumnCount();
    List<List<@Nullable String>> all = new ArrayList<>();
    while (rows.next()) {
      List<@Nullable String> row = new ArrayList<>(width);
      for (int i = 1; i <= width; i++) {
        row.add(rows.getString(i));
      }
      all.add(row);
    }
    return all;
  }
}
