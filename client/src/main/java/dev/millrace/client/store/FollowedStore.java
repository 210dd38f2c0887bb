package dev.millrace.client.store;

import dev.millrace.client.sqlite.Sqlite;
import dev.millrace.client.sqlite.SqliteConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * A store that another process owns, to look at: what it has committed is seen, nothing is written.
 * May be used from any thread; one reads at a time.
 */
public final class FollowedStore implements AutoCloseable {

  private final Path file;
  private final SqliteConnection connection;
  private long version = -1;
  private boolean isClosed;

  private FollowedStore(Path file, SqliteConnection connection) {
    this.file = file;
    this.connection = connection;
  }

  /**
   * Opens a file that is there.
   *
   * @throws SyncClientException with {@link ErrorCode#STORE_FAILED} if it is not
   */
  public static FollowedStore open(Sqlite sqlite, Path file) {
    if (!Files.exists(file)) {
      throw new SyncClientException(ErrorCode.STORE_FAILED, "there is no store yet: " + file);
    }
    SqliteConnection opened = sqlite.open(file);
    try {
      opened.run("pragma query_only = 1");
      return new FollowedStore(file, opened);
    } catch (RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  public Path file() {
    return file;
  }

  /** Runs {@code work} on what is committed now; it cannot write. */
  public synchronized <T> T read(Function<Tx, T> work) {
    if (isClosed) {
      throw new SyncClientException(ErrorCode.CLOSED, "the store is closed");
    }
    connection.run("begin");
    try {
      return work.apply(new Tx(connection));
    } finally {
      connection.run("commit");
    }
  }

  /**
   * Whether something was committed since this was asked last; at first, yes.
   *
   * @see <a href="https://www.sqlite.org/pragma.html#pragma_data_version">data_version</a>
   */
  public synchronized boolean hasChanged() {
    if (isClosed) {
      return false;
    }
    long now = new Tx(connection).number("pragma data_version");
    boolean isNew = now != version;
    version = now;
    return isNew;
  }

  @Override
  public synchronized void close() {
    if (!isClosed) {
      isClosed = true;
      connection.close();
    }
  }
}
