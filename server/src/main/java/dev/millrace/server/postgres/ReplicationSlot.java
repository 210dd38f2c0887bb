package dev.millrace.server.postgres;

import dev.millrace.protocol.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The logical replication slot: Postgres keeps every change since the position we last confirmed.
 *
 * @see <a href="https://www.postgresql.org/docs/current/logicaldecoding-explanation.html">Logical
 *     decoding concepts</a>
 */
public final class ReplicationSlot {

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
   * The slot's confirmed position; the slot is created if it is not there.
   *
   * @throws DatabaseException if it cannot be created, with what to do when {@code wal_level} is
   *     the reason
   */
  public Lsn ensureExists() {
    return database.with("creating replication slot " + name, this::ensureExists);
  }

  private Lsn ensureExists(Connection connection) throws SQLException {
    String find = "select confirmed_flush_lsn::text from pg_replication_slots where slot_name = ?";
    Lsn found = lsn(connection, find);
    if (found != null) {
      return found;
    }
    requireLogicalWal(connection);
    String create = "select lsn::text from pg_create_logical_replication_slot(?, 'pgoutput')";
    Lsn created = lsn(connection, create);
    if (created == null) {
      throw new IllegalStateException("Postgres created no slot and gave no error");
    }
    return created;
  }

  private @Nullable Lsn lsn(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Lsn.parse(row.getString(1)) : null;
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
