package dev.millrace.client.sqlite;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection that runs one statement at a time, from whichever thread has it; without a
 * transaction unless a statement begins one. Statements are kept prepared by their text.
 */
public interface SqliteConnection extends AutoCloseable {

  /**
   * Runs a statement that returns no rows and says how many it changed.
   *
   * @param values of its parameters, each {@code Long}, {@code Double}, {@code String} or null
   */
  int run(String sql, @Nullable Object... values);

  /** Runs a query and hands each row to {@code reader} before it takes the next. */
  void query(String sql, List<? extends @Nullable Object> values, RowReader reader);

  /** Looks at the rows of a query one by one. */
  @FunctionalInterface
  interface RowReader {

    /** Columns are counted from 0; the cursor is good for this call only. */
    void read(SqliteRow row);
  }

  @Override
  void close();
}
