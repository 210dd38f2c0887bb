package dev.millrace.server.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the replication slot every few seconds: how much log Postgres keeps for it, how far the
 * stream is behind, and whether Postgres is about to give the slot up. Runs on a thread of its own.
 *
 * @see <a href="https://www.postgresql.org/docs/current/view-pg-replication-slots.html">
 *     pg_replication_slots</a>
 */
public final class SlotMonitor implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SlotMonitor.class);

  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final int MAX_SAMPLES = 720;

  private static final String STATE =
      """
      select case when pg_is_in_recovery() then pg_last_wal_receive_lsn()
                  else pg_current_wal_lsn() end - '0/0'::pg_lsn,
             restart_lsn - '0/0'::pg_lsn, wal_status, safe_wal_size
        from pg_replication_slots where slot_name = ?
      """;

  private final Database database;
  private final ReplicationSlot slot;
  private final LongSupplier followedTo;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("slot-monitor").factory());

  /** Where Postgres was, at times since; the oldest that has not been followed yet comes first. */
  private final Deque<Sample> ahead = new ArrayDeque<>();

  private volatile Optional<State> state = Optional.empty();
  private String reportedStatus = "";

  private record Sample(long position, long nanos) {}

  /**
   * What was seen last.
   *
   * @param lagBytes of Postgres' log, written and not followed yet
   * @param retainedBytes of Postgres' log, kept because the slot may want it
   * @param status {@code wal_status}: reserved, extended, unreserved or lost
   */
  public record State(long lagBytes, long retainedBytes, String status) {}

  /**
   * Looks at nothing before {@link #start}.
   *
   * @param followedTo the log position that the stream has reached
   */
  public SlotMonitor(Database database, ReplicationSlot slot, LongSupplier followedTo) {
    this.database = database;
    this.slot = slot;
    this.followedTo = followedTo;
  }

  /** Begins to look. */
  @SuppressWarnings("FutureReturnValueIgnored") // errors are caught in the task
  public void start() {
    timer.scheduleWithFixedDelay(this::look, 1, INTERVAL.toSeconds(), TimeUnit.SECONDS);
  }

  /** What was seen last; empty while the database or the slot cannot be looked at. */
  public Optional<State> state() {
    return state;
  }

  /** How long the stream has been behind, in seconds; as exact as the interval. */
  public synchronized double lagSeconds() {
    long reached = followedTo.getAsLong();
    while (!ahead.isEmpty() && Long.compareUnsigned(ahead.peekFirst().position(), reached) <= 0) {
      ahead.removeFirst();
    }
    Sample oldest = ahead.peekFirst();
    return oldest == null ? 0 : (System.nanoTime() - oldest.nanos()) / 1e9;
  }

  private void look() {
    try {
      state = database.with("looking at slot " + slot.name(), this::read);
      state.ifPresent(this::reportStatus);
    } catch (DatabaseException e) {
      // Whoever follows the slot reports that Postgres cannot be reached.
      state = Optional.empty();
      log.debug("cannot look at the slot: {}", e.getMessage());
    }
  }

  private Optional<State> read(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(STATE)) {
      query.setString(1, slot.name());
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        long position = row.getLong(1);
        remember(position);
        long kept = row.getObject(2) == null ? 0 : position - row.getLong(2);
        String status = row.getString(3) == null ? "lost" : row.getString(3);
        long lag = Math.max(0, position - followedTo.getAsLong());
        return Optional.of(new State(lag, Math.max(0, kept), status));
      }
    }
  }

  private synchronized void remember(long position) {
    boolean isNew = ahead.isEmpty() || ahead.peekLast().position() != position;
    if (isNew && ahead.size() < MAX_SAMPLES) {
      ahead.addLast(new Sample(position, System.nanoTime()));
    }
  }

  private void reportStatus(State seen) {
    boolean isHealthy = seen.status().equals("reserved") || seen.status().equals("extended");
    if (!isHealthy && !seen.status().equals(reportedStatus)) {
      log.atWarn()
          .addKeyValue("slot", slot.name())
          .addKeyValue("wal_status", seen.status())
          .addKeyValue("retained_bytes", seen.retainedBytes())
          .log(
              "Postgres is about to give up the slot, or has: raise max_slot_wal_keep_size or find"
                  + " out why the stream is slow");
    }
    reportedStatus = seen.status();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
