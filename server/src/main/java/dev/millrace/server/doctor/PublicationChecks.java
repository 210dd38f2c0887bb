package dev.millrace.server.doctor;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The publication, which says what the replication stream carries. */
final class PublicationChecks {

  private static final String SUBJECT = "publication";
  private static final int GENERATED_COLUMNS_SINCE = 18_00_00;

  private static final String READ =
      """
      select pg_has_role(p.pubowner, 'usage'), pg_get_userbyid(p.pubowner), p.puballtables,
             p.pubinsert and p.pubupdate and p.pubdelete and p.pubtruncate, p.pubviaroot,
             coalesce(to_jsonb(p) ->> 'pubgencols', '')
        from pg_publication p where p.pubname = ?
      """;

  private static final String MAY_CREATE =
      "select has_database_privilege(current_database(), 'CREATE')";

  private record Publication(
      boolean isOurs,
      String owner,
      boolean hasAllTables,
      boolean isWhole,
      boolean isViaRoot,
      String generated) {}

  private PublicationChecks() {}

  static List<Finding> publication(Patient patient) throws SQLException {
    List<Publication> found =
        patient.rows(READ, PublicationChecks::read, patient.usage().publication());
    return found.isEmpty() ? missing(patient) : judge(patient, found.getFirst());
  }

  private static Publication read(ResultSet row) throws SQLException {
    return new Publication(
        row.getBoolean(1),
        row.getString(2),
        row.getBoolean(3),
        row.getBoolean(4),
        row.getBoolean(5),
        row.getString(6));
  }

  private static List<Finding> missing(Patient patient) throws SQLException {
    String text = patient.publication() + " is not there";
    if (patient.holds(MAY_CREATE)) {
      return List.of(
          Finding.note(
                  SUBJECT,
                  text + "; the server makes it when it starts",
                  "CREATE PUBLICATION " + patient.publication())
              .then("or nothing"));
    }
    return List.of(
        Finding.problem(
            SUBJECT,
            "%s, and %s may not make it".formatted(text, patient.role()),
            "GRANT CREATE ON DATABASE %s TO %s".formatted(patient.database(), patient.role())));
  }

  private static List<Finding> judge(Patient patient, Publication publication) throws SQLException {
    String name = patient.publication();
    List<Finding> findings = new ArrayList<>();
    if (!publication.isOurs() && !publication.hasAllTables()) {
      findings.add(
          Finding.problem(
              SUBJECT,
              "%s belongs to %s, so the server cannot add tables"
                  .formatted(name, publication.owner()),
              takeOver(patient)));
    }
    if (!publication.isWhole()) {
      findings.add(
          Finding.problem(
              SUBJECT,
              name + " leaves out inserts, updates, deletes or truncates",
              "ALTER PUBLICATION %s SET (publish = 'insert, update, delete, truncate')"
                  .formatted(name)));
    }
    if (publication.isViaRoot()) {
      findings.add(
          Finding.problem(
              SUBJECT,
              name + " hides which partition a change is of",
              "ALTER PUBLICATION %s SET (publish_via_partition_root = false)".formatted(name)));
    }
    if (patient.version() >= GENERATED_COLUMNS_SINCE && publication.generated().equals("n")) {
      findings.add(
          Finding.note(
              SUBJECT,
              name + " leaves out generated columns",
              "ALTER PUBLICATION %s SET (publish_generated_columns = stored)".formatted(name)));
    }
    if (findings.stream().noneMatch(finding -> finding.level() == Finding.Level.PROBLEM)) {
      findings.addFirst(Finding.ok(SUBJECT, name + " is there"));
    }
    return findings;
  }

  /** A new owner must be allowed to create publications. */
  private static String[] takeOver(Patient patient) throws SQLException {
    String own =
        "ALTER PUBLICATION %s OWNER TO %s".formatted(patient.publication(), patient.role());
    return patient.holds(MAY_CREATE)
        ? new String[] {own}
        : new String[] {
          "GRANT CREATE ON DATABASE %s TO %s".formatted(patient.database(), patient.role()), own
        };
  }
}
