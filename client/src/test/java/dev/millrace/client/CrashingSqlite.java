package dev.millrace.client;

import dev.millrace.client.sqlite.Sqlite;
import dev.millrace.client.sqlite.SqliteConnection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * SQLite of a process that ends in the middle of things: at a statement that was chosen, before or
 * after it is done. What was not committed then is gone, as after a kill.
 */
final class CrashingSqlite implements Sqlite {

  /** The process is no more. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash() {
      super("crashed", null, false, false);
    }
  }

  private final Sqlite sqlite;
  private final List<SqliteConnection> open = new ArrayList<>();
  private long left = Long.MAX_VALUE;
  private boolean isAfter;
  private boolean isDead;
  private boolean isObserved;
  private long commits;

  /** Which tables a statement may write to, by its text; of those that a test looks at. */
  private static final Map<String, Set<String>> WRITTEN = new ConcurrentHashMap<>();

  private static Set<String> written(String sql) {
    return WRITTEN.computeIfAbsent(
        sql,
        text ->
            Stream.of("items", "tags", "overlay", "stream")
                .filter(text::contains)
                .collect(Collectors.toUnmodifiableSet()));
  }

  private final Set<String> written = new HashSet<>();

  /** Tables that were perhaps written to since this was asked last. */
  Set<String> takeWritten() {
    Set<String> taken = Set.copyOf(written);
    written.clear();
    return taken;
  }

  /** The process uses the files of {@code sqlite}, which outlives it. */
  CrashingSqlite(Sqlite sqlite) {
    this.sqlite = sqlite;
  }

  /** How many writes were committed; what is stored is the same while this is. */
  long commits() {
    return commits;
  }

  /** What is run from now on is the test's own, and counts for nothing. */
  void observe(boolean observed) {
    isObserved = observed;
  }

  /** Ends at the {@code statements}-th statement from now on, or right after it. */
  void crashAt(long statements, boolean after) {
    left = statements;
    isAfter = after;
  }

  boolean isDead() {
    return isDead;
  }

  /** Ends now. */
  void kill() {
    isDead = true;
    open.forEach(SqliteConnection::close);
    open.clear();
  }

  @Override
  public SqliteConnection open(Path file) {
    check();
    SqliteConnection connection = sqlite.open(file);
    open.add(connection);
    return new SqliteConnection() {
      private boolean isWriting;

      @Override
      public int run(String sql, @Nullable Object... values) {
        check();
        boolean isLast = !isObserved && --left == 0;
        if (isLast && !isAfter) {
          kill();
          throw new Crash();
        }
        int changed = connection.run(sql, values);
        if (!isObserved) {
          written.addAll(written(sql));
        }
        switch (sql) {
          case "begin immediate" -> isWriting = true;
          case "commit" -> {
            commits += isWriting ? 1 : 0;
            isWriting = false;
          }
          case "rollback" -> isWriting = false;
          default -> {
            // In the middle of either.
          }
        }
        if (isLast) {
          kill();
          throw new Crash();
        }
        return changed;
      }

      @Override
      public void query(String sql, List<? extends @Nullable Object> values, RowReader reader) {
        check();
        connection.query(sql, values, reader);
      }

      @Override
      public void close() {
        if (!isDead && open.remove(connection)) {
          connection.close();
        }
      }
    };
  }

  private void check() {
    if (isDead) {
      throw new Crash();
    }
  }
}
