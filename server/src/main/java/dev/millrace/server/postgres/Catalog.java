package dev.millrace.server.postgres;

import dev.millrace.protocol.RelationName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads table definitions from Postgres' system catalogue. Stateless; any thread. */
public final class Catalog {

  /** Ordinary and partitioned tables only: views and foreign tables cannot be followed. */
  private static final String COLUMNS =
      """
      select c.oid, a.attname, coalesce(e.typname, t.typname), a.atttypid, a.attndims, a.atttypmod,
             a.attnotnull, a.attgenerated <> '',
             coalesce(array_position(i.indkey::int2[], a.attnum), -1),
             case when n.nspname in ('pg_catalog', 'information_schema')
                    then 'System tables cannot be followed'
                  when c.relpersistence <> 'p'
                    then 'Unlogged and temporary tables cannot be followed'
                  when c.relkind = 'p'
                    then 'Partitioned tables are not supported by this version of the server'
              end
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        join pg_type t on t.oid = a.atttypid
        left join pg_type e on t.typcategory = 'A' and e.oid = t.typelem
        left join pg_index i on i.indrelid = c.oid and i.indisprimary
       where n.nspname = ? and c.relname = ? and c.relkind in ('r', 'p')
       order by a.attnum
      """;

  private final Database database;

  public Catalog(Database database) {
    this.database = database;
  }

  /** The table of that name, or empty if there is none that could be followed. */
  public Optional<Table> table(RelationName name) {
    return database.with("reading the definition of " + name, connection -> read(connection, name));
  }

  /** The same, on a connection whose transaction decides what is seen. */
  public static Optional<Table> read(Connection connection, RelationName name) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
      query.setString(1, name.schema());
      query.setString(2, name.table());
      try (ResultSet rows = query.executeQuery()) {
        List<Column> columns = new ArrayList<>();
        int oid = 0;
        Optional<String> obstacle = Optional.empty();
        while (rows.next()) {
          oid = (int) rows.getLong(1);
          columns.add(column(rows));
          obstacle = Optional.ofNullable(rows.getString(10));
        }
        return columns.isEmpty()
            ? Optional.empty()
            : Optional.of(new Table(oid, name, columns, obstacle));
      }
    }
  }

  private static Column column(ResultSet row) throws SQLException {
    return new Column(
        row.getString(2),
        row.getString(3),
        (int) row.getLong(4),
        row.getInt(5),
        row.getInt(6),
        row.getBoolean(7),
        row.getBoolean(8),
        row.getInt(9));
  }
}
