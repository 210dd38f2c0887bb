package dev.millrace.server.postgres;

import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.SqlIdentifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The publication that says which tables the replication stream carries. A table is added when its
 * first shape is made, and its replica identity set to full, so that updates and deletes carry the
 * old row. Of a partitioned table the table itself is added, which publishes all its partitions,
 * those to come too; each partition's changes come as its own.
 *
 * <p>Adding takes a lock that waits for the writers of the table and its partitions. Without it a
 * transaction that had written before and commits after would be neither in the snapshot nor in the
 * stream: pgoutput judges each change by the publication as it was when the change was made. When
 * somebody else has added the table, the same is reached by waiting until all transactions older
 * than that have ended.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-createpublication.html">CREATE
 *     PUBLICATION</a>
 */
public final class Publication {

  /** Who waits for a lock holds up all who come after, so attempts are short. */
  private static final String LOCK_TIMEOUT = "set local lock_timeout = '1s'";

  private static final int GENERATED_COLUMNS_SINCE = 18;

  private static final String STATE =
      """
      select pubinsert and pubupdate and pubdelete and pubtruncate and not pubviaroot,
             coalesce(to_jsonb(p) ->> 'pubgencols', 's') = 's'
        from pg_publication p where pubname = ?
      """;

  private final Database database;
  private final String name;
  private final boolean isManual;

  /** Entries that were there while nobody was writing their table. */
  private final Set<PublishedTable.Entry> settled = ConcurrentHashMap.newKeySet();

  /**
   * @param isManual whether somebody else adds the tables and sets their replica identity
   */
  public Publication(Database database, String name, boolean isManual) {
    this.database = database;
    this.name = name;
    this.isManual = isManual;
  }

  public String name() {
    return name;
  }

  private String quoted() {
    return SqlIdentifier.quote(name);
  }

  /**
   * Creates the publication, empty, if it is not there, and mends its parameters.
   *
   * @return whether changes made before may be in no stream
   */
  public boolean ensureExists() {
    boolean isMissed = database.inTransaction("creating publication " + name, this::ensureExists);
    publishGeneratedColumns();
    return isMissed;
  }

  /**
   * What the publication does with the tables it has.
   *
   * @param isComplete whether it publishes every kind of change, partitions under their own names
   * @param hasGenerated whether it publishes stored generated columns, where Postgres can
   */
  private record State(boolean isComplete, boolean hasGenerated) {}

