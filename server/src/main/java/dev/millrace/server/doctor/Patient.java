package dev.millrace.server.doctor;

import dev.millrace.protocol.SqlIdentifier;
import dev.millrace.server.postgres.DatabaseUrl;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The Postgres that is looked at, by a connection that cannot write, and how a server would use it.
 *
 * @param version as {@code server_version_num} has it
 * @param isAmazon whether settings are in a parameter group rather than in the hands of SQL
 */
record Patient(Connection connection, Usage usage, int version, boolean isAmazon) {

  /**
   * What the settings of the server say.
   *
   * @param userRoles those that users may act as; none if it takes no tokens
   */
  record Usage(
      DatabaseUrl url, String publication, String slot, int poolSize, Set<String> userRoles) {}

  /** Reads one row. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  static Patient of(Connection connection, Usage usage) throws SQLException {
    Patient stranger = new Patient(connection, usage, 0, false);
    int version = Integer.parseInt(stranger.setting("server_version_num"));
    boolean isAmazon =
        !stranger
            .rows("select 1 from pg_roles where rolname = 'rds_superuser'", row -> row.getInt(1))
            .isEmpty();
    return new Patient(connection, usage, version, isAmazon);
  }

  <T> List<T> rows(String sql, Row<T> reader, String... values) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        query.setString(i + 1, values[i]);
      }
      try (ResultSet row = query.executeQuery()) {
        List<T> rows = new ArrayList<>();
        while (row.next()) {
          rows.add(reader.read(row));
        }
        return rows;
      }
    }
  }

  /** The first column of the only row. */
  String value(String sql, String... values) throws SQLException {
    return rows(sql, row -> String.valueOf(row.getString(1)), values).getFirst();
  }

  boolean holds(String sql, String... values) throws SQLException {
    return value(sql, values).equals("t");
  }

  /** What a setting is in this session, in its own unit; empty if this version has none such. */
  String setting(String name) throws SQLException {
    List<String> found =
        rows("select setting from pg_settings where name = ?", row -> row.getString(1), name);
    return found.isEmpty() ? "" : found.getFirst();
  }

  int number(String setting) throws SQLException {
    String text = setting(setting);
    return text.isEmpty() ? 0 : Integer.parseInt(text);
  }

  /** Has the finding say how to change a setting here. */
  Finding mendSetting(Finding finding, String name, String value, boolean needsRestart) {
    if (isAmazon) {
      String parameter =
          name.equals("wal_level") ? "rds.logical_replication = 1" : name + " = " + value;
      return finding.then(
          "set %s in the parameter group%s"
              .formatted(parameter, needsRestart ? " and reboot" : ""));
    }
    String alter = "ALTER SYSTEM SET %s = '%s'".formatted(name, value);
    return needsRestart
        ? new Finding(
            finding.level(),
            finding.subject(),
            finding.text(),
            List.of(alter),
            "then restart Postgres")
        : new Finding(
            finding.level(),
            finding.subject(),
            finding.text(),
            List.of(alter, "SELECT pg_reload_conf()"),
            "");
  }

  /** The role as SQL writes it. */
  String role() {
    return SqlIdentifier.quote(usage.url().user());
  }

  String database() {
    return SqlIdentifier.quote(usage.url().database());
  }

  String publication() {
    return SqlIdentifier.quote(usage.publication());
  }

  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
