package dev.millrace.server.doctor;

import dev.millrace.protocol.SqlIdentifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What the write path needs: a schema of its own, and the roles that users act as. */
final class WriteChecks {

  private static final String SUBJECT = "schema millrace";
  private static final int GRANTS_SAY_SET_SINCE = 16_00_00;

  private static final String SCHEMA =
      """
      select pg_has_role(n.nspowner, 'usage'), pg_get_userbyid(n.nspowner)
        from pg_namespace n where n.nspname = 'millrace'
      """;

  private static final String FOREIGN_TABLES =
      """
      select quote_ident(c.relname), pg_get_userbyid(c.relowner)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'millrace' and c.relkind in ('r', 'p')
         and not pg_has_role(c.relowner, 'usage')
       order by c.relname
      """;

  private static final String MAY_CREATE =
      "select has_database_privilege(current_database(), 'CREATE')";

  /** As when the server lets a user in. */
  private static final String ROLE =
      """
      select r.rolsuper or r.rolbypassrls, pg_has_role(r.oid, current_user, 'usage'),
             pg_has_role(current_user, r.oid,
               case when current_setting('server_version_num')::int >= 160000
                    then 'set' else 'member' end)
        from pg_roles r where r.rolname = ?
      """;

  private record UserRole(boolean isAbove, boolean isServer, boolean isOpen) {}

  private WriteChecks() {}

  /** Nothing if nobody writes. */
  static List<Finding> schema(Patient patient) throws SQLException {
    if (patient.usage().userRoles().isEmpty()) {
      return List.of();
    }
    List<Finding> found =
        patient.rows(
            SCHEMA,
            row ->
                row.getBoolean(1)
                    ? Finding.ok(SUBJECT, "is there")
                    : foreign(patient, "it", row.getString(2), "SCHEMA millrace"));
    if (found.isEmpty()) {
      return List.of(missing(patient));
    }
    List<Finding> findings = new ArrayList<>(found);
    findings.addAll(
        patient.rows(
            FOREIGN_TABLES,
            row ->
                foreign(
                    patient,
                    row.getString(1),
                    row.getString(2),
                    "TABLE millrace." + row.getString(1))));
    return findings;
  }

  private static Finding foreign(Patient patient, String what, String owner, String thing) {
    return Finding.problem(
        SUBJECT,
        "%s belongs to %s, so the server cannot keep it".formatted(what, owner),
        "ALTER %s OWNER TO %s".formatted(thing, patient.role()));
  }

  private static Finding missing(Patient patient) throws SQLException {
    String mend = "CREATE SCHEMA millrace AUTHORIZATION " + patient.role();
    if (patient.holds(MAY_CREATE)) {
      return Finding.note(SUBJECT, "is not there; the server makes it when it starts", mend)
          .then("or nothing");
    }
    return Finding.problem(
        SUBJECT, "is not there, and %s may not make it".formatted(patient.role()), mend);
  }

  /** A line for each role that users may act as. */
  static List<Finding> roles(Patient patient) throws SQLException {
    List<Finding> findings = new ArrayList<>();
    Set<String> names = patient.usage().userRoles();
    for (String name : names) {
      List<UserRole> found = patient.rows(ROLE, WriteChecks::read, name);
      findings.add(
          found.isEmpty() ? absent(patient, name) : judge(patient, name, found.getFirst()));
    }
    return findings;
  }

  private static UserRole read(ResultSet row) throws SQLException {
    return new UserRole(row.getBoolean(1), row.getBoolean(2), row.getBoolean(3));
  }

  private static String subject(String name) {
    return "role " + name;
  }

  private static Finding absent(Patient patient, String name) {
    return Finding.problem(
        subject(name),
        "is not there; users act as it",
        "CREATE ROLE %s NOLOGIN".formatted(SqlIdentifier.quote(name)),
        grant(patient, name));
  }

  private static Finding judge(Patient patient, String name, UserRole role) {
    String quoted = SqlIdentifier.quote(name);
    if (role.isAbove()) {
      return Finding.problem(
          subject(name),
          "is above all policies, so users may not act as it",
          "ALTER ROLE %s NOSUPERUSER NOBYPASSRLS".formatted(quoted));
    }
    if (role.isServer()) {
      return Finding.problem(
          subject(name),
          "may act as %s, so users may not act as it".formatted(patient.role()),
          "REVOKE %s FROM %s".formatted(patient.role(), quoted));
    }
    if (!role.isOpen()) {
      return Finding.problem(
          subject(name),
          "%s cannot become it, so users cannot write".formatted(patient.role()),
          grant(patient, name));
    }
    return Finding.ok(subject(name), "users can act as it");
  }

  private static String grant(Patient patient, String name) {
    return "GRANT %s TO %s%s"
        .formatted(
            SqlIdentifier.quote(name),
            patient.role(),
            patient.version() >= GRANTS_SAY_SET_SINCE ? " WITH SET TRUE" : "");
  }
}