  private Optional<State> state(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(STATE)) {
      query.setString(1, name);
      try (ResultSet row = query.executeQuery()) {
        return row.next()
            ? Optional.of(new State(row.getBoolean(1), row.getBoolean(2)))
            : Optional.empty();
      }
    }
  }

  private boolean ensureExists(Connection connection) throws SQLException {
    Optional<State> state = state(connection);
    if (state.isEmpty()) {
      boolean canGenerated =
          connection.getMetaData().getDatabaseMajorVersion() >= GENERATED_COLUMNS_SINCE;
      String parameters = canGenerated ? " with (publish_generated_columns = stored)" : "";
      execute(connection, "create publication " + quoted() + parameters);
      return true;
    }
    if (!state.get().isComplete()) {
      execute(
          connection,
          "alter publication %s set (publish = 'insert, update, delete, truncate', publish_via_partition_root = false)"
              .formatted(quoted()));
      return true;
    }
    return false;
  }

  /** Tries to; if it is not ours to alter, shapes with such columns say so. */
  private void publishGeneratedColumns() {
    try {
      database.with(
          "altering publication " + name,
          connection -> {
            if (!state(connection).map(State::hasGenerated).orElse(true)) {
              execute(
                  connection,
                  "alter publication %s set (publish_generated_columns = stored)"
                      .formatted(quoted()));
            }
            return name;
          });
    } catch (DatabaseException e) {
      if (e.kind() != DatabaseException.Kind.FORBIDDEN) {
        throw e;
      }
    }
  }

  /**
   * Makes sure that every later change of {@code table} is in the stream with its old row, and that
   * nobody keeps others from reading it. Waits a second at most for a lock.
   *
   * @param withGenerated whether generated columns are wanted
   * @throws PublicationException if somebody else has to do something first
   * @throws DatabaseException of kind {@code TIMEOUT} while others hold the lock
   */
  public void ensurePublished(RelationName table, boolean withGenerated) {
    boolean isReady =
        database.inTransaction("looking at " + table, c -> isReady(c, table, withGenerated));
    if (!isReady) {
      try {
        database.inTransaction("publishing " + table, connection -> publish(connection, table));
      } catch (DatabaseException e) {
        if (e.kind() == DatabaseException.Kind.FORBIDDEN) {
          throw database.with("looking at " + table, c -> obstacle(c, table));
        }
        throw e;
      }
    }
  }

  private boolean isReady(Connection connection, RelationName table, boolean withGenerated)
      throws SQLException {
    if (withGenerated && !state(connection).map(State::hasGenerated).orElse(false)) {
      throw new PublicationException(
          "Publication %s does not publish generated columns. This is a feature introduced in PostgreSQL 18 and requires setting the publication parameter publish_generated_columns to 'stored'"
              .formatted(quoted()));
    }
    execute(connection, LOCK_TIMEOUT);
    execute(connection, "lock table only " + table.quoted() + " in access share mode");
    PublishedTable now = read(connection, table);
    boolean isReady =
        !now.entries().isEmpty() && now.notFull().isEmpty() && isSettled(connection, now);
    if (!isReady && isManual) {
      throw obstacle(connection, table);
    }
    return isReady;
  }

  private PublishedTable read(Connection connection, RelationName table) throws SQLException {
    Optional<Table> found = Catalog.read(connection, table);
    Optional<PublishedTable> published =
        found.isPresent() ? read(connection, found.get().oid()) : Optional.empty();
    return published.orElseThrow(() ->
        new PublicationException(
            "Database table %s has been dropped or renamed".formatted(text(table))));
  }

  /** A table as the transaction of {@code connection} sees it; empty if it is gone. */
  public Optional<PublishedTable> read(Connection connection, int oid) throws SQLException {
    return Optional.ofNullable(
        new PublicationQuery(connection, name).tables(List.of(oid)).get(oid));
  }

  private boolean isSettled(Connection connection, PublishedTable table) throws SQLException {
    if (table.entries().stream().anyMatch(settled::contains)) {
      return true;
    }
    PgSnapshot now = snapshot(connection);
    table.entries().stream().filter(entry -> now.isPast(entry.since())).forEach(settled::add);
    return table.entries().stream().anyMatch(settled::contains);
  }

  private static PgSnapshot snapshot(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_current_snapshot()::text")) {
      row.next();
      return PgSnapshot.parse(row.getString(1), 0);
    }
  }

  private boolean publish(Connection connection, RelationName table) throws SQLException {
    execute(connection, LOCK_TIMEOUT);
    PublishedTable before = read(connection, table);
    String only = before.table().isPartitioned() ? "" : "only ";
    execute(connection, "lock table " + only + table.quoted() + " in share row exclusive mode");
    PublishedTable locked = read(connection, table);
    if (locked.entries().isEmpty()) {
      // There may be one that publishes a part only.
      if (hasEntry(connection, locked.table().oid())) {
        alter(connection, "drop", table);
      }
      alter(connection, "add", table);
    }
    for (RelationName part : locked.notFull()) {
      setFullIdentity(connection, part);
    }
    settled.addAll(read(connection, table).entries());
    return true;
  }

  private void alter(Connection connection, String verb, RelationName table) throws SQLException {
    String only = verb.equals("add") ? "only " : "";
    execute(
        connection,
        "alter publication %s %s table %s%s".formatted(quoted(), verb, only, table.quoted()));
  }

  private boolean hasEntry(Connection connection, int oid) throws SQLException {
    String sql =
        """
        select 1 from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
         where p.pubname = ? and r.prrelid = ?
        """;
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setString(1, name);
      query.setLong(2, Integer.toUnsignedLong(oid));
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  private static void setFullIdentity(Connection connection, RelationName table)
      throws SQLException {
    execute(connection, "alter table " + table.quoted() + " replica identity full");
  }

  /** What somebody has to do about a table that we cannot publish. */
  private PublicationException obstacle(Connection connection, RelationName table)
      throws SQLException {
    PublishedTable now = read(connection, table);
    if (now.entries().isEmpty()) {
      String end =
          isManual
              ? "the MILLRACE_MANUAL_TABLE_PUBLISHING setting prevents Millrace from adding it"
              : "Millrace lacks privileges to add it";
      return new PublicationException(
          "Database table %s is missing from the publication %s and %s"
              .formatted(text(table), quoted(), end));
    }
    return new PublicationException(
        now.notFull().isEmpty()
            ? "Transactions that began before table %s was published are still running"
                .formatted(text(table))
            : "Database table %s does not have its replica identity set to FULL"
                .formatted(text(now.notFull().getFirst())));
  }

  private static String text(RelationName table) {
    return "\"%s.%s\"".formatted(table.schema(), table.table());
  }

  /** The tables of those OIDs as they are now, all at one moment; dropped ones are left out. */
  public Map<Integer, PublishedTable> tables(Collection<Integer> oids) {
    return database.inSnapshot(
        "reading the catalogue", c -> new PublicationQuery(c, name).tables(oids));
  }

  /** For each partition below {@code roots}, at any depth, those of the roots it is below. */
  public Map<Integer, Set<Integer>> rootsOfPartitions(Collection<Integer> roots) {
    Map<Integer, Set<Integer>> found = new HashMap<>();
    database
        .with("looking for partitions", c -> new PublicationQuery(c, name).partitions(roots))
        .forEach((root, partitions) ->
            partitions.forEach(partition ->
                found.computeIfAbsent(partition.oid(), o -> new HashSet<>()).add(root)));
    return found;
  }

  /** Whether none of the tables has a row; if we may not look, that is not known. */
  public boolean areEmpty(List<RelationName> tables) {
    try {
      return database.inTransaction("looking for rows", connection -> areEmpty(connection, tables));
    } catch (DatabaseException e) {
      if (e.kind() == DatabaseException.Kind.FORBIDDEN) {
        return false;
      }
      throw e;
    }
  }

  private static boolean areEmpty(Connection connection, List<RelationName> tables)
      throws SQLException {
    execute(connection, LOCK_TIMEOUT);
    try (Statement statement = connection.createStatement()) {
      for (RelationName table : tables) {
        try (ResultSet row =
            statement.executeQuery("select from only " + table.quoted() + " limit 1")) {
          if (row.next()) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /** Sets the replica identity of a table to full, unless that is somebody else's business. */
  public void restoreFullIdentity(RelationName table) {
    if (!isManual) {
      database.inTransaction(
          "setting the replica identity of " + table,
          connection -> {
            execute(connection, LOCK_TIMEOUT);
            setFullIdentity(connection, table);
            return table;
          });
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
