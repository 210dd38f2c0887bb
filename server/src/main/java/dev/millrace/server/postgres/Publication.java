package dev.millrace.server.postgres;

import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.SqlIdentifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The publication that says which tables the replication stream carries. A table is added when its
 * first shape is made, and its replica identity set to full, so that updates and deletes carry the
 * old row.
 *
 * <p>Adding takes a lock that waits for the writers of the table. Without it a transaction that had
 * written before and commits after would be neither in the snapshot nor in the stream: pgoutput
 * judges each change by the publication as it was when the change was made.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-createpublication.html">CREATE
 *     PUBLICATION</a>
 */
public final class Publication {

  private static final String LOCK_TIMEOUT = "set local lock_timeout = '10s'";

  private final Database database;
  private final String name;

  public Publication(Database database, String name) {
    this.database = database;
    this.name = name;
  }

  public String name() {
    return name;
  }

  /**
   * Creates the publication, empty, if it is not there.
   *
   * @return whether it was created: changes made before are in no stream
   */
  public boolean ensureExists() {
    return database.inTransaction("creating publication " + name, this::ensureExists);
  }

  private boolean ensureExists(Connection connection) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("select 1 from pg_publication where pubname = ?")) {
      query.setString(1, name);
      try (ResultSet row = query.executeQuery()) {
        return !row.next()
            && execute(connection, "create publication " + SqlIdentifier.quote(name));
      }
    }
  }

  /** Makes sure that every later change of {@code table} is in the stream with its old row. */
  public void ensurePublished(RelationName table) {
    boolean ready = database.with("reading publication " + name, c -> isReady(c, table));
    if (!ready) {
      database.inTransaction("publishing " + table, connection -> publish(connection, table));
    }
  }

  private boolean isReady(Connection connection, RelationName table) throws SQLException {
    return isPublished(connection, table) && hasFullIdentity(connection, table);
  }

  private boolean publish(Connection connection, RelationName table) throws SQLException {
    execute(connection, LOCK_TIMEOUT);
    execute(connection, "lock table " + table.quoted() + " in share row exclusive mode");
    if (!isPublished(connection, table)) {
      String publication = SqlIdentifier.quote(name);
      execute(connection, "alter publication " + publication + " add table " + table.quoted());
    }
    if (!hasFullIdentity(connection, table)) {
      execute(connection, "alter table " + table.quoted() + " replica identity full");
    }
    return true;
  }

  private boolean isPublished(Connection connection, RelationName table) throws SQLException {
    String sql =
        "select 1 from pg_publication_tables where pubname = ? and schemaname = ? and tablename = ?";
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setString(1, name);
      query.setString(2, table.schema());
      query.setString(3, table.table());
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  private static boolean hasFullIdentity(Connection connection, RelationName table)
      throws SQLException {
    String sql =
        """
        select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = ? and c.relname = ? and c.relreplident = 'f'
        """;
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setString(1, table.schema());
      query.setString(2, table.table());
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  private static boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return true;
    }
  }
}
