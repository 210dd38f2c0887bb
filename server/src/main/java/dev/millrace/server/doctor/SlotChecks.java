package dev.millrace.server.doctor;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The replication slot, the WAL it keeps in Postgres, and the slots of others that do the same. */
final class SlotChecks {

  private static final String SUBJECT = "slot";
  private static final long MIB = 1L << 20;

  /** Above this share of the limit a slot that lags is worth a warning. */
  private static final double HIGH = 0.5;

  private static final String READ =
      """
      select slot_name, coalesce(plugin, slot_type), coalesce(database, ''), current_database(),
             coalesce(active_pid, 0), coalesce(wal_status, ''), coalesce(safe_wal_size, -1),
             coalesce(pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
                                           else pg_current_wal_lsn() end, restart_lsn), 0)::bigint
        from pg_replication_slots s
      """;

  private record Slot(
      String name,
      String plugin,
      String database,
      String here,
      int pid,
      String walStatus,
      long safeBytes,
      long retainedBytes) {

    String drop() {
      return "SELECT pg_drop_replication_slot(%s)".formatted(Patient.literal(name));
    }

    String retained() {
      return "keeps " + size(retainedBytes) + " of WAL";
    }
  }

  private SlotChecks() {}

  private static String size(long bytes) {
    return bytes < MIB
        ? Math.ceilDiv(Math.max(bytes, 0), 1024) + " KiB"
        : Math.ceilDiv(bytes, MIB) + " MiB";
  }

  private static List<Slot> read(Patient patient, String where, String... values)
      throws SQLException {
    return patient.rows(READ + where, SlotChecks::slot, values);
  }

  private static Slot slot(ResultSet row) throws SQLException {
    return new Slot(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getInt(5),
        row.getString(6),
        row.getLong(7),
        row.getLong(8));
  }

  static List<Finding> slot(Patient patient) throws SQLException {
    String name = patient.usage().slot();
    List<Slot> found = read(patient, "where slot_name = ?", name);
    if (found.isEmpty()) {
      return List.of(
          Finding.note(SUBJECT, name + " is not there; the server makes it when it starts"));
    }
    Slot slot = found.getFirst();
    if (!slot.plugin().equals("pgoutput") || !slot.database().equals(slot.here())) {
      return List.of(foreign(slot));
    }
    return List.of(health(patient, slot));
  }

  private static Finding foreign(Slot slot) {
    String whose =
        slot.plugin().equals("pgoutput")
            ? "belongs to the database " + slot.database()
            : "is of another kind (" + slot.plugin() + ")";
    String text = "%s %s: slots have names in a whole cluster".formatted(slot.name(), whose);
    return Finding.problem(SUBJECT, text)
        .then(
            "set MILLRACE_REPLICATION_STREAM_ID to a name of this server's own; or, if nobody needs"
                + " it: "
                + slot.drop());
  }

  private static Finding health(Patient patient, Slot slot) throws SQLException {
    String user =
        slot.pid() == 0 ? "nobody follows it" : "Postgres process " + slot.pid() + " follows it";
    String state = "%s %s, %s".formatted(slot.name(), slot.retained(), user);
    return switch (slot.walStatus()) {
      case "lost" ->
          Finding.problem(
                  SUBJECT,
                  slot.name() + " is lost: Postgres has removed WAL it needed, or given it up",
                  slot.drop())
              .then("or start the server, which makes it anew; all shapes begin anew");
      case "unreserved" ->
          raiseLimit(
              patient,
              Finding.problem(SUBJECT, state + "; it is lost at the next checkpoint"),
              slot);
      default -> lag(patient, slot, state);
    };
  }

  private static Finding lag(Patient patient, Slot slot, String state) throws SQLException {
    long limit = patient.number("max_slot_wal_keep_size") * MIB;
    boolean isHigh = limit > 0 && slot.retainedBytes() > limit * HIGH;
    if (isHigh) {
      String text = "%s, and is lost in %s more".formatted(state, size(slot.safeBytes()));
      return raiseLimit(patient, Finding.warning(SUBJECT, text), slot);
    }
    if (slot.pid() == 0) {
      return Finding.note(SUBJECT, state).then("start the server; or, for good: " + slot.drop());
    }
    return Finding.ok(SUBJECT, state);
  }

  private static Finding raiseLimit(Patient patient, Finding finding, Slot slot) {
    long enough = Math.max(1024, Math.ceilDiv(4 * slot.retainedBytes(), MIB));
    return patient.mendSetting(finding, "max_slot_wal_keep_size", enough + "MB", false);
  }

  static List<Finding> limits(Patient patient) throws SQLException {
    List<Finding> findings = new ArrayList<>();
    int limit = patient.number("max_slot_wal_keep_size");
    if (limit < 0) {
      Finding finding =
          Finding.warning(
              "max_slot_wal_keep_size",
              "is -1: while the server is stopped its slot keeps WAL until the disk is full");
      findings.add(patient.mendSetting(finding, "max_slot_wal_keep_size", "50GB", false));
    } else {
      findings.add(Finding.ok("max_slot_wal_keep_size", size(limit * MIB)));
    }
    String idle =
        patient.value(
            "select coalesce(current_setting('idle_replication_slot_timeout', true), '0')");
    if (!idle.equals("0")) {
      findings.add(
          Finding.note(
              "idle slots",
              "a server that is stopped for longer than %s loses its slot (idle_replication_slot_timeout), and all shapes begin anew"
                  .formatted(idle)));
    }
    return findings;
  }

  static List<Finding> others(Patient patient) throws SQLException {
    String idle =
        "where slot_name <> ? and not active and restart_lsn is not null and not temporary"
            + " order by restart_lsn limit 20";
    return read(patient, idle, patient.usage().slot()).stream()
        .map(slot ->
            Finding.warning(
                "slot " + slot.name(),
                "of somebody else: nobody follows it, and it " + slot.retained(),
                slot.drop()))
        .toList();
  }
}
