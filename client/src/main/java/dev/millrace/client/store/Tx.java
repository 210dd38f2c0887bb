package dev.millrace.client.store;

import dev.millrace.client.sqlite.SqliteConnection;
import dev.millrace.client.sqlite.SqliteRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A transaction on the store, good for the scope that got it; one thread. */
public final class Tx {

  private final SqliteConnection connection;
  private final Set<String> touched = new LinkedHashSet<>();
  private final List<Runnable> afterCommit = new ArrayList<>();

  Tx(SqliteConnection connection) {
    this.connection = connection;
  }

  /** Runs a statement and says how many rows it changed. */
  public int run(String sql, @Nullable Object... values) {
    return connection.run(sql, values);
  }

  /** All rows of a query, each as {@code reader} makes it. */
  public <T> List<T> query(
      String sql, List<? extends @Nullable Object> values, Function<SqliteRow, T> reader) {
    List<T> rows = new ArrayList<>();
    connection.query(sql, values, row -> rows.add(reader.apply(row)));
    return rows;
  }

  /** The first row of a query. */
  public <T> Optional<T> first(
      String sql, Function<SqliteRow, T> reader, @Nullable Object... values) {
    return query(sql, Arrays.asList(values), reader).stream().findFirst();
  }

  /** The number that a query has in its first row; 0 where there is none. */
  public long number(String sql, @Nullable Object... values) {
    return first(sql, row -> row.number(0), values).orElse(0L);
  }

  /** Notes that what the merged view shows of an entity has changed. */
  public void touch(String entity) {
    touched.add(entity);
  }

  Set<String> touched() {
    return touched;
  }

  /** Runs something once the transaction is durable, on the same thread, outside the lock. */
  public void afterCommit(Runnable task) {
    afterCommit.add(task);
  }

  List<Runnable> tasksAfterCommit() {
    return afterCommit;
  }
}
