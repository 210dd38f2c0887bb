package dev.millrace.server.doctor;

import java.sql.SQLException;
import java.util.List;

/** What concerns the whole server: its version and the settings it runs with. */
final class ServerChecks {

  private static final int OLDEST = 15_00_00;

  /** What a server has to spare when it is told to have more. */
  private static final int MORE = 10;

  /** Of the sessions of other roles a role without privileges sees little but the database. */
  private static final String BUSY =
      """
      select count(*) from pg_stat_activity
       where pid <> pg_backend_pid()
         and (backend_type = 'client backend' or backend_type is null and datname is not null)
      """;

  private ServerChecks() {}

  static List<Finding> version(Patient patient) throws SQLException {
    String version = "Postgres " + patient.setting("server_version");
    return List.of(
        patient.version() >= OLDEST
            ? Finding.ok("version", version)
            : Finding.problem("version", version + ": 15 is the oldest that is supported")
                .then("upgrade Postgres"));
  }

  static List<Finding> standby(Patient patient) throws SQLException {
    return List.of(
        patient.holds("select pg_is_in_recovery()")
            ? Finding.problem("standby", "this is a standby, which has no publications of its own")
                .then("set DATABASE_URL to the primary, or promote this one")
            : Finding.ok("standby", "this is a primary"));
  }

  static List<Finding> walLevel(Patient patient) throws SQLException {
    String level = patient.setting("wal_level");
    if (level.equals("logical")) {
      return List.of(Finding.ok("wal_level", level));
    }
    Finding finding = Finding.problem("wal_level", "is '" + level + "' and must be 'logical'");
    return List.of(patient.mendSetting(finding, "wal_level", "logical", true));
  }

  static List<Finding> slots(Patient patient) throws SQLException {
    int used = Integer.parseInt(patient.value("select count(*) from pg_replication_slots"));
    String ours = "select exists (select 1 from pg_replication_slots where slot_name = ?)";
    boolean isThere = patient.holds(ours, patient.usage().slot());
    return room(patient, "max_replication_slots", used, isThere);
  }

  static List<Finding> senders(Patient patient) throws SQLException {
    int used = Integer.parseInt(patient.value("select count(*) from pg_stat_replication"));
    String ours =
        "select exists (select 1 from pg_replication_slots where slot_name = ? and active)";
    boolean isThere = patient.holds(ours, patient.usage().slot());
    return room(patient, "max_wal_senders", used, isThere);
  }

  private static List<Finding> room(Patient patient, String setting, int used, boolean isThere)
      throws SQLException {
    int most = patient.number(setting);
    String text = "%d of %d are free".formatted(Math.max(0, most - used), most);
    if (used < most || isThere) {
      return List.of(Finding.ok(setting, text));
    }
    String more = Integer.toString(most + MORE);
    return List.of(patient.mendSetting(Finding.problem(setting, text), setting, more, true));
  }

  static List<Finding> connections(Patient patient) throws SQLException {
    int pool = patient.usage().poolSize();
    int most =
        patient.number("max_connections")
            - patient.number("superuser_reserved_connections")
            - patient.number("reserved_connections");
    int free = most - Integer.parseInt(patient.value(BUSY));
    String text =
        "%d of %d are free, the pool takes up to %d (MILLRACE_DB_POOL_SIZE)"
            .formatted(Math.max(0, free), most, pool);
    if (free >= pool) {
      return List.of(Finding.ok("max_connections", text));
    }
    // A server that is running may be what takes them, so this is no problem by itself.
    String more = Integer.toString(patient.number("max_connections") + pool);
    Finding warning = Finding.warning("max_connections", text);
    return List.of(patient.mendSetting(warning, "max_connections", more, true));
  }
}
