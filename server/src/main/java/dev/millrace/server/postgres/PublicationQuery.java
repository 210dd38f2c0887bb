package dev.millrace.server.postgres;

import dev.millrace.protocol.RelationName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads from the catalogue what is published and how tables are partitioned: four queries for any
 * number of tables. On one connection.
 *
 * <p>Parentage needs a query because the stream does not tell it: a change of a partition comes
 * under the partition's own OID.
 */
final class PublicationQuery {

  /**
   * A row for each table and entry. A partition is published with any of its ancestors. Entries
   * with a row filter or a column list publish a part only, and do not count.
   */
  private static final String ENTRIES =
      """
      with wanted as (select unnest(?::bigint[]::oid[]) as oid),
           kin as (
             select oid, oid as relid from wanted
             union select oid, a.relid::oid from wanted, pg_partition_ancestors(oid) a)
      select c.oid, c.relreplident = 'f', e.name, e.since
        from wanted w
        join pg_class c on c.oid = w.oid
        left join (
          select k.oid, 'table ' || r.oid as name, r.xmin::text::bigint as since
            from kin k
            join pg_publication_rel r on r.prrelid = k.relid
            join pg_publication p on p.oid = r.prpubid
           where p.pubname = ? and r.prqual is null and r.prattrs is null
          union all
          select k.oid, 'schema ' || n.oid, n.xmin::text::bigint
            from kin k
            join pg_class c on c.oid = k.relid
            join pg_publication_namespace n on n.pnnspid = c.relnamespace
            join pg_publication p on p.oid = n.pnpubid
           where p.pubname = ?
          union all
          select w.oid, 'all ' || p.oid, 0
            from wanted w, pg_publication p
           where p.pubname = ? and p.puballtables
        ) e on e.oid = c.oid
      """;

  /**
   * A row for each partitioned table and table below it. One that is created as a partition gets
   * its parent two commands after its columns, in the same transaction; one that is attached later
   * gets it at least three commands later, because its own creation ends between.
   */
  private static final String PARTITIONS =
      """
      with recursive tree as (
        select i.inhparent as root, i.inhrelid as oid, i.inhparent as parent,
               i.xmin::text::bigint as since, i.cmin::text::bigint as command
          from pg_inherits i
          join pg_class r on r.oid = i.inhparent and r.relkind = 'p'
         where i.inhparent = any(?::bigint[]::oid[]) and not i.inhdetachpending
        union all
        select t.root, i.inhrelid, i.inhparent, i.xmin::text::bigint, i.cmin::text::bigint
          from tree t
          join pg_inherits i on i.inhparent = t.oid and not i.inhdetachpending)
      select t.root, t.oid, n.nspname, c.relname, t.parent, t.since,
             a.xmin::text::bigint = t.since and t.command - a.cmin::text::bigint <= 2,
             c.relkind <> 'p', c.relreplident = 'f'
        from tree t
        join pg_class c on c.oid = t.oid
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum = -1
       order by t.root, t.oid
      """;

  /** A row for each label of the enums that columns have, by themselves, in arrays or domains. */
  private static final String LABELS =
      """
      with recursive used as (
        select a.attrelid, a.atttypid as type
          from pg_attribute a
         where a.attrelid = any(?::bigint[]::oid[]) and a.attnum > 0 and not a.attisdropped
           and a.atttypid >= 16384
        union
        select u.attrelid, case t.typtype when 'd' then t.typbasetype else t.typelem end
          from used u join pg_type t on t.oid = u.type
         where t.typtype = 'd' or t.typelem <> 0)
      select u.attrelid, e.oid, e.enumlabel from used u join pg_enum e on e.enumtypid = u.type
      """;

  private final Connection connection;
  private final String publication;

  PublicationQuery(Connection connection, String publication) {
    this.connection = connection;
    this.publication = publication;
  }

  /** The tables of those OIDs; dropped ones are left out. */
  Map<Integer, PublishedTable> tables(Collection<Integer> oids) throws SQLException {
    Map<Integer, Table> tables = Catalog.read(connection, oids);
    Map<Integer, List<Partition>> partitions =
        partitions(tables.values().stream().filter(Table::isPartitioned).map(Table::oid).toList());
    Map<Integer, Set<PublishedTable.Entry>> entries = new HashMap<>();
    Set<Integer> full = new HashSet<>();
    readEntries(tables.keySet(), entries, full);
    Map<Integer, Map<Integer, String>> labels = labels(tables.keySet());
    Map<Integer, PublishedTable> published = new LinkedHashMap<>();
    tables.forEach((oid, table) ->
        published.put(
            oid,
            new PublishedTable(
                table,
                entries.getOrDefault(oid, Set.of()),
                full.contains(oid),
                partitions.getOrDefault(oid, List.of()),
                labels.getOrDefault(oid, Map.of()))));
    return published;
  }

  private Map<Integer, Map<Integer, String>> labels(Collection<Integer> oids) throws SQLException {
    Map<Integer, Map<Integer, String>> labels = new HashMap<>();
    try (PreparedStatement query = connection.prepareStatement(LABELS)) {
      query.setString(1, Catalog.arrayOf(oids));
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          labels
              .computeIfAbsent((int) rows.getLong(1), oid -> new HashMap<>())
              .put((int) rows.getLong(2), rows.getString(3));
        }
      }
    }
    return labels;
  }

  private void readEntries(
      Collection<Integer> oids, Map<Integer, Set<PublishedTable.Entry>> entries, Set<Integer> full)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(ENTRIES)) {
      query.setString(1, Catalog.arrayOf(oids));
      query.setString(2, publication);
      query.setString(3, publication);
      query.setString(4, publication);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          int oid = (int) rows.getLong(1);
          if (rows.getBoolean(2)) {
            full.add(oid);
          }
          String name = rows.getString(3);
          if (name != null) {
            entries
                .computeIfAbsent(oid, o -> new HashSet<>())
                .add(new PublishedTable.Entry(name, (int) rows.getLong(4)));
          }
        }
      }
    }
  }

  /** All partitions below each of these tables. */
  Map<Integer, List<Partition>> partitions(Collection<Integer> roots) throws SQLException {
    Map<Integer, List<Partition>> partitions = new LinkedHashMap<>();
    if (roots.isEmpty()) {
      return partitions;
    }
    try (PreparedStatement query = connection.prepareStatement(PARTITIONS)) {
      query.setString(1, Catalog.arrayOf(roots));
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          partitions
              .computeIfAbsent((int) rows.getLong(1), root -> new ArrayList<>())
              .add(partition(rows));
        }
      }
    }
    return partitions;
  }

  private static Partition partition(ResultSet row) throws SQLException {
    return new Partition(
        (int) row.getLong(2),
        new RelationName(row.getString(3), row.getString(4)),
        (int) row.getLong(5),
        (int) row.getLong(6),
        row.getBoolean(7),
        row.getBoolean(8),
        row.getBoolean(9));
  }
}
