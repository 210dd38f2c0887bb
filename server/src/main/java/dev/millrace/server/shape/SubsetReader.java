package dev.millrace.server.shape;

import dev.millrace.protocol.Offset;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseUser;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.postgres.Table;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Reads subsets of shapes from Postgres, some at a time. Any thread. */
final class SubsetReader {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** Subsets read at once: they must not take all connections, however long they take. */
  private static final int AT_ONCE = 8;

  private static final long WAIT_MILLIS = 10_000;

  private final Database database;
  private final Path folder;
  private final Semaphore slots = new Semaphore(AT_ONCE, true);

  /**
   * @param folder where what is large waits for its reader
   */
  SubsetReader(Database database, Path folder) {
    this.database = database;
    this.folder = folder;
  }

  /**
   * Reads some rows of a shape as they are now; blocks.
   *
   * @param user as whom; empty for the server itself
   * @throws SubsetException if the subset cannot be
   * @throws ShapeException if the table is no longer the shape's
   */
  SubsetRows read(Shape shape, Subset subset, Optional<DatabaseUser> user)
      throws InterruptedException {
    if (!slots.tryAcquire(WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
      throw new ShapeException(
          ShapeException.Kind.TRY_LATER, "Too many subset queries, please retry", null);
    }
    try {
      // Before the snapshot: a client may go on from there and miss nothing.
      Offset logEnd = shape.log().end();
      return database.inSnapshot(
          "reading a subset of " + shape.definition().relation(),
          connection -> read(connection, shape.definition(), subset, user, logEnd));
    } finally {
      slots.release();
    }
  }

  private SubsetRows read(
      Connection connection,
      ShapeDefinition definition,
      Subset subset,
      Optional<DatabaseUser> user,
      Offset logEnd)
      throws SQLException {
    SnapshotQuery query = new SnapshotQuery(connection, definition);
    PgSnapshot visibility = query.visibility();
    query.limitTime(TIMEOUT);
    subset.check(table(connection, definition), connection);
    if (user.isPresent()) {
      user.get().become(connection);
    }
    int mark = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
    Spool rows = new Spool(folder);
    try {
      query.copyTo(rows, subset, mark);
      rows.finish();
      return new SubsetRows(visibility, logEnd, mark, rows);
    } catch (SQLException | RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  private static Table table(Connection connection, ShapeDefinition definition)
      throws SQLException {
    return Catalog.read(connection, definition.relation())
        .filter(found -> definition.in(found).equals(definition))
        .orElseThrow(
            () -> new ShapeException(ShapeException.Kind.REFETCH, "the table was altered", null));
  }
}
