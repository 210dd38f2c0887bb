package dev.millrace.server.doctor;

import java.sql.SQLException;
import java.util.List;

/** What the role of {@code DATABASE_URL} may do. */
final class RoleChecks {

  private static final String REPLICATION =
      "select rolsuper or rolreplication from pg_roles where rolname = current_user";

  /** Amazon grants replication by membership; a role's own attribute cannot be set there. */
  private static final String AMAZON =
      """
      select exists (select 1 from pg_roles
                      where rolname = 'rds_replication' and pg_has_role(oid, 'member'))
      """;

  private RoleChecks() {}

  /** Postgres reads a where clause as the definition of a temporary table. */
  static List<Finding> temporaryTables(Patient patient) throws SQLException {
    if (patient.holds("select has_database_privilege(current_database(), 'temporary')")) {
      return List.of();
    }
    return List.of(
        Finding.problem(
            "role",
            patient.role() + " may not make temporary tables, by which where clauses are read",
            "GRANT TEMPORARY ON DATABASE %s TO %s".formatted(patient.database(), patient.role())));
  }

  static List<Finding> replication(Patient patient) throws SQLException {
    if (patient.holds(REPLICATION) || patient.holds(AMAZON)) {
      return List.of(Finding.ok("role", patient.role() + " may replicate"));
    }
    String mend =
        patient.isAmazon()
            ? "GRANT rds_replication TO " + patient.role()
            : "ALTER ROLE " + patient.role() + " REPLICATION";
    return List.of(Finding.problem("role", patient.role() + " may not replicate", mend));
  }
}
