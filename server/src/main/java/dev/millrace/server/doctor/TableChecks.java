package dev.millrace.server.doctor;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The tables that are followed, and those that cannot be. */
final class TableChecks {

  /** So that a thousand tables with one fault do not hide the rest. */
  private static final int MOST = 50;

  /** Published tables, the partitions of a published one among them. */
  private static final String PUBLISHED =
      """
      select c.oid::regclass::text, c.relkind, c.relreplident, pg_has_role(c.relowner, 'usage'),
             has_table_privilege(c.oid, 'select'),
             has_schema_privilege(c.relnamespace, 'usage'),
             quote_ident(n.nspname),
             exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary),
             exists (select 1 from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
                      where p.pubname = ? and r.prrelid = c.oid
                        and (r.prqual is not null or r.prattrs is not null))
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p')
         and ((n.nspname, c.relname) in (select schemaname, tablename
                                           from pg_publication_tables where pubname = ?)
              or c.oid in (select r.prrelid
                             from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
                            where p.pubname = ?))
       order by 1
      """;

  private static final String UNLOGGED =
      """
      select c.oid::regclass::text from pg_class c
       where c.relkind = 'r' and c.relpersistence = 'u' order by 1
      """;

  private record Table(
      String name,
      boolean isPartitioned,
      boolean hasFullIdentity,
      boolean isOurs,
      boolean isReadable,
      boolean isSchemaOpen,
      String schema,
      boolean hasKey,
      boolean isCutDown) {}

  private TableChecks() {}

  static List<Finding> tables(Patient patient) throws SQLException {
    String publication = patient.usage().publication();
    List<Table> tables =
        patient.rows(PUBLISHED, TableChecks::read, publication, publication, publication);
    List<Finding> findings = new ArrayList<>();
    tables.forEach(table -> judge(patient, table, findings));
    if (findings.size() > MOST) {
      int more = findings.size() - MOST;
      findings.subList(MOST, findings.size()).clear();
      findings.add(Finding.problem("tables", more + " more findings on tables"));
    }
    findings.addFirst(
        Finding.ok(
            "tables",
            tables.isEmpty()
                ? "none is published yet; each is added when somebody asks for it"
                : "published: " + tables.size()));
    return findings;
  }

  private static Table read(ResultSet row) throws SQLException {
    return new Table(
        row.getString(1),
        row.getString(2).equals("p"),
        row.getString(3).equals("f"),
        row.getBoolean(4),
        row.getBoolean(5),
        row.getBoolean(6),
        row.getString(7),
        row.getBoolean(8),
        row.getBoolean(9));
  }

  private static void judge(Patient patient, Table table, List<Finding> findings) {
    String subject = "table " + table.name();
    // What is written to a partitioned table is written to its partitions, and they have it.
    if (!table.hasFullIdentity() && !table.isPartitioned()) {
      String owner = table.isOurs() ? "" : ", and is not owned by " + patient.role();
      findings.add(
          Finding.problem(
              subject,
              "has not its replica identity set to full" + owner,
              "ALTER TABLE %s REPLICA IDENTITY FULL".formatted(table.name())));
    }
    if (!table.isSchemaOpen()) {
      findings.add(
          Finding.problem(
              subject,
              patient.role() + " may not use its schema",
              "GRANT USAGE ON SCHEMA %s TO %s".formatted(table.schema(), patient.role())));
    }
    if (!table.isReadable()) {
      findings.add(
          Finding.problem(
              subject,
              patient.role() + " may not read it",
              "GRANT SELECT ON %s TO %s".formatted(table.name(), patient.role())));
    }
    if (table.isCutDown()) {
      findings.add(
          Finding.problem(
              subject,
              "is published with a row filter or a list of columns: changes are missing",
              "ALTER PUBLICATION %s DROP TABLE %s".formatted(patient.publication(), table.name()),
              "ALTER PUBLICATION %s ADD TABLE %s".formatted(patient.publication(), table.name())));
    }
    if (!table.hasKey()) {
      findings.add(
          Finding.note(subject, "has no primary key: all its columns are the key of a row")
              .then("add one with ALTER TABLE %s ADD PRIMARY KEY (...)".formatted(table.name())));
    }
  }

  static List<Finding> unlogged(Patient patient) throws SQLException {
    return patient.rows(UNLOGGED, row -> row.getString(1)).stream()
        .limit(MOST)
        .map(table ->
            Finding.note(
                "table " + table,
                "is unlogged, so it cannot be followed",
                "ALTER TABLE %s SET LOGGED".formatted(table)))
        .toList();
  }
}
