package dev.millrace.server.postgres;

import dev.millrace.protocol.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logical replication slot: Postgres keeps every change since the position we last confirmed.
 *
 * @see <a href="https://www.postgresql.org/docs/current/logicaldecoding-explanation.html">Logical
 *     decoding concepts</a>
 */
public final class ReplicationSlot {

  /** SQLSTATE of a slot that another process uses. */
  static final String IN_USE = "55006";

  private static final Logger log = LoggerFactory.getLogger(ReplicationSlot.class);

  private static final String READ =
      """
      select coalesce(plugin, slot_type), coalesce(database, ''), current_database(),
             coalesce(active_pid, 0), coalesce(wal_status, ''), confirmed_flush_lsn::text
        from pg_replication_slots where slot_name = ?
      """;

  private static final String CREATE =
      "select lsn::text from pg_create_logical_replication_slot(?, 'pgoutput')";

  /** Waits for the end of the connection, for five seconds at most. */
  private static final String TERMINATE = "select pg_terminate_backend(?, 5000)";

  private final Database database;
  private final String name;

  public ReplicationSlot(Database database, String name) {
    this.database = database;
    this.name = name;
  }

  public String name() {
    return name;
  }

  /**
   * Where the slot stands.
   *
   * @param isNew whether it was made just now: changes made before are in no stream
   */
  public record Position(Lsn confirmed, boolean isNew) {}

  private record State(
      String plugin, String database, String here, int activePid, String walStatus, String lsn) {}

  /**
   * Makes sure that the slot is there and free for us. One whose WAL Postgres has removed is of no
   * use to anybody; it is made anew.
   *
   * @param former the backend process of our last connection, 0 for none: if it still holds the
   *     slot, because Postgres has not noticed the end of that connection, it is terminated
   * @throws ReplicationException if somebody else has the slot, with what to do
   * @throws DatabaseException if it cannot be created, with what to do
   */
  public Position ensureExists(int former) {
    return database.with(
        "creating replication slot " + name, connection -> ensureExists(connection, former));
  }

  private Position ensureExists(Connection connection, int former) throws SQLException {
    Optional<State> found = read(connection);
    if (found.isPresent()) {
      State state = found.get();
      requireOurs(state);
      if (!state.walStatus().equals("lost")) {
        requireFree(connection, state, former);
        return new Position(Lsn.parse(state.lsn()), false);
      }
      log.atWarn()
          .addKeyValue("slot", name)
          .addKeyValue("lsn", state.lsn())
          .log(
              "slot {} is lost: Postgres has removed WAL it needed, or given it up as idle; making it"
                  + " anew. Raise max_slot_wal_keep_size or idle_replication_slot_timeout if this"
                  + " happens again",
              name);
      drop(connection);
    }
    requireLogicalWal(connection);
    Position made = new Position(create(connection), true);
    log.atInfo()
        .addKeyValue("slot", name)
        .addKeyValue("lsn", made.confirmed())
        .log("made the replication slot");
    return made;
  }

  private Optional<State> read(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(READ)) {
      query.setString(1, name);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(state(row)) : Optional.empty();
      }
    }
  }

  private static State state(ResultSet row) throws SQLException {
    return new State(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getInt(4),
        row.getString(5),
        row.getString(6));
  }

  private void requireOurs(State state) {
    if (!state.plugin().equals("pgoutput")) {
      throw misconfigured("slot %s is of another kind (%s)".formatted(name, state.plugin()));
    }
    if (!state.database().equals(state.here())) {
      throw misconfigured("slot %s belongs to the database %s".formatted(name, state.database()));
    }
  }

  private static ReplicationException misconfigured(String problem) {
    return new ReplicationException(
        ReplicationException.Kind.MISCONFIGURED,
        problem
            + ": slots have names in a whole cluster; set MILLRACE_REPLICATION_STREAM_ID to a name"
            + " of this server's own",
        null);
  }

  private void requireFree(Connection connection, State state, int former) throws SQLException {
    if (state.activePid() == 0) {
      return;
    }
    if (state.activePid() != former) {
      throw taken(name, state.activePid(), null);
    }
    try (PreparedStatement statement = connection.prepareStatement(TERMINATE)) {
      statement.setInt(1, former);
      statement.execute();
    }
  }

  static ReplicationException taken(String name, int pid, @Nullable SQLException cause) {
    return new ReplicationException(
        ReplicationException.Kind.SLOT_TAKEN,
        "slot %s is in use by another server%s: waiting for that one to end. To follow beside it, set"
                .formatted(name, pid == 0 ? "" : " (Postgres process " + pid + ")")
            + " MILLRACE_REPLICATION_STREAM_ID to a name of this server's own",
        cause);
  }

  private void drop(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_drop_replication_slot(?)")) {
      statement.setString(1, name);
      statement.execute();
    }
  }

  private Lsn create(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(CREATE)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return Lsn.parse(row.getString(1));
      }
    }
  }

  private static void requireLogicalWal(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement("show wal_level");
        ResultSet row = query.executeQuery()) {
      if (row.next() && !row.getString(1).equals("logical")) {
        throw new SQLException(
            "wal_level is '%s' and must be 'logical': run ALTER SYSTEM SET wal_level = logical and"
                    .formatted(row.getString(1))
                + " restart Postgres",
            "55000");
      }
    }
  }
}
