package dev.millrace.server.postgres;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.postgres.Column.Generation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads table definitions from Postgres' system catalogue. Stateless; any thread. */
public final class Catalog {

  /** Ordinary and partitioned tables only: views and foreign tables cannot be followed. */
  private static final String COLUMNS =
      """
      select c.oid, n.nspname, c.relname, c.relkind = 'p', a.attname, a.attnum,
             coalesce(e.typname, t.typname), a.atttypid, a.attndims, a.atttypmod, a.attnotnull,
             case when a.attgenerated = '' then 'NONE'
                  when a.attgenerated = 's' and current_setting('server_version_num')::int >= 180000
                    then 'STREAMED'
                  else 'NOT_STREAMED' end,
             coalesce(array_position(i.indkey::int2[], a.attnum), -1), a.attnum = last.attnum,
             case when n.nspname in ('pg_catalog', 'information_schema')
                    then 'System tables cannot be followed'
                  when c.relpersistence <> 'p'
                    then 'Unlogged and temporary tables cannot be followed'
                  when c.relkind = 'p' and a.attnum = last.attnum and exists (
                    select 1 from pg_partition_tree(c.oid) p join pg_class pc on pc.oid = p.relid
                     where pc.relkind = 'f' or pc.relpersistence <> 'p')
                    then 'Tables with foreign, unlogged or temporary partitions cannot be followed'
              end,
             a.attcollation
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        cross join lateral (
          select max(attnum) as attnum from pg_attribute
           where attrelid = c.oid and not attisdropped) last
        join pg_type t on t.oid = a.atttypid
        left join pg_type e on t.typcategory = 'A' and e.oid = t.typelem
        left join pg_index i on i.indrelid = c.oid and i.indisprimary
       where %s and c.relkind in ('r', 'p')
       order by c.oid, a.attnum
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
    String sql = COLUMNS.formatted("n.nspname = ? and c.relname = ?");
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setString(1, name.schema());
      query.setString(2, name.table());
      return read(query).values().stream().findFirst();
    }
  }

  /** The tables of those OIDs; dropped ones are left out. */
  public static Map<Integer, Table> read(Connection connection, Collection<Integer> oids)
      throws SQLException {
    String sql = COLUMNS.formatted("c.oid = any(?::bigint[]::oid[])");
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      query.setString(1, arrayOf(oids));
      return read(query);
    }
  }

  /** An array literal; OIDs are unsigned. */
  static String arrayOf(Collection<Integer> oids) {
    return oids.stream().map(Integer::toUnsignedString).collect(Collectors.joining(",", "{", "}"));
  }

  private static Map<Integer, Table> read(PreparedStatement query) throws SQLException {
    Map<Integer, Table> tables = new LinkedHashMap<>();
    List<Column> columns = new ArrayList<>();
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        columns.add(column(rows));
        if (rows.getBoolean(14)) {
          Table table = table(rows, columns);
          tables.put(table.oid(), table);
          columns.clear();
        }
      }
    }
    return tables;
  }

  private static Table table(ResultSet row, List<Column> columns) throws SQLException {
    return new Table(
        (int) row.getLong(1),
        new RelationName(row.getString(2), row.getString(3)),
        row.getBoolean(4),
        columns,
        Optional.ofNullable(row.getString(15)));
  }

  private static Column column(ResultSet row) throws SQLException {
    return new Column(
        row.getString(5),
        row.getInt(6),
        row.getString(7),
        (int) row.getLong(8),
        row.getInt(9),
        row.getInt(10),
        row.getBoolean(11),
        Generation.valueOf(row.getString(12)),
        row.getInt(13),
        (int) row.getLong(16));
  }
}
