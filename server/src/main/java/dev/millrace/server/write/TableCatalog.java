package dev.millrace.server.write;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.write.ColumnType.Kind;
import dev.millrace.server.write.WritableColumn.Generation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The tables that roles may write to, as Postgres' catalogue has them: kept for a while, and looked
 * up anew before a change is refused because of them. Any thread.
 */
final class TableCatalog {

  private static final Duration KEPT = Duration.ofSeconds(10);

  private static final int MOST = 2_000;

  /** Where no user writes. */
  private static final Set<String> OWN_SCHEMAS =
      Set.of("millrace", "pg_catalog", "information_schema", "pg_toast");

  /**
   * A line for each column. Domains are followed to what they are made of, because that decides how
   * a value is written; the cast is to the domain.
   */
  private static final String COLUMNS =
      """
      with recursive rel as (
        select c.oid,
               c.relkind = 'r' and not c.relhasrules and not c.relhassubclass
               and not exists (select from pg_trigger t
                                where t.tgrelid = c.oid and not t.tgisinternal
                                  and t.tgtype::int & 19 = 19) as is_simple
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = ? and c.relname = ? and c.relkind in ('r', 'p')
           and has_schema_privilege(?, n.oid, 'usage')
           and (has_table_privilege(?, c.oid, 'select, insert, update, delete')
                or has_any_column_privilege(?, c.oid, 'select, insert, update'))),
      chain (type, at) as (
        select a.atttypid, a.atttypid from pg_attribute a join rel on rel.oid = a.attrelid
         where a.attnum > 0 and not a.attisdropped
        union
        select c.type, t.typbasetype from chain c join pg_type t on t.oid = c.at
         where t.typtype = 'd'),
      base as (
        select c.type, t.typname, t.typcategory, t.typelem
          from chain c join pg_type t on t.oid = c.at where t.typtype <> 'd')
      select rel.oid::bigint, a.attname, a.attnum,
             format_type(a.atttypid, -1), b.typname,
             case when b.typcategory = 'A' and b.typelem <> 0 then format_type(b.typelem, -1) end,
             coalesce(eb.typname, e.typname),
             case when a.atttypmod > 4 and b.typname in ('varchar', 'bpchar')
                  then a.atttypmod - 4 else -1 end,
             case when a.attgenerated <> '' or a.attidentity = 'a' then 'ALWAYS'
                  when a.attidentity = 'd' or a.atthasdef then 'DEFAULT'
                  else 'NONE' end,
             coalesce(k.place, -1), coalesce(k.operator, ''),
             has_column_privilege(?, rel.oid, a.attnum, 'select'),
             coalesce(not i.indimmediate, false), format_type(a.atttypid, a.atttypmod),
             rel.is_simple, exists (select from pg_constraint c where c.condeferrable)
        from rel
        join pg_attribute a on a.attrelid = rel.oid and a.attnum > 0 and not a.attisdropped
        join base b on b.type = a.atttypid
        left join pg_type e on b.typcategory = 'A' and e.oid = b.typelem
        left join pg_type eb on e.typtype = 'd' and eb.oid = e.typbasetype
        left join pg_index i on i.indrelid = rel.oid and i.indisprimary
        left join lateral (
          select k.place - 1 as place, format('operator(%I.%s)', n.nspname, o.oprname) as operator
            from unnest(i.indkey::int2[], i.indclass::oid[]) with ordinality
                   k (number, class, place)
            join pg_opclass c on c.oid = k.class and c.opcmethod = 403
            join pg_amop m on m.amopfamily = c.opcfamily and m.amopstrategy = 3
                          and m.amoplefttype = c.opcintype and m.amoprighttype = c.opcintype
            join pg_operator o on o.oid = m.amopopr
            join pg_namespace n on n.oid = o.oprnamespace
           where k.number = a.attnum and k.place <= i.indnkeyatts) k on true
       order by a.attnum
      """;

  private record Name(String role, RelationName table) {}

  private record Entry(Optional<WritableTable> table, Instant read) {}

  private final WritePolicies policies;
  private final InstantSource clock;
  private final Map<Name, Entry> entries = new ConcurrentHashMap<>();

