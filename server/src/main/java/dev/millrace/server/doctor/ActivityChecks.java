package dev.millrace.server.doctor;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Transactions that have run for longer than the server waits for a lock: a table they have touched
 * cannot be published for the first time, and a slot cannot be made, before they end.
 */
final class ActivityChecks {

  private static final String SUBJECT = "transactions";

  private static final String LONG =
      """
      select a.pid, coalesce(nullif(a.application_name, ''), 'a program without a name'),
             extract(epoch from clock_timestamp() - a.xact_start)::bigint, a.state
        from pg_stat_activity a
       where a.datname = current_database() and a.pid <> pg_backend_pid()
         and a.xact_start < clock_timestamp() - interval '10 seconds'
         and (a.backend_xid is not null
              or exists (select 1 from pg_locks l
                          where l.pid = a.pid and l.locktype = 'relation' and l.relation >= 16384))
       order by a.xact_start limit 20
      """;

  private static final String HIDDEN =
      """
      select count(*) from pg_stat_activity
       where datname = current_database() and query = '<insufficient privilege>'
      """;

  private static final String PREPARED =
      """
      select gid from pg_prepared_xacts
       where database = current_database()
         and prepared < clock_timestamp() - interval '10 seconds'
       order by prepared limit 20
      """;

  private ActivityChecks() {}

  static List<Finding> transactions(Patient patient) throws SQLException {
    List<Finding> findings = new ArrayList<>();
    findings.addAll(
        patient.rows(
            LONG,
            row ->
                Finding.warning(
                    SUBJECT,
                    "process %s (%s) has had one open for %s s, %s: tables it touched cannot be published"
                        .formatted(
                            row.getString(1), row.getString(2), row.getString(3), row.getString(4)),
                    "SELECT pg_terminate_backend(%s)".formatted(row.getString(1)))));
    String hidden = patient.value(HIDDEN);
    if (!hidden.equals("0")) {
      findings.add(
          Finding.unknown(
              SUBJECT,
              "%s may not see what %s sessions of other roles do".formatted(patient.role(), hidden),
              "GRANT pg_read_all_stats TO " + patient.role()));
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok(SUBJECT, "none is open for long"));
    }
    return findings;
  }

  static List<Finding> prepared(Patient patient) throws SQLException {
    return patient.rows(
        PREPARED,
        row ->
            Finding.warning(
                    "prepared transactions",
                    "%s waits for its second phase and holds its locks".formatted(row.getString(1)),
                    "ROLLBACK PREPARED " + Patient.literal(row.getString(1)))
                .then("or COMMIT PREPARED, as its author knows"));
  }
}