  TableCatalog(WritePolicies policies, InstantSource clock) {
    this.policies = policies;
    this.clock = clock;
  }

  /** The table, or empty if there is none that the role may do anything with. */
  Optional<WritableTable> table(Connection connection, String role, RelationName table)
      throws SQLException {
    return table(connection, role, table, clock.instant().minus(KEPT));
  }

  /** The same, as it was at some time or later. */
  Optional<WritableTable> table(
      Connection connection, String role, RelationName table, Instant since) throws SQLException {
    if (OWN_SCHEMAS.contains(table.schema())) {
      return Optional.empty();
    }
    Name name = new Name(role, table);
    Entry entry = entries.get(name);
    if (entry == null || entry.read().isBefore(since)) {
      entry = new Entry(read(connection, name), clock.instant());
      if (entries.size() >= MOST) {
        entries.clear();
      }
      entries.put(name, entry);
    }
    return entry.table();
  }

  Instant now() {
    return clock.instant();
  }

  /** Has everything looked up again. */
  void forget() {
    entries.clear();
  }

  private Optional<WritableTable> read(Connection connection, Name name) throws SQLException {
    try (Statement settings = connection.createStatement();
        PreparedStatement query = connection.prepareStatement(COLUMNS)) {
      // With this every name of a type comes with its schema.
      settings.execute("set search_path = pg_catalog, pg_temp");
      query.setString(1, name.table().schema());
      query.setString(2, name.table().table());
      for (int i = 3; i <= 6; i++) {
        query.setString(i, name.role());
      }
      try (ResultSet rows = query.executeQuery()) {
        return read(rows, name.table());
      } finally {
        settings.execute("reset search_path");
      }
    }
  }

  private Optional<WritableTable> read(ResultSet rows, RelationName name) throws SQLException {
    List<WritableColumn> columns = new ArrayList<>();
    long oid = 0;
    boolean hasLateKey = false;
    boolean hasLateChecks = false;
    boolean isSimple = false;
    while (rows.next()) {
      oid = rows.getLong(1);
      hasLateKey = rows.getBoolean(13);
      isSimple = rows.getBoolean(15);
      hasLateChecks = rows.getBoolean(16);
      columns.add(column(rows));
    }
    return columns.isEmpty()
        ? Optional.empty()
        : Optional.of(
            WritableTable.of(
                oid, name, columns, hasLateKey, hasLateChecks, isSimple, policies.of(name)));
  }

  private static WritableColumn column(ResultSet row) throws SQLException {
    return new WritableColumn(
        row.getString(2),
        row.getInt(3),
        type(row),
        Generation.valueOf(row.getString(9)),
        row.getInt(10),
        row.getString(11),
        row.getBoolean(12));
  }

  private static ColumnType type(ResultSet row) throws SQLException {
    String elementSql = row.getString(6);
    if (elementSql == null) {
      return new ColumnType(
          row.getString(4),
          row.getString(14),
          kind(row.getString(5)),
          row.getInt(8),
          Optional.empty());
    }
    ColumnType element =
        new ColumnType(elementSql, elementSql, kind(row.getString(7)), -1, Optional.empty());
    return new ColumnType(
        row.getString(4), row.getString(14), Kind.ARRAY, -1, Optional.of(element));
  }

  private static Kind kind(@Nullable String baseType) {
    return switch (baseType) {
      case "int2", "int4", "int8", "oid" -> Kind.INTEGER;
      case "numeric", "float4", "float8", "money" -> Kind.NUMBER;
      case "bool" -> Kind.BOOLEAN;
      case "uuid" -> Kind.UUID;
      case "timestamp", "timestamptz" -> Kind.TIMESTAMP;
      case "date" -> Kind.DATE;
      case "json", "jsonb" -> Kind.JSON;
      case "text",
          "varchar",
          "bpchar",
          "name",
          "bytea",
          "interval",
          "time",
          "timetz",
          "inet",
          "cidr",
          "macaddr",
          "bit",
          "varbit",
          "xml",
          "char" ->
          Kind.TEXT;
      case null, default -> Kind.OTHER;
    };
  }
}
